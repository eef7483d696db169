/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports: numbers as people write them, the tables, escaping, and that the page stands alone. */
#include "base/json.h"
#include "report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static struct spread same(uint64_t n)
{
	return (struct spread){n, n, n, 5};
}

static void fill(struct cost *cost)
{
	struct variant_cost none = {.name = "none", .spec = "none", .stops = "nothing"};
	struct variant_cost hard = {.name = "default", .spec = "default", .stops = "a | <b>"};
	struct variant_cost bad = {.name = "max", .stops = "", .problem = "no & compiler"};
	struct workload_cost bench = {.name = WORKLOAD_BENCH}, harder = bench;
	struct kernel_cost k = {"qsort", {1000, 1000, 1000, 5}};
	struct run_value phase = {"paging", 1234};
	struct unit_cost unit = {"musl", 500, 40, 30, 20, 570};
	struct fact f = {"emulator", "QEMU 7.2"};
	struct native_cost timed = {"qsort", {5000, 4900, 5200, 25}, {1, 1, 1, 0, 5}};

	*cost = (struct cost){.name = "hello", .platform = "kvm"};
	none.size.file_bytes = 20000;
	none.size.text = 12000;
	none.size.rodata = 3000;
	none.to_main = same(9000);
	none.work = same(10000);
	none.has_memory = true;
	none.touched_boot = 40960;
	none.touched_end = 81920;
	none.min_memory[MEASURE_MICROVM] = 1200 << 10;
	vec_push(arena, &bench.kernels, k);
	vec_push(arena, &bench.native, timed);
	bench.native_overall = timed.ratio;
	vec_push(arena, &none.workloads, bench);
	hard.size.file_bytes = 25000;
	hard.size.text = 15000;
	hard.to_main = (struct spread){90000, 89000, 91000, 5};
	hard.work = same(10250);
	k.instructions = same(1025);
	vec_push(arena, &harder.kernels, k);
	/* More instructions, and yet faster: the two disagree about the order. */
	timed.ratio = (struct estimate){0.98, 0.97, 0.99, 0.0036, 5};
	vec_push(arena, &harder.native, timed);
	harder.native_overall = timed.ratio;
	vec_push(arena, &hard.workloads, harder);
	vec_push(arena, &hard.phases, phase);
	vec_push(arena, &hard.units, unit);
	vec_push(arena, &cost->facts, f);
	vec_push(arena, &cost->variants, none);
	vec_push(arena, &cost->variants, hard);
	vec_push(arena, &cost->variants, bad);
}

static void fill_report(struct cost *cost, struct report *r)
{
	struct proof p = {.mechanism = "canary",
			  .asked = "strong",
			  .state = "on",
			  .covered = 212,
			  .total = 214,
			  .what = "functions"};
	struct budget_line line = {.what = "image",
				   .unit = "bytes",
				   .limit = 24000,
				   .found = 25000,
				   .is_measured = true};

	fill(cost);
	*r = (struct report){.cost = cost, .shown = &cost->variants.v[1]};
	vec_push(arena, &r->proofs, p);
	vec_push(arena, &r->budget, line);
}

/* What a printer prints. */
static const char *printed(void (*print)(struct arena *, const struct report *, FILE *),
			   const struct report *r)
{
	char *text = NULL, *copy;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	print(arena, r, f);
	assert_int_equal(fclose(f), 0);
	copy = arena_memdup(arena, text, len);
	free(text);
	return copy;
}

static void test_numbers(void **state)
{
	(void)state;
	assert_string_equal(report_number(arena, 0), "0");
	assert_string_equal(report_number(arena, 999), "999");
	assert_string_equal(report_number(arena, 1000), "1,000");
	assert_string_equal(report_number(arena, 1234567), "1,234,567");
	assert_string_equal(report_percent(arena, 31), "+3.1");
	assert_string_equal(report_percent(arena, -5), "-0.5");
	assert_string_equal(report_percent(arena, 1000), "+100.0");
}

static void test_text(void **state)
{
	struct cost cost;
	struct report r;
	const char *s;

	(void)state;
	fill_report(&cost, &r);
	s = printed(report_text, &r);
	assert_non_null(strstr(s, "none     20,000"));
	assert_non_null(strstr(s, "default  25,000  +25.0   90,000  10,250  +2.5"));
	assert_non_null(strstr(s, "FAILED: no & compiler"));
	assert_non_null(strstr(s, "90,000 (89,000-91,000)"));
	assert_non_null(strstr(s, "212/214 functions"));
	assert_non_null(strstr(s, "EXCEEDED"));
	assert_null(strstr(s, " \n"));
}

static void test_native(void **state)
{
	struct cost cost;
	struct report r;
	const char *s;

	(void)state;
	fill_report(&cost, &r);
	s = printed(report_text, &r);
	/* 0.98 + t(4) * 0.0036 = 0.9877: shown to be 1.2 % faster at least. */
	assert_non_null(strstr(
		s, "default          +2.5  -2.0  -3.0 .. -1.0     -1.2   -2.0  differently"));
	assert_non_null(strstr(s, "5,000 (4,900-5,200)"));
	cost.variants.v[0].workloads.v[0].native.len = 0;
	assert_null(strstr(printed(report_text, &r), "time over none"));
}

static void test_interactions(void **state)
{
	struct response kernels = {.name = "kernels", .unit = "percent"};
	struct effect main = {.name = "cfi", .adds = 1.25},
		      pair = {.name = "canary x cfi", .adds = -2};
	struct model_check check = {"default", 3.25, 3.5};
	struct cost cost;
	struct report r;
	const char *s;

	(void)state;
	fill_report(&cost, &r);
	assert_null(strstr(printed(report_text, &r), "In company"));
	strs_push(arena, &pair.aliases, "aslr x wx");
	vec_push(arena, &kernels.mains, main);
	vec_push(arena, &kernels.pairs, pair);
	vec_push(arena, &kernels.checks, check);
	cost.interactions.design = "8 runs";
	vec_push(arena, &cost.interactions.responses, kernels);
	s = printed(report_text, &r);
	assert_non_null(strstr(s, "cfi                   +1.25"));
	assert_non_null(strstr(s, "kernels  canary x cfi  -2.00  percent  aslr x wx"));
	assert_non_null(strstr(s, "default  kernels      +3.25     +3.50  percent"));
}

/* All platforms in one table; what was not measured is said, and never 0. */
static void test_platforms(void **state)
{
	struct cost cost, other;
	struct report r;
	const char *text;

	(void)state;
	fill_report(&cost, &r);
	assert_null(strstr(printed(report_text, &r), "Platforms"));
	assert_null(strstr(printed(report_text, &r), "Not measured"));
	fill(&other);
	other.platform = "process";
	other.no_instructions = "they are not counted";
	other.no_memory = "Linux has it";
	for (size_t i = 0; i < other.variants.len; i++) {
		struct variant_cost *v = &other.variants.v[i];

		v->to_main.runs = v->work.runs = 0;
		v->touched_end = v->min_memory[MEASURE_MICROVM] = 0;
	}
	vec_push(arena, &cost.others, other);
	text = printed(report_text, &r);
	assert_non_null(strstr(text, "\nPlatforms\n(bytes can be compared between platforms; "
				     "instructions cannot without care"));
	assert_non_null(strstr(text, "kvm       none     20,000         9,000        10,000"));
	assert_non_null(strstr(text, "process   default  25,000  not measured  not measured  not "
				     "measured  not measured"));
	assert_non_null(
		strstr(text, "process   instructions                  they are not counted"));
	assert_non_null(strstr(text, "process   memory touched, least memory  Linux has it"));
	assert_non_null(strstr(printed(report_markdown, &r), "## Platforms"));
	assert_non_null(strstr(printed(report_html, &r), "Platforms"));
}

static void test_markdown(void **state)
{
	struct cost cost;
	struct report r;
	const char *s;

	(void)state;
	fill_report(&cost, &r);
	s = printed(report_markdown, &r);
	assert_non_null(strstr(s, "a \\| \\<b>"));
	assert_non_null(strstr(s, "|---|---:|"));
}

static void test_json(void **state)
{
	struct cost cost, back;
	struct report r;
	struct diags d;
	json_t *j;

	(void)state;
	fill_report(&cost, &r);
	diags_init(&d, arena);
	j = report_json(&r);
	assert_int_equal(json_array_size(json_object_get(j, "proof")), 1);
	assert_false(json_is_true(
		json_object_get(json_array_get(json_object_get(j, "budget"), 0), "met")));
	assert_int_equal(cost_from_json(arena, "x", j, &back, &d), 0);
	assert_int_equal(back.variants.len, 3);
	json_decref(j);
}

/* Every '<' of foreign text is escaped, every tag that opens is closed, nothing is loaded. */
static void test_html(void **state)
{
	const char *figures;
	struct cost cost;
	struct report r;
	const char *s;

	(void)state;
	fill_report(&cost, &r);
	s = printed(report_html, &r);
	assert_non_null(strstr(s, "a | &lt;b&gt;"));
	assert_non_null(strstr(s, "no &amp; compiler"));
	assert_non_null(strstr(s, "<svg viewBox="));
	assert_null(strstr(s, "http"));
	assert_null(strstr(s, "src="));
	/* The figures are in a script element, which is none that runs: no other one, and no '<' inside. */
	figures = strstr(s, "<script type=\"application/json\"");
	assert_non_null(figures);
	assert_null(strstr(figures + 1, "<script"));
	assert_ptr_equal(strstr(s, "<script"), figures);
	assert_ptr_equal(strchr(figures + 1, '<'), strstr(figures, "</script>"));
	assert_null(strstr(s, "url("));
	assert_non_null(strstr(s, "</body></html>"));
	assert_non_null(strstr(s, "+2.5\u00a0%"));
}

static size_t count(const char *s, const char *word)
{
	size_t n = 0;

	for (; (s = strstr(s, word)) != NULL; s += strlen(word))
		n++;
	return n;
}

static void test_html_is_balanced(void **state)
{
	static const char *const tags[] = {"svg", "table", "tr", "td", "th", "div", "text", "dl"};
	struct cost cost;
	struct report r;
	const char *s;
	size_t i;

	(void)state;
	fill_report(&cost, &r);
	s = printed(report_html, &r);
	for (i = 0; i < ARRAY_LEN(tags); i++)
		assert_int_equal(count(s, arena_printf(arena, "<%s>", tags[i])) +
					 count(s, arena_printf(arena, "<%s ", tags[i])),
				 count(s, arena_printf(arena, "</%s>", tags[i])));
}

static void test_chart_scale(void **state)
{
	struct chart c = {.title = "t"};
	struct chart_bar full = {"a", "2", {1, 1}}, half = {"b", "1", {1}};
	struct sb b;

	(void)state;
	vec_push(arena, &c, full);
	vec_push(arena, &c, half);
	sb_init(&b, arena);
	report_chart(&b, &c);
	/* Three parts of the same size: the same width each. */
	assert_int_equal(count(sb_str(&b), "width=\"108.0\""), 3);
	c.len = 0;
	report_chart(&b, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_numbers),          T(test_text),        T(test_native), T(test_interactions),
		T(test_platforms),        T(test_markdown),    T(test_json),   T(test_html),
		T(test_html_is_balanced), T(test_chart_scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
