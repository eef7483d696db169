/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls about signals. Only the program itself sends any, so a signal that is not blocked is
 * handled before the call that sends it returns.
 */
#ifndef UK_POSIX_SIGNAL_H
#define UK_POSIX_SIGNAL_H

long uk_sys_rt_sigaction(long sig, long new_action, long ret_old, long set_bytes);
long uk_sys_rt_sigprocmask(long how, long new_set, long ret_old, long set_bytes);
long uk_sys_rt_sigpending(long ret_set, long set_bytes);
long uk_sys_tkill(long tid, long sig);
long uk_sys_tgkill(long pid, long tid, long sig);
long uk_sys_kill(long pid, long sig);

#endif
