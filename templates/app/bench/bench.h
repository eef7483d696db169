/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernels. Each does a fixed amount of work on fixed input and returns a checksum of what it
 * computed. Names, inputs and counts are frozen: figures of different versions are compared.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

uint64_t bench_qsort(void);
uint64_t bench_printf(void);
uint64_t bench_string(void);
uint64_t bench_regex(void);
uint64_t bench_hash(void);
uint64_t bench_malloc(void);

/* A generator for inputs (xorshift64, Marsaglia 2003). */
static inline uint64_t bench_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
#define BENCH_SEED 88172645463325252ull

/* FNV-1a, 64 bits (Fowler, Noll, Vo), over the bytes of what a kernel computed. */
#define BENCH_SUM 14695981039346656037ull
static inline uint64_t bench_sum(uint64_t sum, const void *p, unsigned long len)
{
	const unsigned char *s = p;

	for (unsigned long i = 0; i < len; i++)
		sum = (sum ^ s[i]) * 1099511628211ull;
	return sum;
}

#endif
