/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The double-word shifts of the prepared musl's qsort (SOURCE_QSORT), on the host and under UBSan: a heap
 * that needs them has more elements than fit into memory (CVE-2026-40200). And that it still sorts.
 */
#define __qsort_r test_qsort_r
#include SOURCE_QSORT

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
	WORD_BITS = 8 * sizeof(size_t),
	ELEMENTS = 5000,
};

static void test_next_bit(void **state)
{
	(void)state;
	for (int bit = 1; bit < 2 * WORD_BITS; bit++) {
		size_t p[2] = {1, 0};

		p[bit / WORD_BITS] |= (size_t)1 << bit % WORD_BITS;
		assert_int_equal(pntz(p), bit);
	}
	assert_int_equal(pntz((size_t[]){1, 0}), 0);
}

static void test_shifts(void **state)
{
	const unsigned __int128 value =
		((unsigned __int128)0x123456789abcdefull << 64) | 0xf0e1d2c3b4a59687ull;

	(void)state;
	for (int n = 1; n < 2 * WORD_BITS; n++) {
		size_t left[2] = {(size_t)value, (size_t)(value >> 64)};
		size_t right[2] = {(size_t)value, (size_t)(value >> 64)};

		shl(left, n);
		shr(right, n);
		assert_true((((unsigned __int128)left[1] << 64) | left[0]) == value << n);
		assert_true((((unsigned __int128)right[1] << 64) | right[0]) == value >> n);
	}
}

static int compare(const void *a, const void *b, void *count)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	++*(size_t *)count;
	return (x > y) - (x < y);
}

static void test_sorting(void **state)
{
	static uint32_t v[ELEMENTS];
	size_t count = 0;

	(void)state;
	for (uint32_t len = 0; len < ELEMENTS; len += 1 + len / 3) {
		uint64_t random = 88172645463325252ull, sum = 0;

		for (uint32_t i = 0; i < len; i++) {
			random = random * 6364136223846793005ull + 1442695040888963407ull;
			v[i] = (uint32_t)(random >> 40);
			sum += v[i];
		}
		test_qsort_r(v, len, sizeof(v[0]), compare, &count);
		for (uint32_t i = 0; i < len; i++) {
			assert_true(i == 0 || v[i - 1] <= v[i]);
			sum -= v[i];
		}
		assert_int_equal(sum, 0);
	}
	assert_true(count > ELEMENTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next_bit),
		cmocka_unit_test(test_shifts),
		cmocka_unit_test(test_sorting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
