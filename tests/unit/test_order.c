/* SPDX-License-Identifier: BSD-2-Clause */
/* The drawn order: a permutation, reproducible, different for each seed and group, uniform. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "order.h"

static void is_permutation(void **state)
{
	uint8_t seed[ORDER_SEED_BYTES] = {1};
	uint32_t perm[1000];
	bool seen[1000] = {false};

	(void)state;
	order_permute(seed, ".text", ARRAY_LEN(perm), perm);
	for (size_t i = 0; i < ARRAY_LEN(perm); i++) {
		assert_true(perm[i] < ARRAY_LEN(perm));
		assert_false(seen[perm[i]]);
		seen[perm[i]] = true;
	}
}

static void same_seed_same_order(void **state)
{
	uint8_t seed[ORDER_SEED_BYTES] = {2};
	uint32_t a[64], b[64], c[64], e[64];

	(void)state;
	order_permute(seed, ".text", ARRAY_LEN(a), a);
	order_permute(seed, ".text", ARRAY_LEN(b), b);
	order_permute(seed, ".data", ARRAY_LEN(c), c);
	seed[31] = 1;
	order_permute(seed, ".text", ARRAY_LEN(e), e);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
	assert_memory_not_equal(a, e, sizeof(a));
}

static void nothing_to_order(void **state)
{
	uint8_t seed[ORDER_SEED_BYTES] = {3};
	uint32_t one = 7;

	(void)state;
	order_permute(seed, ".text", 0, &one);
	assert_int_equal(one, 7);
	order_permute(seed, ".text", 1, &one);
	assert_int_equal(one, 0);
}

/*
 * A million seeds: where element 0 of 8 ends up is uniform, and independent of where element 1 does.
 * Bounds: 6 standard deviations of the binomial counts.
 */
static void uniform_and_pairwise_independent(void **state)
{
	enum {
		N = 8,
		DRAWS = 1000000
	};
	static unsigned first[N], pair[N][N];
	uint8_t seed[ORDER_SEED_BYTES] = {0};
	uint32_t perm[N], at[N];

	(void)state;
	for (uint32_t i = 0; i < DRAWS; i++) {
		memcpy(seed, &i, sizeof(i));
		order_permute(seed, ".text", N, perm);
		for (uint32_t k = 0; k < N; k++)
			at[perm[k]] = k;
		first[at[0]]++;
		pair[at[0]][at[1]]++;
	}
	for (int i = 0; i < N; i++) {
		/* 125,000 expected, sigma = sqrt(1e6 * 1/8 * 7/8) = 331 */
		assert_in_range(first[i], 125000 - 1986, 125000 + 1986);
		for (int k = 0; k < N; k++) {
			/* 17,857 expected off the diagonal, sigma = 132 */
			if (i == k)
				assert_int_equal(pair[i][k], 0);
			else
				assert_in_range(pair[i][k], 17857 - 792, 17857 + 792);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_permutation),
		cmocka_unit_test(same_seed_same_order),
		cmocka_unit_test(nothing_to_order),
		cmocka_unit_test(uniform_and_pairwise_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
