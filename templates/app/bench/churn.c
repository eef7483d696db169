/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include <stdlib.h>
#include <string.h>

enum {
	BLOCKS = 300,
	STEPS = 12000,
};

static struct {
	unsigned char *at;
	size_t bytes;
} blocks[BLOCKS];

/* Mostly small, some of several pages. */
static size_t any_size(uint64_t r)
{
	return r % 32 ? 1 + r / 64 % 400 : 1 + r / 64 % 9000;
}

static uint64_t step(uint64_t sum, uint64_t r)
{
	unsigned k = r >> 40 & 0xffff;

	k %= BLOCKS;
	if (!blocks[k].at) {
		blocks[k].bytes = any_size(r);
		blocks[k].at = malloc(blocks[k].bytes);
	} else if (r % 8 == 0) {
		blocks[k].bytes = any_size(r / 8);
		blocks[k].at = realloc(blocks[k].at, blocks[k].bytes);
	} else {
		sum = bench_sum(sum, blocks[k].at, 1);
		free(blocks[k].at);
		blocks[k].at = NULL;
		return sum;
	}
	if (!blocks[k].at)
		abort();
	blocks[k].at[0] = (unsigned char)r;
	blocks[k].at[blocks[k].bytes - 1] = (unsigned char)r;
	return sum;
}

uint64_t bench_malloc(void)
{
	uint64_t state = BENCH_SEED, sum = BENCH_SUM;

	for (int i = 0; i < STEPS; i++)
		sum = step(sum, bench_random(&state));
	for (int k = 0; k < BLOCKS; k++) {
		free(blocks[k].at);
		blocks[k].at = NULL;
	}
	return sum;
}
