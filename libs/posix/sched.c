/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling of the one thread on the one processor. */
#include <stdint.h>
#include <uk/errno.h>
#include <uk/posix.h>

enum {
	/* What the kernel answers for the usual niceness, 0: getpriority(2), "C library/kernel differences". */
	PRIORITY_USUAL = 20,
};

long uk_sys_sched_yield(void)
{
	return 0;
}

/* Returns how many bytes of the mask were written: one word. */
long uk_sys_sched_getaffinity(long pid, long bytes, long ret_mask)
{
	if (pid != 0 && pid != uk_sys_getpid())
		return -UK_ESRCH;
	if (bytes < (long)sizeof(uint64_t))
		return -UK_EINVAL;
	*(uint64_t *)ret_mask = 1;
	return sizeof(uint64_t);
}

long uk_sys_getpriority(long which, long who)
{
	(void)which;
	(void)who;
	return PRIORITY_USUAL;
}
