/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include <stdlib.h>
#include <string.h>

enum {
	NUMBERS = 3000,
	RECORDS = 3000,
};

struct record {
	char name[16];
	uint64_t number;
};

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int compare_records(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

uint64_t bench_qsort(void)
{
	static uint32_t numbers[NUMBERS];
	static struct record records[RECORDS];
	uint64_t state = BENCH_SEED, sum;

	for (int i = 0; i < NUMBERS; i++)
		numbers[i] = (uint32_t)bench_random(&state);
	qsort(numbers, NUMBERS, sizeof(numbers[0]), compare_numbers);
	sum = bench_sum(BENCH_SUM, numbers, sizeof(numbers));

	for (int i = 0; i < RECORDS; i++) {
		uint64_t r = bench_random(&state);

		for (int k = 0; k < 4 + i % 8; k++)
			records[i].name[k] = (char)('a' + (r >> 4 * k & 15));
		records[i].number = r;
	}
	qsort(records, RECORDS, sizeof(records[0]), compare_records);
	return bench_sum(sum, records, sizeof(records));
}
