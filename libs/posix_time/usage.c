/* SPDX-License-Identifier: BSD-2-Clause */
/* Processor time: the program runs from boot on, alone. */
#include <stdint.h>
#include <uk/plat.h>
#include <uk/posix_time.h>

enum {
	TICKS_PER_S = 100, /* USER_HZ: Linux, include/asm-generic/param.h */
	NS_PER_TICK = 1000000000 / TICKS_PER_S,
	NS_PER_S = 1000000000,
	NS_PER_US = 1000,
};

/* struct tms and struct rusage of x86-64: times(2), getrusage(2). */
struct ticks {
	int64_t user, system, children_user, children_system;
};
struct usage {
	int64_t user_s, user_us, system_s, system_us, counts[14];
};

long uk_sys_times(long ret_times)
{
	int64_t ticks = (int64_t)(uk_plat_clock_mono_ns() / NS_PER_TICK);

	if (ret_times)
		*(struct ticks *)ret_times = (struct ticks){.user = ticks};
	return ticks;
}

long uk_sys_getrusage(long who, long ret_usage)
{
	uint64_t now = uk_plat_clock_mono_ns();

	(void)who;
	*(struct usage *)ret_usage = (struct usage){
		.user_s = (int64_t)(now / NS_PER_S),
		.user_us = (int64_t)(now % NS_PER_S / NS_PER_US),
	};
	return 0;
}
