/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls about time: the platform's two clocks. Sleeping is waiting: nothing else could run. */
#ifndef UK_POSIX_TIME_H
#define UK_POSIX_TIME_H

long uk_sys_clock_gettime(long clock, long ret_time);
long uk_sys_clock_getres(long clock, long ret_time);
long uk_sys_gettimeofday(long ret_time, long zone);
long uk_sys_nanosleep(long time, long ret_rest);
long uk_sys_clock_nanosleep(long clock, long flags, long time, long ret_rest);

/* All time since boot is the program's own. */
long uk_sys_times(long ret_times);
long uk_sys_getrusage(long who, long ret_usage);

#endif
