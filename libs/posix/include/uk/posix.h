/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls about the one process there is: its end, its identity, its limits, randomness. One
 * thread: process 1, thread 1, user 0.
 */
#ifndef UK_POSIX_H
#define UK_POSIX_H

long uk_sys_exit(long status);
long uk_sys_exit_group(long status);

long uk_sys_getpid(void);
long uk_sys_gettid(void);
long uk_sys_getppid(void);
long uk_sys_getpgrp(void);
long uk_sys_getuid(void);
long uk_sys_geteuid(void);
long uk_sys_getgid(void);
long uk_sys_getegid(void);
long uk_sys_set_tid_address(long address);
long uk_sys_set_robust_list(long head, long len);

/* There is one thread, so one that waits for a wake-up waits for ever: a fatal trap of "deadlock". */
long uk_sys_futex(long address, long op, long val, long timeout, long address2, long val3);
long uk_sys_sched_yield(void);
long uk_sys_sched_getaffinity(long pid, long bytes, long ret_mask);
long uk_sys_getpriority(long which, long who);

long uk_sys_getrandom(long buf, long len, long flags);
long uk_sys_uname(long buf);
long uk_sys_getcwd(long buf, long size);
long uk_sys_sysinfo(long info);
long uk_sys_prlimit64(long pid, long resource, long new_limit, long old_limit);
long uk_sys_getrlimit(long resource, long ret_limit);
long uk_sys_setrlimit(long resource, long limit);
long uk_sys_umask(long mask);

#endif
