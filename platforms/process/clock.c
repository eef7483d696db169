/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: the kernel's clocks. Its boot, not ours, is the start of the monotonic one. */
#include "image.h"

#include <uk/plat.h>

#define NS_PER_S 1000000000ULL

static uint64_t now_ns(uintptr_t clock)
{
	uint64_t t[2]; /* seconds, nanoseconds */

	(void)uk_process_call(SYS_CLOCK_GETTIME, clock, (uintptr_t)t,
			      0); /* both clocks are always there */
	return t[0] * NS_PER_S + t[1];
}

uint64_t uk_plat_clock_mono_ns(void)
{
	return now_ns(CLOCK_ID_MONOTONIC);
}

uint64_t uk_plat_clock_wall_ns(void)
{
	return now_ns(CLOCK_ID_REALTIME);
}
