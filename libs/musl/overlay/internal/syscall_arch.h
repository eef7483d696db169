/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls without a system: takes the place of musl's arch/x86_64/syscall_arch.h. Where the
 * number is a constant, and it is in all but five of musl's files, the call folds to a direct call
 * of uk_sys_NAME(), so an image's undefined symbols are exactly the calls it can make. A number
 * known only at run time goes to uk_syscall().
 */
#include "ukb_switch.h"

#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

long uk_syscall(long, long, long, long, long, long, long);

#define UKB_CALL(n, a, b, c, d, e, f)                              \
	(__builtin_constant_p(n) ? ukb_switch(n, a, b, c, d, e, f) \
				 : uk_syscall(n, a, b, c, d, e, f))
#define UKB_INLINE static inline __attribute__((__always_inline__)) long

UKB_INLINE __syscall0(long n)
{
	return UKB_CALL(n, 0, 0, 0, 0, 0, 0);
}

UKB_INLINE __syscall1(long n, long a)
{
	return UKB_CALL(n, a, 0, 0, 0, 0, 0);
}

UKB_INLINE __syscall2(long n, long a, long b)
{
	return UKB_CALL(n, a, b, 0, 0, 0, 0);
}

UKB_INLINE __syscall3(long n, long a, long b, long c)
{
	return UKB_CALL(n, a, b, c, 0, 0, 0);
}

UKB_INLINE __syscall4(long n, long a, long b, long c, long d)
{
	return UKB_CALL(n, a, b, c, d, 0, 0);
}

UKB_INLINE __syscall5(long n, long a, long b, long c, long d, long e)
{
	return UKB_CALL(n, a, b, c, d, e, 0);
}

UKB_INLINE __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return UKB_CALL(n, a, b, c, d, e, f);
}

#undef UKB_INLINE
#undef UKB_CALL

/* As musl's own file for this architecture says (System V IPC structures need no flag). */
#define IPC_64 0
