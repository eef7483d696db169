/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * musl's src/internal/syscall.h, then the cancellation points as plain calls with constant numbers:
 * through __syscall_cp(), which is a function, each of them would pull in every system call.
 */
#include_next "syscall.h"

#ifndef UKB_SYSCALL_H
#define UKB_SYSCALL_H

#undef __syscall_cp0
#undef __syscall_cp1
#undef __syscall_cp2
#undef __syscall_cp3
#undef __syscall_cp4
#undef __syscall_cp5
#undef __syscall_cp6
#undef __socketcall
#undef __socketcall_cp

#define __syscall_cp0(n) __syscall0(n)
#define __syscall_cp1(n, a) __syscall1(n, a)
#define __syscall_cp2(n, a, b) __syscall2(n, a, b)
#define __syscall_cp3(n, a, b, c) __syscall3(n, a, b, c)
#define __syscall_cp4(n, a, b, c, d) __syscall4(n, a, b, c, d)
#define __syscall_cp5(n, a, b, c, d, e) __syscall5(n, a, b, c, d, e)
#define __syscall_cp6(n, a, b, c, d, e, f) __syscall6(n, a, b, c, d, e, f)
#define __socketcall(nm, a, b, c, d, e, f) \
	__syscall(SYS_##nm, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define __socketcall_cp(nm, a, b, c, d, e, f) __socketcall(nm, a, b, c, d, e, f)

#endif
