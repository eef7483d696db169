/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include <stdio.h>

enum {
	LINES = 1500,
};

uint64_t bench_printf(void)
{
	uint64_t state = BENCH_SEED, sum = BENCH_SUM;
	char line[160];

	for (int i = 0; i < LINES; i++) {
		uint64_t r = bench_random(&state);
		int len = snprintf(line, sizeof(line), "%5d %-8s %08x %llu %.3f %c|%+ld\n", i,
				   "item", (unsigned)r, (unsigned long long)(r >> 20),
				   (double)(r % 100000) / 7, (int)('a' + r % 26),
				   (long)(r % 2000) - 1000);

		sum = bench_sum(sum, line, (unsigned long)len);
	}
	return sum;
}
