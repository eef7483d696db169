/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page: charts first, then the tables of the other forms, then the method. Its style sheet is in
 * it, nothing is loaded from anywhere, and it reads on a phone, on paper and in the dark.
 */
#include "report.h"

#include "base/arena.h"

#include <inttypes.h>
#include <string.h>

/* Units shown in the chart of sizes; the table below it has all of them. */
#define UNITS_SHOWN 10

/* Colours: Okabe and Ito, "Color Universal Design" (2008): told apart with any colour vision. */
static const char style[] =
	":root{color-scheme:light dark;--ink:#1a1a1a;--dim:#5c5c5c;--paper:#fff;--line:#d8d8d8;"
	"--p0:#0072b2;--p1:#e69f00;--p2:#009e73;--p3:#9a9a9a}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#ececec;--dim:#a8a8a8;--paper:#161616;"
	"--line:#3a3a3a;--p0:#56b4e9;--p1:#e69f00;--p2:#1fbf94;--p3:#8a8a8a}}\n"
	"body{margin:0 auto;max-width:68rem;padding:1rem;background:var(--paper);color:var(--ink);"
	"font:16px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .3rem}\n"
	"p{margin:.3rem 0;max-width:44rem}.dim{color:var(--dim)}\n"
	".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));"
	"gap:1.5rem 2rem;margin:1rem 0}\n"
	"svg{width:100%;height:auto;font-family:inherit;font-size:12px}\n"
	"svg text{fill:var(--ink)}svg .title{font-size:14px;font-weight:600}\n"
	"svg .label{text-anchor:end}svg .value,svg .legend{fill:var(--dim)}\n"
	"svg .end{text-anchor:end}svg .name{font-size:11px}.axis{fill:none;stroke:var(--dim)}\n"
	".p0{fill:var(--p0)}.p1{fill:var(--p1)}.p2{fill:var(--p2)}.p3{fill:var(--p3)}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem;"
	"font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right;"
	"white-space:nowrap}th{font-weight:600}\n"
	"th.t,td.t{text-align:left}td.t:last-child{white-space:normal;min-width:14rem}\n"
	"td:first-child,th:first-child{padding-left:0}\n"
	"dt{font-weight:600;margin-top:.6rem}dd{margin:0;max-width:44rem}\n"
	"@media "
	"print{:root{--ink:#000;--dim:#444;--paper:#fff;--line:#bbb;--p0:#0072b2;--p1:#e69f00;"
	"--p2:#009e73;--p3:#9a9a9a}body{max-width:none;font-size:10pt;padding:0}"
	"table{font-size:7.5pt}.wide{overflow:visible}th,td{padding:.1rem .3rem}"
	".charts{grid-template-columns:1fr 1fr}"
	"svg,tr{break-inside:avoid}h2{break-after:avoid}"
	"rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static const struct {
	const char *what, *how;
} methods[] = {
	{"instructions", "QEMU's TCG with -icount makes the guest's time stamp counter count "
			 "instructions: the same "
			 "figure on every machine. The image reads it at its first instruction, "
			 "after each phase of the "
			 "boot, at main and at the end. An instruction is not a unit of time: "
			 "caches, TLB and branch "
			 "prediction cost nothing here."},
	{"test", "From main to the end of the application's own test, as its manifest states it."},
	{"kernels", "A separate image with the same hardening: frozen inputs and iteration counts. "
		    "The mean is "
		    "geometric, without the kernels that churn malloc."},
	{"memory touched", "Guest memory is a file in memory (tmpfs); its blocks at the end are "
			   "the pages that anything "
			   "touched. Those of a guest of one instruction, which are the launcher's "
			   "own, are taken off. "
			   "After boot: at the first output, so an upper bound."},
	{"least memory",
	 "The smallest guest memory, in steps of 8 KiB, at which the test still passes. On q35 the "
	 "firmware's own need is part of it."},
	{"bytes", "The stripped file as it boots. Symbols are in a file of their own."},
	{"attacks",
	 "Each runs from a fresh process or machine with the image's own hardening. Stopped: "
	 "it works with none, and here a mechanism named itself."},
	{"found", "Each mechanism is looked for in the finished image, never in the flags it was "
		  "built with."},
};

static uint64_t kib(uint64_t bytes)
{
	return (bytes + 1023) / 1024;
}

static struct chart_bar bar_of(const char *label, const char *value, uint64_t n)
{
	return (struct chart_bar){.label = label, .value = value, .parts = {n}};
}

/* With the platform where there are several. */
static const char *chart_title(struct arena *a, const struct report *r, const char *title)
{
	return r->is_one_of_several ? arena_printf(a, "%s, %s", title, r->cost->platform) : title;
}

static void size_chart(struct arena *a, const struct report *r, struct sb *b)
{
	struct chart c = {.title = chart_title(a, r, "Bytes of the image"),
			  .legend = {"text", "rodata", "data", "headers"}};
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		uint64_t loaded = v->size.text + v->size.rodata + v->size.data;
		struct chart_bar bar = {
			v->name,
			report_number(a, v->size.file_bytes),
			{v->size.text, v->size.rodata, v->size.data,
			 v->size.file_bytes > loaded ? v->size.file_bytes - loaded : 0}};

		if (v->size.file_bytes)
			vec_push(a, &c, bar);
	}
	if (c.len)
		report_chart(b, &c);
}

/* Kernels when they were measured, else the test. */
static void overhead_chart(struct arena *a, const struct report *r, struct sb *b)
{
	const struct variant_cost *none = cost_variant(r->cost, "none");
	struct chart c = {.title =
				  chart_title(a, r, "Instructions over none, mean of the kernels")};
	size_t i;

	for (i = 0; none && i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		int64_t mean, worst;
		const char *value;

		if (v == none || !cost_kernels(cost_workload(v, WORKLOAD_BENCH),
					       cost_workload(none, WORKLOAD_BENCH), &mean, &worst))
			continue;
		value = arena_printf(a, "%s\u00a0%%", report_percent(a, mean));
		vec_push(a, &c, bar_of(v->name, value, mean > 0 ? (uint64_t)mean : 0));
	}
	if (c.len)
		report_chart(b, &c);
}

static void kernel_chart(struct arena *a, const struct report *r, struct sb *b)
{
	const struct variant_cost *none = cost_variant(r->cost, "none");
	const struct workload_cost *base = none ? cost_workload(none, WORKLOAD_BENCH) : NULL;
	const struct workload_cost *w = cost_workload(r->shown, WORKLOAD_BENCH);
	struct chart c = {
		.title = chart_title(
			a, r,
			arena_printf(a, "Instructions by kernel, %s over none", r->shown->name))};

	for (size_t i = 0; base && w && w != base && i < w->kernels.len && i < base->kernels.len;
	     i++) {
		int64_t over = cost_permille(w->kernels.v[i].instructions.median,
					     base->kernels.v[i].instructions.median);
		const char *value = arena_printf(a, "%s\u00a0%%", report_percent(a, over));

		vec_push(a, &c, bar_of(w->kernels.v[i].name, value, over > 0 ? (uint64_t)over : 0));
	}
	if (c.len)
		report_chart(b, &c);
}

static void boot_chart(struct arena *a, const struct report *r, struct sb *b)
{
	struct chart c = {.title = chart_title(a, r, "Instructions to main")};
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];

		if (v->to_main.runs)
			vec_push(a, &c,
				 bar_of(v->name, report_number(a, v->to_main.median),
					v->to_main.median));
	}
	if (c.len)
		report_chart(b, &c);
}

static void memory_chart(struct arena *a, const struct report *r, struct sb *b)
{
	struct chart c = {.title = chart_title(a, r, "Memory touched, KiB"),
			  .legend = {"after boot", "by the end"}};
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		struct chart_bar bar = {
			v->name,
			report_number(a, kib(v->touched_end)),
			{v->touched_boot / 1024, (v->touched_end - v->touched_boot) / 1024}};

		if (v->has_memory)
			vec_push(a, &c, bar);
	}
	if (c.len)
		report_chart(b, &c);
}

static void unit_chart(struct arena *a, const struct report *r, struct sb *b)
{
	struct chart c = {
		.title = chart_title(a, r, arena_printf(a, "Bytes by unit, %s", r->shown->name)),
		.legend = {"text", "rodata", "data", "other"}};
	size_t i;

	for (i = 0; i < r->shown->units.len && i < UNITS_SHOWN; i++) {
		const struct unit_cost *u = &r->shown->units.v[i];
		uint64_t known = u->text + u->rodata + u->data;
		struct chart_bar bar = {
			u->unit,
			report_number(a, u->file),
			{u->text, u->rodata, u->data, u->file > known ? u->file - known : 0}};

		if (u->file)
			vec_push(a, &c, bar);
	}
	if (c.len)
		report_chart(b, &c);
}

/* The variant shown, on each workload. */
static void workload_chart(struct arena *a, const struct report *r, struct sb *b)
{
	const struct variant_cost *none = cost_variant(r->cost, "none"), *v = r->shown;
	struct chart c = {
		.title = chart_title(
			a, r, arena_printf(a, "Instructions by workload, %s over none", v->name))};

	for (size_t i = 0; none && v != none && i < v->workloads.len; i++) {
		const struct workload_cost *w = &v->workloads.v[i];
		int64_t mean, worst;

		if (!cost_kernels(w, cost_workload(none, w->name), &mean, &worst))
			continue;
		vec_push(a, &c,
			 bar_of(w->name, arena_printf(a, "%s\u00a0%%", report_percent(a, mean)),
				mean > 0 ? (uint64_t)mean : 0));
	}
	if (c.len)
		report_chart(b, &c);
}

/* What is paid against what is stopped, one point a variant. */
static void attack_chart(struct arena *a, const struct report *r, struct sb *b)
{
	const struct variant_cost *none = cost_variant(r->cost, "none");
	const struct attack_table *attacks = report_attacks(r);
	struct strs workloads = {0};
	struct scatter s = {
		.title = chart_title(a, r, "Cost against attacks stopped"),
		.y_name = "attacks of none that are stopped",
	};

	cost_workload_names(a, r->cost, &workloads);
	if (!attacks || !none || !workloads.len)
		return;
	s.x_name = arena_printf(a, "instructions of %s over none, percent", workloads.v[0]);
	for (size_t i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		const struct attack_profile *p = attack_profile_named(attacks, v->name);
		double ratio = cost_kernels_ratio(cost_workload(v, workloads.v[0]),
						  cost_workload(none, workloads.v[0]));

		if (p && ratio > 0)
			vec_push(a, &s,
				 (struct scatter_point){v->name, 100 * (ratio - 1),
							(double)report_stopped(attacks, p)});
	}
	if (s.len > 1)
		report_scatter(b, &s);
}

static void put_charts(struct arena *a, const struct report *r, struct sb *b)
{
	sb_put(b, "<div class=\"charts\">\n");
	attack_chart(a, r, b);
	size_chart(a, r, b);
	overhead_chart(a, r, b);
	workload_chart(a, r, b);
	boot_chart(a, r, b);
	memory_chart(a, r, b);
	kernel_chart(a, r, b);
	unit_chart(a, r, b);
	sb_put(b, "</div>\n");
}

/*
 * The figures themselves, for programs. '<' as an escape of JSON: nothing in there can end the element or
 * open another one (HTML, "Restrictions on the contents of script elements").
 */
static void put_raw(struct arena *a, const struct report *r, struct sb *b)
{
	json_t *j = report_json(r);
	const char *text = json_text(a, j);

	sb_put(b, "<h2>Raw figures</h2>\n<p class=\"dim\">All of the above as JSON lies in this "
		  "page, in "
		  "the element with the id figures.</p>\n"
		  "<script type=\"application/json\" id=\"figures\">\n");
	for (; *text; text++) {
		if (*text == '<')
			sb_put(b, "\\u003c");
		else
			sb_putn(b, text, 1);
	}
	sb_put(b, "</script>\n");
	json_decref(j);
}

static void put_cell(struct sb *b, const char *tag, bool is_text, const char *s)
{
	sb_putf(b, "<%s%s>", tag, is_text ? " class=\"t\"" : "");
	report_escape(b, s);
	sb_putf(b, "</%s>", tag);
}

static void put_table(struct sb *b, const struct table *t)
{
	size_t cols = t->head.len, i;

	if (!cols)
		return;
	sb_put(b, "<h2>");
	report_escape(b, t->title);
	sb_put(b, "</h2>\n");
	if (t->note) {
		sb_put(b, "<p class=\"dim\">");
		report_escape(b, t->note);
		sb_put(b, "</p>\n");
	}
	sb_put(b, "<div class=\"wide\"><table>\n<thead><tr>");
	for (i = 0; i < cols; i++)
		put_cell(b, "th", t->is_text[i], t->head.v[i]);
	sb_put(b, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < t->cells.len; i++) {
		if (i % cols == 0)
			sb_put(b, "<tr>");
		put_cell(b, "td", t->is_text[i % cols], t->cells.v[i]);
		if (i % cols == cols - 1)
			sb_put(b, "</tr>\n");
	}
	sb_put(b, "</tbody></table></div>\n");
}

static void put_methods(struct sb *b)
{
	size_t i;

	sb_put(b, "<h2>What the figures mean</h2>\n<dl>\n");
	for (i = 0; i < ARRAY_LEN(methods); i++) {
		sb_put(b, "<dt>");
		report_escape(b, methods[i].what);
		sb_put(b, "</dt><dd>");
		report_escape(b, methods[i].how);
		sb_put(b, "</dd>\n");
	}
	sb_put(b, "</dl>\n");
}

/* One sentence for those who read no further. */
static void put_summary(struct arena *a, const struct report *r, struct sb *b)
{
	const struct variant_cost *none = cost_variant(r->cost, "none"), *v = r->shown;
	int64_t mean, worst;

	sb_putf(b, "<p>With hardening ");
	report_escape(b, v->name);
	sb_putf(b, " the image has %s bytes", report_number(a, v->size.file_bytes));
	if (none && v != none && none->size.file_bytes)
		sb_putf(b, " (%s\u00a0%% over none)",
			report_percent(a,
				       cost_permille(v->size.file_bytes, none->size.file_bytes)));
	if (v->to_main.runs)
		sb_putf(b, ", reaches main after %s instructions",
			report_number(a, v->to_main.median));
	if (v->has_memory)
		sb_putf(b, ", touches %s KiB of memory", report_number(a, kib(v->touched_end)));
	if (none && v != none &&
	    cost_kernels(cost_workload(v, WORKLOAD_BENCH), cost_workload(none, WORKLOAD_BENCH),
			 &mean, &worst))
		sb_putf(b, ", and costs %s\u00a0%% instructions on the kernels (worst %s\u00a0%%)",
			report_percent(a, mean), report_percent(a, worst));
	sb_put(b, ".</p>\n");
}

void report_html(struct arena *a, const struct report *r, FILE *to)
{
	struct tables tables = {0};
	struct sb b;
	size_t i;

	sb_init(&b, a);
	report_tables(a, r, &tables);
	sb_put(&b,
	       "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
	report_escape(&b, r->cost->name);
	sb_put(&b, ": the cost of hardening</title>\n<style>\n");
	sb_put(&b, style);
	sb_put(&b, "</style></head><body>\n<h1>");
	report_escape(&b, r->cost->name);
	sb_put(&b, " on ");
	report_escape(&b, r->cost->platform);
	for (i = 0; i < r->others.len; i++) {
		sb_put(&b, ", ");
		report_escape(&b, r->others.v[i].cost->platform);
	}
	sb_put(&b, ": what hardening costs</h1>\n");
	put_summary(a, r, &b);
	/* The overview first, then pictures, then everything else. */
	for (i = 0; i < tables.len; i++)
		if (str_starts(tables.v[i].title, REPORT_OVERVIEW))
			put_table(&b, &tables.v[i]);
	put_charts(a, r, &b);
	for (i = 0; i < r->others.len; i++)
		put_charts(a, &r->others.v[i], &b);
	for (i = 0; i < tables.len; i++)
		if (!str_starts(tables.v[i].title, REPORT_OVERVIEW))
			put_table(&b, &tables.v[i]);
	put_methods(&b);
	put_raw(a, r, &b);
	sb_put(&b, "</body></html>\n");
	fputs(sb_str(&b), to);
}
