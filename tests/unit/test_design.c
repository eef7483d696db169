/* SPDX-License-Identifier: BSD-2-Clause */
/* Designs: balance, orthogonality, resolution, fold-over; effects found again in data made from known ones. */
#include "base/str.h"
#include "design.h"
#include "measure_design.h"
#include "tree.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static int sign(const struct design *d, size_t factor, size_t run)
{
	return design_is_on(d, factor, run) ? 1 : -1;
}

static void test_size(void **state)
{
	static const size_t runs[][2] = {{1, 2},   {2, 4},   {3, 8},   {4, 8},
					 {5, 16},  {8, 16},  {9, 32},  {16, 32},
					 {17, 64}, {25, 64}, {32, 64}, {33, 128}};
	struct design d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		design_make(arena, runs[i][0], &d);
		assert_int_equal(d.runs, runs[i][1]);
	}
}

/* Every factor is on in half of the runs, and together with any other in a quarter. */
static void test_orthogonal(void **state)
{
	(void)state;
	for (size_t k = 2; k <= 40; k++) {
		struct design d;

		design_make(arena, k, &d);
		for (size_t i = 0; i < k; i++) {
			int sum = 0;

			assert_false(design_is_on(&d, i, 0));
			for (size_t run = 0; run < d.runs; run++)
				sum += sign(&d, i, run);
			assert_int_equal(sum, 0);
			for (size_t j = i + 1; j < k; j++) {
				int dot = 0;

				for (size_t run = 0; run < d.runs; run++)
					dot += sign(&d, i, run) * sign(&d, j, run);
				assert_int_equal(dot, 0);
			}
		}
	}
}

/* Resolution IV: no main effect is that of a pair. The second half is the first one switched over. */
static void test_resolution(void **state)
{
	struct design d;

	(void)state;
	design_make(arena, 16, &d);
	for (size_t i = 0; i < 16; i++) {
		for (size_t j = 0; j < 16; j++)
			for (size_t k = j + 1; k < 16; k++) {
				int dot = 0;

				for (size_t run = 0; run < d.runs; run++)
					dot += sign(&d, i, run) * sign(&d, j, run) *
					       sign(&d, k, run);
				assert_int_equal(dot, 0);
			}
		for (size_t run = 0; run < d.runs / 2; run++)
			assert_int_equal(sign(&d, i, run), -sign(&d, i, d.runs - 1 - run));
	}
}

static void assert_near(double x, double y)
{
	assert_true(fabs(x - y) < 1e-9);
}

/* What each adds alone and what pairs add beyond that, in the words of the report. */
static void test_known_effects(void **state)
{
	struct design d;
	struct design_pair *pairs;
	double *y, margin;
	size_t len;

	(void)state;
	design_make(arena, 12, &d);
	y = arena_array(arena, d.runs, sizeof(*y));
	for (size_t run = 0; run < d.runs; run++) {
		bool a = design_is_on(&d, 0, run), b = design_is_on(&d, 3, run);
		bool c = design_is_on(&d, 7, run);

		y[run] = 100 + 10 * a - 3 * b + 5 * c + 8 * (a && b) - 6 * (a && c);
	}
	/* Half of what a pair adds is seen in each of its members, averaged over the other. */
	assert_near(2 * design_coefficient(&d, d.columns[0], y), 10 + 4 - 3);
	assert_near(2 * design_coefficient(&d, d.columns[3], y), -3 + 4);
	assert_near(2 * design_coefficient(&d, d.columns[7], y), 5 - 3);
	for (size_t i = 0; i < 12; i++)
		if (i != 0 && i != 3 && i != 7)
			assert_near(design_coefficient(&d, d.columns[i], y), 0);
	pairs = design_pairs(arena, &d, y, &len);
	assert_true(len >= 2);
	assert_int_equal(pairs[0].first, 0);
	assert_int_equal(pairs[0].second, 3);
	assert_near(pairs[0].adds, 8);
	assert_int_equal(pairs[1].first, 0);
	assert_int_equal(pairs[1].second, 7);
	assert_near(pairs[1].adds, -6);
	for (size_t i = 2; i < len; i++)
		assert_near(pairs[i].adds, 0);
	assert_near(design_noise(arena, &d, y, &margin), 0);
}

/* Of all pairs of 12 factors in 32 runs there are 66, of words 15: each pair is in exactly one. */
static void test_aliases(void **state)
{
	struct design d;
	struct design_pair *pairs;
	double *y;
	size_t len, all = 0;

	(void)state;
	design_make(arena, 12, &d);
	y = arena_array(arena, d.runs, sizeof(*y));
	pairs = design_pairs(arena, &d, y, &len);
	assert_int_equal(len, 15);
	for (size_t i = 0; i < len; i++)
		all += 1 + pairs[i].aliases;
	assert_int_equal(all, 66);
	/* Few factors have none. */
	design_make(arena, 3, &d);
	assert_int_equal(design_pairs(arena, &d, y, &len)[0].aliases, 0);
	assert_int_equal(len, 3);
}

/* A pair that is no larger than the rest of a noisy figure is none. */
static void test_noise(void **state)
{
	struct design d;
	uint64_t random = 88172645463325252ull;
	double *y, margin, noise;
	size_t len;

	(void)state;
	design_make(arena, 16, &d);
	y = arena_array(arena, d.runs, sizeof(*y));
	for (size_t run = 0; run < d.runs; run++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		y[run] = (double)(random % 1000) / 1000 +
			 (design_is_on(&d, 1, run) && design_is_on(&d, 2, run) ? 10 : 0);
	}
	noise = design_noise(arena, &d, y, &margin);
	assert_true(noise > 0.05 && noise < 1 && margin > noise);
	assert_true(fabs(design_pairs(arena, &d, y, &len)[0].adds) > margin);
	assert_true(fabs(design_pairs(arena, &d, y, &len)[1].adds) < 2 * margin);
}

static struct unit *add_mechanism(struct tree *t, const char *name, const char *conflict)
{
	struct unit *u = arena_alloc(arena, sizeof(*u));
	struct word w = {.s = conflict};

	*u = (struct unit){.kind = UNIT_MECHANISM, .name = name, .dir = "none"};
	if (conflict)
		vec_push(arena, &u->conflicts, w);
	vec_push(arena, t, u);
	return u;
}

static struct factor one(const char *name, const char *level)
{
	struct factor f = {.name = name, .spec = ""};

	strs_pushf(arena, &f.levels, "%s=%s", name, level);
	return f;
}

/* Two that exclude each other are never in one image, and each is in some. */
static void test_blocks(void **state)
{
	struct tree t = {0};
	struct factors factors = {0};
	struct blocks blocks = {0};
	(void)state;
	add_mechanism(&t, "canary", NULL);
	add_mechanism(&t, "safestack", "canary");
	add_mechanism(&t, "cfi", NULL);
	add_mechanism(&t, "xom", "cfi=kcfi");
	vec_push(arena, &factors, one("canary", "strong"));
	vec_push(arena, &factors, one("safestack", "on"));
	vec_push(arena, &factors, one("cfi", "kcfi"));
	vec_push(arena, &factors, one("xom", "on"));
	design_blocks(arena, &t, &factors, &blocks);
	assert_int_equal(blocks.len, 2);
	assert_int_equal(blocks.v[0].len, 2);
	assert_int_equal(blocks.v[0].members[0], 0);
	assert_int_equal(blocks.v[0].members[1], 2);
	assert_int_equal(blocks.v[1].members[0], 1);
	assert_int_equal(blocks.v[1].members[1], 3);
	assert_true(blocks.v[1].is_new[0] && blocks.v[1].is_new[1]);
	/* Another level of cfi is no obstacle. */
	factors.v[2] = one("cfi", "icall");
	blocks.len = 0;
	design_blocks(arena, &t, &factors, &blocks);
	assert_int_equal(blocks.v[0].len, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_size),    T(test_orthogonal), T(test_resolution), T(test_known_effects),
		T(test_aliases), T(test_noise),      T(test_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
