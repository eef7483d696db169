/* SPDX-License-Identifier: BSD-2-Clause */
/* Division of 128-bit integers. */
#include "rt.h"
#include <stddef.h>
#include <stdint.h>

/* high:low / d, where high < d, so that the quotient has 64 bits. */
static uint64_t divide(uint64_t high, uint64_t low, uint64_t d, uint64_t *ret_rest)
{
	uint64_t quotient;

	/* In C this division is the very call that this file implements. */
	__asm__("divq %[d]"
		: "=a"(quotient), "=d"(*ret_rest)
		: [d] "r"(d), "a"(low), "d"(high)
		: "cc");
	return quotient;
}

rt_u128 __udivmodti4(rt_u128 a, rt_u128 b, rt_u128 *ret_rest)
{
	uint64_t b_high = (uint64_t)(b >> 64), rest = 0;
	rt_u128 quotient = 0;

	if (b_high == 0) {
		/* As on paper, with digits of 64 bits; a zero divisor faults as division does. */
		uint64_t high = divide(0, (uint64_t)(a >> 64), (uint64_t)b, &rest);

		quotient = (rt_u128)high << 64 | divide(rest, (uint64_t)a, (uint64_t)b, &rest);
		a = rest;
	} else if (a >= b) {
		/* The quotient has at most 64 bits, fewer by the larger b is: one step for each. */
		int shift = __builtin_clzll(b_high) - __builtin_clzll((uint64_t)(a >> 64));

		for (b <<= shift; shift >= 0; shift--, b >>= 1) {
			quotient <<= 1;
			if (a >= b) {
				a -= b;
				quotient |= 1;
			}
		}
	}
	if (ret_rest)
		*ret_rest = a;
	return quotient;
}

rt_u128 __udivti3(rt_u128 a, rt_u128 b)
{
	return __udivmodti4(a, b, NULL);
}

rt_u128 __umodti3(rt_u128 a, rt_u128 b)
{
	rt_u128 rest;

	__udivmodti4(a, b, &rest);
	return rest;
}

static rt_u128 magnitude(rt_s128 x)
{
	return x < 0 ? -(rt_u128)x : (rt_u128)x;
}

rt_s128 __divti3(rt_s128 a, rt_s128 b)
{
	rt_u128 q = __udivmodti4(magnitude(a), magnitude(b), NULL);

	return (rt_s128)((a < 0) != (b < 0) ? -q : q);
}

/* The rest has the sign of the dividend: C11, 6.5.5. */
rt_s128 __modti3(rt_s128 a, rt_s128 b)
{
	rt_u128 rest = __umodti3(magnitude(a), magnitude(b));

	return (rt_s128)(a < 0 ? -rest : rest);
}
