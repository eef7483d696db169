/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include <stdlib.h>

enum {
	ELEMENTS = 6000,
};

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint64_t bench_qsort(void)
{
	static uint32_t v[ELEMENTS];
	uint64_t state = BENCH_SEED;

	for (int i = 0; i < ELEMENTS; i++)
		v[i] = (uint32_t)bench_random(&state);
	qsort(v, ELEMENTS, sizeof(v[0]), compare);
	return bench_sum(BENCH_SUM, v, sizeof(v));
}
