/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs: process 1, thread 1, user and group 0, no parent. */
#include <uk/posix.h>

enum {
	PROCESS = 1,
	ROOT = 0,
};

long uk_sys_getpid(void)
{
	return PROCESS;
}

long uk_sys_gettid(void)
{
	return PROCESS;
}

long uk_sys_getppid(void)
{
	return 0;
}

long uk_sys_getpgrp(void)
{
	return PROCESS;
}

long uk_sys_getuid(void)
{
	return ROOT;
}

long uk_sys_geteuid(void)
{
	return ROOT;
}

long uk_sys_getgid(void)
{
	return ROOT;
}

long uk_sys_getegid(void)
{
	return ROOT;
}

/* The address is cleared when the thread ends; with the last thread the guest ends. */
long uk_sys_set_tid_address(long address)
{
	(void)address;
	return PROCESS;
}

long uk_sys_set_robust_list(long head, long len)
{
	(void)head;
	(void)len;
	return 0;
}
