/* SPDX-License-Identifier: BSD-2-Clause */
/* What native runs say: pairing by layout and round, the median of rounds, kernels that are left out. */
#include "base/arena.h"
#include "native.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double found, double wanted)
{
	if (fabs(found - wanted) > 1e-9)
		fail_msg("%f is not %f", found, wanted);
}

/* Two variants, two layouts, three rounds. */
static double sorting[] = {
	/* the base: the second layout is twice as slow */ 100,
	110,
	90,
	200,
	220,
	180,
	/* 10 % more in each round; one round was disturbed */ 110,
	121,
	900,
	220,
	242,
	198,
};
static double churning[] = {10, 10, 10, 10, 10, 10, 50, 50, 50, 50, 50, 50};
static double hashing[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10};

static struct native_samples samples[] = {
	{"sort", sorting},
	{"malloc", churning},
	{"hash", hashing},
};
static const struct native found = {
	.variants = 2, .layouts = 2, .rounds = 3, .v = samples, .len = 3, .cap = 3};

static void test_pairs(void **state)
{
	struct arena *a = arena_new();
	struct native_cost k;

	(void)state;
	native_kernel_of(a, &found, 0, 1, &k);
	assert_int_equal(k.ns.min, 110);
	assert_int_equal(k.ns.max, 900);
	assert_int_equal(k.ns.runs, 6);
	assert_int_equal(k.ratio.n, 2);
	assert_near(k.ratio.mean, 1.1);
	assert_near(k.ratio.error, 0);
	native_kernel_of(a, &found, 0, 0, &k);
	assert_near(k.ratio.mean, 1);
	arena_free(a);
}

static void test_overall(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_near(native_overall(a, &found, 1).mean, sqrt(1.1));
	assert_near(native_overall(a, &found, 0).mean, 1);
	arena_free(a);
}

/* A kernel that a variant did not print has no figure, and no part in the mean. */
static void test_missing(void **state)
{
	static double none[12] = {5, 5, 5, 5, 5, 5};
	static struct native_samples two[] = {{"sort", sorting}, {"gone", none}};
	const struct native n = {
		.variants = 2, .layouts = 2, .rounds = 3, .v = two, .len = 2, .cap = 2};
	struct arena *a = arena_new();
	struct native_cost k;

	(void)state;
	native_kernel_of(a, &n, 1, 1, &k);
	assert_int_equal(k.ns.runs, 0);
	assert_int_equal(k.ratio.n, 0);
	assert_near(native_overall(a, &n, 1).mean, 1.1);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_overall),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests_name("test_native", tests, NULL, NULL);
}
