/* SPDX-License-Identifier: BSD-2-Clause */
/* What images have in common, counted by hand; the seed of each image of a set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "diversify.h"
#include "share.h"

#define LIST(...)                             \
	{(struct share_place[]){__VA_ARGS__}, \
	 sizeof((struct share_place[]){__VA_ARGS__}) / sizeof(struct share_place), 0}

static void assert_near(double found, double wanted)
{
	assert_true(found > wanted - 1e-9 && found < wanted + 1e-9);
}

/* Three images; {1,7} is in all, {2,8} in two, {3,9} stands elsewhere in the third. */
static void three_images(void **state)
{
	struct arena *a = arena_new();
	struct share_places images[] = {
		LIST({3, 9}, {1, 7}, {2, 8}, {5, 1}),
		LIST({1, 7}, {2, 8}, {3, 9}, {6, 1}),
		LIST({2, 6}, {1, 7}, {4, 9}, {7, 1}),
	};
	struct share_pairs p = share_count(a, images, 3);

	(void)state;
	assert_int_equal(p.pairs, 3);
	assert_near(p.in_one, 4);
	assert_near(p.mean, (3 + 1 + 1) / 3.0);
	assert_near(p.median, 1);
	assert_int_equal(p.most, 3);
	assert_near(p.percent, 100 * p.mean / 4);
	assert_int_equal(p.in_all, 1);
	assert_int_equal(p.widest, 3);
	arena_free(a);
}

/* Gadgets without their addresses stand several times in one image: each counts as often as in both. */
static void repeated_places(void **state)
{
	struct arena *a = arena_new();
	struct share_places images[] = {
		LIST({0, 1}, {0, 1}, {0, 1}, {0, 2}),
		LIST({0, 1}, {0, 1}, {0, 3}, {0, 2}),
	};
	struct share_pairs p = share_count(a, images, 2);

	(void)state;
	assert_near(p.mean, 3);
	assert_int_equal(p.in_all, 2);
	assert_int_equal(p.widest, 2);
	arena_free(a);
}

static void few_images(void **state)
{
	struct arena *a = arena_new();
	struct share_places images[] = {LIST({1, 1}), {0}};
	struct share_pairs p = share_count(a, images, 1);

	(void)state;
	assert_int_equal(p.pairs, 0);
	assert_near(p.in_one, 1);
	p = share_count(a, images, 0);
	assert_near(p.in_one, 0);
	p = share_count(a, images, 2);
	assert_int_equal(p.pairs, 1);
	assert_near(p.mean, 0);
	assert_int_equal(p.in_all, 0);
	arena_free(a);
}

static void seeds_of_a_set(void **state)
{
	uint8_t master[32] = {1}, first[32], again[32], second[32];

	(void)state;
	diverse_seed(master, 0, first);
	diverse_seed(master, 0, again);
	diverse_seed(master, 1, second);
	assert_memory_equal(first, again, 32);
	assert_memory_not_equal(first, second, 32);
	assert_memory_not_equal(first, master, 32);
	master[31] = 1;
	diverse_seed(master, 0, again);
	assert_memory_not_equal(first, again, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_images),
		cmocka_unit_test(repeated_places),
		cmocka_unit_test(few_images),
		cmocka_unit_test(seeds_of_a_set),
	};

	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
