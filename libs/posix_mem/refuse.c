/* SPDX-License-Identifier: BSD-2-Clause */
/* What cannot be had: changing rights, and a data segment that grows. */
#include <uk/errno.h>
#include <uk/posix_mem.h>

long uk_sys_mprotect(long addr, long len, long prot)
{
	(void)addr;
	(void)len;
	(void)prot;
	return -UK_ENOSYS;
}

long uk_sys_brk(long addr)
{
	(void)addr;
	return 0;
}
