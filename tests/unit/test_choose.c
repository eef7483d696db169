/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for sets within a budget on tables made by hand, against all subsets; its options; its sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "choose.h"
#include "choose_data.h"

#define ITEMS_MAX 12
#define THREATS_MAX 24

struct fixture {
	struct arena *a;
	struct diags d;
	struct choose_table t;
	struct choose_item items[ITEMS_MAX];
	struct choose_threat threats[THREATS_MAX];
	struct choose_pair pairs[ITEMS_MAX];
	bool stops[ITEMS_MAX][THREATS_MAX];
};

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));

	f->a = a;
	diags_init(&f->d, a);
	f->t.items = f->items;
	f->t.threats = f->threats;
	f->t.pairs = f->pairs;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	arena_free(((struct fixture *)*state)->a);
	return 0;
}

static void add_threat(struct fixture *f, unsigned adversary)
{
	f->threats[f->t.threats_len++] = (struct choose_threat){"threat", adversary, false};
}

/* An item that costs overhead percent and image bytes; threats: bits. */
static size_t add_item(struct fixture *f, const char *name, double overhead, double image,
		       unsigned threats)
{
	size_t i = f->t.items_len++;

	f->items[i] = (struct choose_item){
		.mechanism = name,
		.level = "on",
		.cost = {[CHOOSE_OVERHEAD] = overhead, [CHOOSE_IMAGE] = image},
		.stops = f->stops[i],
	};
	for (size_t k = 0; k < THREATS_MAX; k++)
		f->stops[i][k] = (threats >> k) & 1;
	return i;
}

static void limit(struct fixture *f, enum choose_metric m, double n)
{
	f->t.is_limited[m] = true;
	f->t.limit[m] = n;
}

static struct choose_answers search(struct fixture *f)
{
	struct choose_answers r = {0};

	choose_search(f->a, &f->t, NULL, 0, &r);
	return r;
}

static void everything_without_a_budget(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_threat(f, 2);
	add_item(f, "a", 5, 100, 1);
	add_item(f, "b", 50, 1000, 2);
	assert_int_equal(search(f).len, 1);
	assert_int_equal(search(f).v[0].set, 3);
	assert_int_equal(search(f).v[0].stopped[0], 1);
	assert_int_equal(search(f).v[0].stopped[1], 1);
}

static void nothing_with_an_empty_budget(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_item(f, "a", 5, 100, 1);
	limit(f, CHOOSE_OVERHEAD, 0);
	assert_int_equal(search(f).len, 1);
	assert_int_equal(search(f).v[0].set, 0);
	/* What costs nothing fits into it. */
	add_threat(f, 3);
	add_item(f, "free", 0, 0, 2);
	assert_int_equal(search(f).v[0].set, 2);
}

static void no_items(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(search(f).len, 1);
	assert_int_equal(search(f).v[0].set, 0);
}

/* Two that stop the same: the cheaper one; neither, when a third stops all of it for free. */
static void ties(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_item(f, "dear", 3, 10, 1);
	add_item(f, "cheap", 2, 10, 1);
	limit(f, CHOOSE_OVERHEAD, 10);
	assert_int_equal(search(f).len, 1);
	assert_int_equal(search(f).v[0].set, 2);
	f->t.is_limited[CHOOSE_OVERHEAD] = false;
	assert_int_equal(search(f).v[0].set, 2);
	add_item(f, "free", 0, 0, 1);
	assert_int_equal(search(f).v[0].set, 4);
}

/* Sets that are not comparable are all there; the weaker adversary decides, or weights. */
static void pareto_and_weights(void **state)
{
	struct fixture *f = *state;
	struct choose_answers r;

	add_threat(f, 1);
	add_threat(f, 3);
	add_threat(f, 3);
	add_item(f, "one", 4, 0, 1);
	add_item(f, "three", 4, 0, 2 | 4);
	add_item(f, "part", 4, 0, 2); /* never better than "three" */
	limit(f, CHOOSE_OVERHEAD, 5);
	r = search(f);
	assert_int_equal(r.len, 2);
	assert_int_equal(r.v[0].set, 1);
	assert_int_equal(r.v[1].set, 2);
	f->t.is_weighted = true;
	f->t.weights[0] = 1;
	f->t.weights[2] = 1;
	r = search(f);
	assert_int_equal(r.v[0].set, 2);
	f->t.weights[0] = 3;
	assert_int_equal(search(f).v[0].set, 1);
}

static void needs_conflicts_levels(void **state)
{
	struct fixture *f = *state;
	size_t base, top, other, strong;

	add_threat(f, 1);
	add_threat(f, 1);
	add_threat(f, 2);
	top = add_item(f, "top", 1, 0, 1);
	base = add_item(f, "base", 1, 0, 0);
	other = add_item(f, "other", 1, 0, 2);
	strong = add_item(f, "other", 2, 0, 2 | 4); /* another level of it */
	f->items[top].needs = 1u << base;
	assert_int_equal(search(f).v[0].set, 1u << top | 1u << base | 1u << strong);
	f->items[strong].excludes = 1u << base;
	/* base is what top needs; so it is strong alone, or top with the weaker level. */
	assert_int_equal(search(f).len, 2);
	assert_int_equal(search(f).v[0].set, 1u << top | 1u << base | 1u << other);
	assert_int_equal(search(f).v[1].set, 1u << strong);
	f->items[base].unusable = "refused";
	assert_int_equal(search(f).len, 1);
	assert_int_equal(search(f).v[0].set, 1u << strong);
}

/* What is only made costlier counts after what is stopped, also of a weaker adversary; and adds to it. */
static void raised_costs(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_threat(f, 3);
	f->threats[0].is_raised = true;
	add_item(f, "raises", 2, 0, 1);
	add_item(f, "stops", 2, 0, 2);
	assert_int_equal(search(f).v[0].set, 3);
	limit(f, CHOOSE_OVERHEAD, 3);
	assert_int_equal(search(f).len, 2);
	assert_int_equal(search(f).v[0].set, 2);
}

/* What costs nothing and stops nothing is not in; unless something needs it. */
static void idle_items(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_item(f, "idle", 0, 0, 0);
	add_item(f, "stops", 0, 0, 1);
	assert_int_equal(search(f).v[0].set, 2);
	f->items[1].needs = 1;
	assert_int_equal(search(f).v[0].set, 3);
}

/* A circle cannot be entered, and does not hang. */
static void needs_in_a_circle(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_item(f, "a", 0, 0, 1);
	add_item(f, "b", 0, 0, 1);
	f->items[0].needs = 2;
	f->items[1].needs = 1;
	assert_int_equal(search(f).v[0].set, 0);
}

/* Together dearer than the sum; and the other way round. */
static void interactions(void **state)
{
	struct fixture *f = *state;

	add_threat(f, 1);
	add_threat(f, 2);
	add_item(f, "a", 2, 0, 1);
	add_item(f, "b", 2, 0, 2);
	limit(f, CHOOSE_OVERHEAD, 4);
	assert_int_equal(search(f).v[0].set, 3);
	f->pairs[0] = (struct choose_pair){0, 1, {[CHOOSE_OVERHEAD] = 0.5}};
	f->t.pairs_len = 1;
	assert_int_equal(search(f).v[0].set, 1);
	f->pairs[0].cost[CHOOSE_OVERHEAD] = -1.5;
	limit(f, CHOOSE_OVERHEAD, 3);
	assert_int_equal(search(f).v[0].set, 3);
	/* A mechanism that saves makes room, also when it comes last. */
	f->t.pairs_len = 0;
	add_threat(f, 3);
	add_item(f, "saves", -2, 0, 4);
	assert_int_equal(search(f).v[0].set, 7);
}

static void refuted_sets(void **state)
{
	struct fixture *f = *state;
	const choose_set refuted[] = {3};
	struct choose_answers r = {0};

	add_threat(f, 1);
	add_threat(f, 2);
	add_threat(f, 3);
	add_item(f, "a", 2, 0, 1);
	add_item(f, "b", 1, 0, 2);
	add_item(f, "c", 1, 0, 4);
	choose_search(f->a, &f->t, refuted, 1, &r);
	assert_int_equal(r.len, 2);
	assert_int_equal(r.v[0].set, 5);
	assert_int_equal(r.v[1].set, 6);
}

static bool is_allowed(const struct fixture *f, choose_set set)
{
	double cost[CHOOSE_METRICS];

	choose_cost(&f->t, set, cost);
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (f->t.is_limited[m] && cost[m] > f->t.limit[m] + 1e-6)
			return false;
	for (size_t i = 0; i < f->t.items_len; i++)
		if ((set >> i & 1) && ((f->items[i].needs & ~set) || (f->items[i].excludes & set)))
			return false;
	return true;
}

static unsigned stopped(const struct fixture *f, choose_set set)
{
	unsigned bits = 0;

	for (size_t i = 0; i < f->t.threats_len; i++)
		bits |= (unsigned)choose_stops(&f->t, set, i) << i;
	return bits;
}

static uint32_t next(uint32_t *x)
{
	*x = *x * 1664525 +
	     1013904223; /* Numerical Recipes, 2nd ed., 7.1: "quick and dirty" generator */
	return *x >> 8;
}

static void draw_table(struct fixture *f, uint32_t seed)
{
	f->t.items_len = f->t.threats_len = f->t.pairs_len = 0;
	memset(f->t.is_limited, 0, sizeof(f->t.is_limited));
	for (size_t i = 0; i < 8; i++)
		add_threat(f, 1 + next(&seed) % CHOOSE_ADVERSARIES);
	for (size_t i = 0; i < 8; i++) {
		static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
		size_t at = add_item(f, names[i], (double)(next(&seed) % 9) - 1, next(&seed) % 50,
				     next(&seed) % 256 & next(&seed) % 256);

		if (i && next(&seed) % 4 == 0)
			f->items[at].needs = (choose_set)1 << next(&seed) % i;
		else if (i && next(&seed) % 4 == 0)
			f->items[at].excludes = (choose_set)1 << next(&seed) % i;
	}
	f->pairs[0] = (struct choose_pair){0, 3, {[CHOOSE_OVERHEAD] = next(&seed) % 7 - 3.0}};
	f->pairs[1] = (struct choose_pair){2, 5, {[CHOOSE_IMAGE] = next(&seed) % 70 - 35.0}};
	f->t.pairs_len = 2;
	if (next(&seed) % 4)
		limit(f, CHOOSE_OVERHEAD, next(&seed) % 20);
	if (next(&seed) % 4)
		limit(f, CHOOSE_IMAGE, next(&seed) % 200);
}

/* Of 500 tables: no allowed set is safer than an answer, and each that no other is safer than is stopped by one. */
static void as_all_subsets_say(void **state)
{
	struct fixture *f = *state;

	for (uint32_t seed = 1; seed <= 500; seed++) {
		struct choose_answers r;

		draw_table(f, seed);
		r = search(f);
		assert_false(r.is_cut);
		for (choose_set set = 0; set < 1u << f->t.items_len; set++) {
			unsigned mine = stopped(f, set);
			bool is_covered = false;

			if (!is_allowed(f, set))
				continue;
			for (size_t i = 0; i < r.len; i++) {
				unsigned its = stopped(f, r.v[i].set);

				assert_false(mine != its && (mine & its) == its);
				is_covered |= (mine & its) == mine;
				if (mine == its) {
					double cost[CHOOSE_METRICS];

					choose_cost(&f->t, set, cost);
					assert_true(choose_share(&f->t, r.v[i].cost) <=
						    choose_share(&f->t, cost) + 1e-6);
				}
			}
			assert_true(is_covered);
		}
		for (size_t i = 0; i < r.len; i++)
			assert_true(is_allowed(f, r.v[i].set));
	}
}

static void parses_budgets(void **state)
{
	struct fixture *f = *state;
	struct choose_budget b = {0};

	assert_int_equal(choose_parse_budget("overhead=2.5%,image=+20%,memory=64KiB,boot=+100_000",
					     &b, &f->d),
			 0);
	assert_true(b.value[CHOOSE_OVERHEAD] > 2.49 && b.value[CHOOSE_OVERHEAD] < 2.51);
	assert_true(b.is_share[CHOOSE_IMAGE] && b.is_change[CHOOSE_IMAGE]);
	assert_true(!b.is_change[CHOOSE_MEMORY] && b.value[CHOOSE_MEMORY] > 65535);
	assert_true(b.is_change[CHOOSE_BOOT] && b.value[CHOOSE_BOOT] > 99999);
}

static void refuses_bad_budgets(void **state)
{
	static const char *const bad[] = {
		"overhead",  "=5%",         "overhead=",           "overhead=5",
		"image=20%", "image=+x",    "image=+1K,image=+2K", "boot=4KiB",
		"speed=1%",  "overhead=5%,"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct choose_budget b = {0};
		size_t before = f->d.errors;

		assert_int_equal(choose_parse_budget(bad[i], &b, &f->d), -1);
		assert_int_equal(f->d.errors, before + 1);
	}
}

static void parses_weights(void **state)
{
	struct fixture *f = *state;
	double w[CHOOSE_ADVERSARIES];

	assert_int_equal(choose_parse_weights("A3=2,A1=10", w, &f->d), 0);
	assert_true(w[0] > 9 && w[1] < 1 && w[2] > 1);
	assert_int_equal(choose_parse_weights("A4=1", w, &f->d), -1);
	assert_int_equal(choose_parse_weights("A1=1,A1=2", w, &f->d), -1);
	assert_int_equal(choose_parse_weights("A1=x", w, &f->d), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_without_a_budget, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_with_an_empty_budget, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_items, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ties, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pareto_and_weights, set_up, tear_down),
		cmocka_unit_test_setup_teardown(needs_conflicts_levels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(raised_costs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(idle_items, set_up, tear_down),
		cmocka_unit_test_setup_teardown(needs_in_a_circle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(interactions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuted_sets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(as_all_subsets_say, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parses_budgets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_bad_budgets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parses_weights, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
