/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and sleeping on the platform's clocks. */
#include <stdbool.h>
#include <stdint.h>
#include <uk/errno.h>
#include <uk/plat.h>
#include <uk/posix_time.h>

/* Linux: include/uapi/linux/time.h. */
enum {
	CLOCK_REALTIME = 0,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_BOOTTIME = 7, /* the last of those that run from boot on, processor time included */
	TIMER_ABSTIME = 1,
};
enum {
	NS_PER_S = 1000000000,
	NS_PER_US = 1000,
};

/* struct timespec and struct timeval of x86-64: seconds, then the fraction. */
struct time {
	int64_t seconds, fraction;
};

static bool is_clock(long clock)
{
	return clock >= CLOCK_REALTIME && clock <= CLOCK_BOOTTIME;
}

static uint64_t now_ns(long clock)
{
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		return uk_plat_clock_wall_ns();
	return uk_plat_clock_mono_ns();
}

long uk_sys_clock_gettime(long clock, long ret_time)
{
	uint64_t now;

	if (!is_clock(clock))
		return -UK_EINVAL;
	now = now_ns(clock);
	*(struct time *)ret_time = (struct time){
		(int64_t)(now / NS_PER_S),
		(int64_t)(now % NS_PER_S),
	};
	return 0;
}

long uk_sys_clock_getres(long clock, long ret_time)
{
	if (!is_clock(clock))
		return -UK_EINVAL;
	if (ret_time)
		*(struct time *)ret_time = (struct time){0, 1};
	return 0;
}

long uk_sys_gettimeofday(long ret_time, long zone)
{
	uint64_t now = uk_plat_clock_wall_ns();

	(void)zone;
	if (ret_time)
		*(struct time *)ret_time = (struct time){
			(int64_t)(now / NS_PER_S),
			(int64_t)(now % NS_PER_S / NS_PER_US),
		};
	return 0;
}

long uk_sys_clock_nanosleep(long clock, long flags, long time, long ret_rest)
{
	const struct time *t = (const struct time *)time;
	uint64_t end;

	(void)ret_rest; /* nothing interrupts */
	if (!is_clock(clock) || t->seconds < 0 || t->fraction < 0 || t->fraction >= NS_PER_S)
		return -UK_EINVAL;
	if (__builtin_mul_overflow((uint64_t)t->seconds, (uint64_t)NS_PER_S, &end) ||
	    __builtin_add_overflow(end, (uint64_t)t->fraction, &end) ||
	    (!(flags & TIMER_ABSTIME) && __builtin_add_overflow(end, now_ns(clock), &end)))
		end = UINT64_MAX;
	while (now_ns(clock) < end)
		__builtin_ia32_pause();
	return 0;
}

long uk_sys_nanosleep(long time, long ret_rest)
{
	return uk_sys_clock_nanosleep(CLOCK_BOOTTIME, 0, time, ret_rest);
}
