/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernels: parts of a program's work that `ukbuild measure` counts (as instructions, under an emulator that makes
 * the time stamp counter count them) and times (as a process on the processor itself). See docs/measuring.md.
 *
 *     uint64_t start = uk_bench_begin();
 *     uint64_t sum = work();
 *     uk_bench_end("work", start, sum);
 */
#ifndef UK_BENCH_H
#define UK_BENCH_H

#include <stdint.h>
#include <stdio.h>

/* The time stamp counter now. */
static inline uint64_t uk_bench_begin(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/*
 * Ends what began at start. name: of the kernel, without blanks; one that begins with "malloc" is compared apart.
 * sum: a checksum of what was computed, so that variants can be seen to compute the same.
 */
static inline void uk_bench_end(const char *name, uint64_t start, uint64_t sum)
{
	const uint64_t ticks = uk_bench_begin() - start;

	printf("bench: %s %llu\n", name, (unsigned long long)ticks);
	printf("sum: %s %016llx\n", name, (unsigned long long)sum);
}

#endif
