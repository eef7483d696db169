/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures: spreads, ratios, the search for the smallest memory, variants, the JSON form, budgets. */
#include "base/json.h"
#include "manifest.h"
#include "measure.h"
#include "probe.h"
#include "variants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static void test_spread(void **state)
{
	uint64_t odd[] = {5, 1, 9}, even[] = {4, 2, 8, 6};
	struct spread s = spread_of(odd, 3);

	(void)state;
	assert_int_equal(s.median, 5);
	assert_int_equal(s.min, 1);
	assert_int_equal(s.max, 9);
	assert_int_equal(s.runs, 3);
	assert_int_equal(spread_of(even, 4).median, 4);
	assert_int_equal(spread_of(NULL, 0).runs, 0);
}

static void test_permille(void **state)
{
	(void)state;
	assert_int_equal(cost_permille(1030, 1000), 30);
	assert_int_equal(cost_permille(970, 1000), -30);
	assert_int_equal(cost_permille(10, 0), 0);
	assert_int_equal(cost_permille(10006, 10000), 1);
}

static void add_kernel(struct workload_cost *v, const char *name, uint64_t n)
{
	struct kernel_cost k = {name, {n, n, n, 1}};

	vec_push(arena, &v->kernels, k);
}

static void test_kernels(void **state)
{
	struct workload_cost base = {0}, v = {0};
	int64_t mean = 0, worst = 0;

	(void)state;
	assert_false(cost_kernels(&v, &base, &mean, &worst));
	add_kernel(&base, "qsort", 1000);
	add_kernel(&base, "printf", 1000);
	add_kernel(&base, "malloc", 1000);
	add_kernel(&v, "qsort", 4000);
	add_kernel(&v, "printf", 1000);
	add_kernel(&v, "malloc", 9000);
	add_kernel(&v, "other", 9000);
	assert_true(cost_kernels(&v, &base, &mean, &worst));
	assert_int_equal(mean, 1000); /* sqrt(4 * 1) = 2: an arithmetic mean would say 150 % */
	assert_int_equal(worst, 3000);
	assert_true(cost_kernels_ratio(&v, &base) > 1.999 && cost_kernels_ratio(&v, &base) < 2.001);
	assert_true(cost_kernels_ratio(NULL, &base) == 0);
	assert_false(cost_kernels(&v, NULL, &mean, &worst));
}

struct oracle {
	uint64_t least;
	uint64_t islet; /* a size below that passes all the same; 0 = none */
	unsigned calls;
};

static bool is_enough(void *arg, uint64_t size)
{
	struct oracle *o = arg;

	o->calls++;
	return size >= o->least || size == o->islet;
}

static uint64_t search(struct oracle *o, uint64_t guess)
{
	struct probe_search s = {.max = 1024, .step = 8, .is_ok = is_enough, .arg = o};

	return probe_search(arena, &s, guess);
}

/* Every answer from every guess, and a right guess is cheap. */
static void test_search(void **state)
{
	uint64_t least, guess;

	(void)state;
	for (least = 8; least <= 1024; least += 24) {
		for (guess = 0; guess <= 1024 + 64; guess += 40) {
			struct oracle o = {.least = least};

			assert_int_equal(search(&o, guess), (least + 7) / 8 * 8);
			assert_true(o.calls <= 60);
		}
	}
	{
		struct oracle o = {.least = 512};

		assert_int_equal(search(&o, 512), 512);
		assert_int_equal(o.calls, PROBE_WINDOW + 1);
	}
}

/* A size that passes while a larger one does not is no answer. */
static void test_search_not_monotone(void **state)
{
	uint64_t guess;

	(void)state;
	for (guess = 0; guess < 1024; guess += 8) {
		struct oracle o = {.least = 512, .islet = 496};

		assert_int_equal(search(&o, guess), 512);
	}
}

static void test_parse_kernels(void **state)
{
	struct run_values l = {0};

	(void)state;
	probe_parse_kernels(arena,
			    "start\nbench: qsort 1234\nbench: broken\nbench: bad 12x\n"
			    " bench: inside 5\nbench: printf 99\nbench: cut 7",
			    &l);
	assert_int_equal(l.len, 2);
	assert_string_equal(l.v[0].name, "qsort");
	assert_int_equal(l.v[0].val, 1234);
	assert_string_equal(l.v[1].name, "printf");
}

static void test_kconfig_text(void **state)
{
	const char *prompt;
	struct strs depends = {0};

	(void)state;
	variants_read_kconfig(arena,
			      "# comment\nconfig HARDEN_WX\n\tbool \"never both\"\n"
			      "\tdepends on HARDEN_NULLPAGE && !HARDEN_XOM && CC_HAS_X\n"
			      "\thelp\n\t  depends on HARDEN_TEXT\n"
			      "config HARDEN_WX_SUB\n\tbool \"other\"\n\tdepends on HARDEN_LATER\n",
			      &prompt, &depends);
	assert_string_equal(prompt, "never both");
	assert_int_equal(depends.len, 1);
	assert_string_equal(depends.v[0], "nullpage");
}

static struct cost sample(void)
{
	struct cost cost = {.name = "hello", .platform = "kvm"};
	struct variant_cost none = {.name = "none", .spec = "none", .stops = "nothing"};
	struct variant_cost hard = {.name = "default", .spec = "default", .stops = "much"};
	struct variant_cost bad = {.name = "max", .spec = "max", .stops = "", .problem = "no lto"};
	struct fact f = {"emulator", "QEMU 7.2"};
	struct run_value phase = {"paging", 77};
	struct unit_cost unit = {"musl", 5, 4, 3, 2, 12};
	struct workload_cost bench = {.name = WORKLOAD_BENCH, .size.file_bytes = 4242};
	struct native_cost timed = {"qsort", {7, 6, 9, 25}, {1.02, 1.01, 1.03, 0.0036, 5}};

	none.size.file_bytes = 1000;
	none.work = (struct spread){10000, 10000, 10000, 5};
	none.to_main = (struct spread){300, 300, 300, 5};
	hard.size.file_bytes = 1500;
	hard.work = (struct spread){10400, 10300, 10500, 5};
	hard.to_main = (struct spread){900, 800, 1000, 5};
	hard.has_memory = true;
	hard.touched_end = 4096;
	hard.min_memory[MEASURE_MICROVM] = 1 << 20;
	memset(hard.size.sha256, 'a', 64);
	vec_push(arena, &hard.phases, phase);
	vec_push(arena, &hard.units, unit);
	add_kernel(&bench, "qsort", 5);
	vec_push(arena, &bench.native, timed);
	bench.native_overall = timed.ratio;
	vec_push(arena, &hard.workloads, bench);
	vec_push(arena, &cost.facts, f);
	vec_push(arena, &cost.variants, none);
	vec_push(arena, &cost.variants, hard);
	vec_push(arena, &cost.variants, bad);
	return cost;
}

static void test_json_round_trip(void **state)
{
	struct cost cost = sample(), back;
	json_t *j = cost_to_json(&cost), *again;
	const struct workload_cost *w;
	const struct variant_cost *v;

	(void)state;
	assert_int_equal(cost_from_json(arena, "x.json", j, &back, &diags), 0);
	again = cost_to_json(&back);
	assert_string_equal(json_text(arena, j), json_text(arena, again));
	json_decref(j);
	json_decref(again);
	v = cost_variant(&back, "default");
	assert_non_null(v);
	assert_int_equal(v->work.max, 10500);
	assert_int_equal(v->phases.v[0].val, 77);
	assert_int_equal(v->units.v[0].file, 12);
	assert_true(v->has_memory);
	assert_string_equal(cost_variant(&back, "max")->problem, "no lto");
	assert_int_equal(cost_variant(&back, "none")->workloads.len, 0);
	w = cost_workload(v, WORKLOAD_BENCH);
	assert_non_null(w);
	assert_null(cost_workload(v, "lua"));
	assert_int_equal(w->size.file_bytes, 4242);
	assert_int_equal(w->kernels.v[0].instructions.median, 5);
	assert_int_equal(w->native.v[0].ns.max, 9);
	assert_true(w->native.v[0].ratio.low == 1.01 && w->native_overall.n == 5);
}

static void test_json_of_others(void **state)
{
	const char *const texts[] = {
		"{}",
		"[]",
		"{\"version\":1}",
		"{\"version\":4,\"variants\":[{}]}",
		"3",
		"{\"version\":2,\"variants\":[{}],\"others\":[{}]}",
	};
	struct cost back;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		json_t *j = json_parse("x.json", texts[i], strlen(texts[i]), &diags);

		assert_non_null(j);
		assert_int_equal(cost_from_json(arena, "x.json", j, &back, &diags), -1);
		json_decref(j);
	}
	assert_int_equal(diags.errors, ARRAY_LEN(texts));
}

static void test_json_of_interactions(void **state)
{
	struct cost cost = sample(), back;
	struct interactions *x = &cost.interactions;
	struct response r = {.name = "kernels", .unit = "percent", .noise = 0.25};
	struct effect main = {.name = "cfi", .adds = 1.5}, pair = {.name = "cfi x wx", .adds = -2};
	struct model_check check = {"default", 3.25, 3.5};
	json_t *j, *again;

	(void)state;
	*x = (struct interactions){.design = "8 runs", .workload = WORKLOAD_BENCH};
	vec_push(arena, &x->points, cost.variants.v[1]);
	strs_push(arena, &x->factors, "nullpage+wx");
	strs_push(arena, &x->left_out, "xom: refused");
	strs_push(arena, &pair.aliases, "canary x guard");
	vec_push(arena, &r.mains, main);
	vec_push(arena, &r.pairs, pair);
	vec_push(arena, &r.checks, check);
	vec_push(arena, &x->responses, r);
	j = cost_to_json(&cost);
	assert_int_equal(cost_from_json(arena, "x.json", j, &back, &diags), 0);
	again = cost_to_json(&back);
	assert_string_equal(json_text(arena, j), json_text(arena, again));
	json_decref(j);
	json_decref(again);
	assert_int_equal(back.interactions.points.v[0].size.file_bytes, 1500);
	assert_string_equal(back.interactions.responses.v[0].pairs.v[0].aliases.v[0],
			    "canary x guard");
	assert_true(back.interactions.responses.v[0].checks.v[0].measured == 3.5);
}

/* Version 2 had the kernels of its one workload in the variant. */
static void test_json_of_one_workload(void **state)
{
	static const char old[] =
		"{\"version\":2,\"name\":\"x\",\"platform\":\"kvm\",\"variants\":[{\"name\":"
		"\"none\","
		"\"kernels\":{\"qsort\":{\"median\":9,\"min\":8,\"max\":10,\"runs\":3}},"
		"\"native\":{\"over_none\":{\"mean\":1.5,\"n\":5},\"kernels\":{}}},"
		"{\"name\":\"wx\",\"kernels\":{},\"native\":null}]}";
	json_t *j = json_parse("x.json", old, strlen(old), &diags);
	const struct workload_cost *w;
	struct cost back;

	(void)state;
	assert_int_equal(cost_from_json(arena, "x.json", j, &back, &diags), 0);
	json_decref(j);
	w = cost_workload(&back.variants.v[0], WORKLOAD_BENCH);
	assert_non_null(w);
	assert_int_equal(w->kernels.v[0].instructions.max, 10);
	assert_true(w->native_overall.mean == 1.5);
	assert_int_equal(back.variants.v[1].workloads.len, 0);
}

/* Figures of several platforms, and those of a version that knew one. */
static void test_json_of_platforms(void **state)
{
	static const char old[] = "{\"version\":1,\"name\":\"x\",\"platform\":\"kvm\","
				  "\"variants\":[{\"name\":\"none\",\"file_bytes\":7}]}";
	struct cost cost = sample(), other = sample(), back;
	const struct cost *found;
	json_t *j, *again;

	(void)state;
	cost.platform = "kvm";
	other.platform = "xen-pv";
	other.no_memory = "it is Xen's";
	other.variants.v[0].size.file_bytes = 4711;
	vec_push(arena, &cost.others, other);
	j = cost_to_json(&cost);
	assert_int_equal(cost_from_json(arena, "x.json", j, &back, &diags), 0);
	again = cost_to_json(&back);
	assert_string_equal(json_text(arena, j), json_text(arena, again));
	json_decref(j);
	json_decref(again);
	found = cost_platform(&back, "xen-pv");
	assert_int_equal(cost_variant(found, "none")->size.file_bytes, 4711);
	assert_string_equal(found->no_memory, "it is Xen's");
	assert_null(found->no_instructions);
	assert_ptr_equal(cost_platform(&back, "kvm"), &back);
	assert_null(cost_platform(&back, "process"));
	j = json_parse("x.json", old, strlen(old), &diags);
	assert_int_equal(cost_from_json(arena, "x.json", j, &back, &diags), 0);
	json_decref(j);
	assert_int_equal(back.others.len, 0);
	assert_int_equal(back.variants.v[0].size.file_bytes, 7);
}

static struct mnum limit(uint64_t n)
{
	return (struct mnum){.n = n, .is_set = true};
}

static void test_budget(void **state)
{
	struct cost cost = sample();
	struct manifest m = {.path = "ukbuild.yaml"};
	struct budget_lines l = {0};

	(void)state;
	budget_lines(arena, &m, &cost, &cost.variants.v[1], &l);
	assert_int_equal(l.len, 0);
	m.budget.image_bytes = limit(1500);
	m.budget.memory_bytes = limit(1 << 20);
	m.budget.instructions = limit(900);
	m.budget.overhead_permille = limit(40);
	budget_lines(arena, &m, &cost, &cost.variants.v[1], &l);
	assert_int_equal(l.len, 4);
	assert_int_equal(budget_check(&l, &diags), 0);
	l.len = 0;
	m.budget.overhead_permille = limit(39);
	m.budget.image_bytes = limit(1499);
	budget_lines(arena, &m, &cost, &cost.variants.v[1], &l);
	assert_int_equal(budget_check(&l, &diags), -1);
	assert_int_equal(diags.errors, 2);
	assert_int_equal(diags_exit_code(&diags), DIAG_CHECK);
}

/* A gate that saw nothing must not pass. */
static void test_budget_without_figures(void **state)
{
	struct cost cost = sample();
	struct manifest m = {.path = "ukbuild.yaml"};
	struct budget_lines l = {0};

	(void)state;
	m.budget.memory_bytes = limit(1 << 30);
	m.budget.overhead_permille = limit(1000);
	budget_lines(arena, &m, &cost, &cost.variants.v[2], &l);
	assert_int_equal(l.len, 2);
	assert_int_equal(budget_check(&l, &diags), -1);
	assert_int_equal(diags.errors, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_spread),
		T(test_permille),
		T(test_kernels),
		T(test_search),
		T(test_search_not_monotone),
		T(test_parse_kernels),
		T(test_kconfig_text),
		T(test_json_round_trip),
		T(test_json_of_platforms),
		T(test_json_of_interactions),
		T(test_json_of_one_workload),
		T(test_json_of_others),
		T(test_budget),
		T(test_budget_without_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
