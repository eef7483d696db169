/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report says, as tables: the one place that picks figures and words them. */
#include "report.h"

#include "base/arena.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

const char *report_number(struct arena *a, uint64_t n)
{
	const char *digits = arena_printf(a, "%" PRIu64, n);
	size_t len = strlen(digits), i;
	struct sb b;

	sb_init(&b, a);
	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			sb_put(&b, ",");
		sb_putn(&b, digits + i, 1);
	}
	return sb_str(&b);
}

const char *report_percent(struct arena *a, int64_t permille)
{
	uint64_t size = permille < 0 ? (uint64_t)-permille : (uint64_t)permille;

	return arena_printf(a, "%s%" PRIu64 ".%" PRIu64, permille < 0 ? "-" : "+", size / 10,
			    size % 10);
}

struct table table_new(struct arena *a, const char *title, const char *note,
		       const char *const *columns)
{
	struct table t = {.title = title, .note = note};
	size_t i;

	for (i = 0; columns[i]; i++)
		strs_push(a, &t.head, columns[i][0] == '<' ? columns[i] + 1 : columns[i]);
	t.is_text = arena_array(a, t.head.len, sizeof(*t.is_text));
	for (i = 0; i < t.head.len; i++)
		t.is_text[i] = columns[i][0] == '<';
	return t;
}

void table_keep(struct arena *a, struct tables *l, struct table t)
{
	if (t.cells.len)
		vec_push(a, l, t);
}

void table_cell(struct arena *a, struct table *t, const char *s)
{
	strs_push(a, &t->cells, s);
}

/* A number, or nothing where there is none. */
static void cell_number(struct arena *a, struct table *t, uint64_t n, bool is_known)
{
	table_cell(a, t, is_known ? report_number(a, n) : "");
}

static void cell_kib(struct arena *a, struct table *t, uint64_t bytes)
{
	cell_number(a, t, (bytes + 1023) / 1024, bytes != 0);
}

/* Beyond the same figure of none; nothing for none itself. */
static void cell_over(struct arena *a, struct table *t, uint64_t part, uint64_t whole, bool is_base)
{
	table_cell(a, t,
		   is_base || !whole || !part ? "" : report_percent(a, cost_permille(part, whole)));
}

/* "1,234" or, where runs differ, "1,234 (1,200-1,300)". */
static const char *spread_text(struct arena *a, const struct spread *s)
{
	if (!s->runs)
		return "";
	if (s->min == s->max)
		return report_number(a, s->median);
	return arena_printf(a, "%s (%s-%s)", report_number(a, s->median), report_number(a, s->min),
			    report_number(a, s->max));
}

static void overview(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<variant",       "bytes", "+%",         "to main",
					      "test",           "+%",    "memory KiB", "least KiB",
					      "<what it stops", NULL};
	const struct variant_cost *none = cost_variant(r->cost, "none");
	struct table t = table_new(
		a, "Cost and benefit",
		"bytes of the image, instructions to main and of the test, memory touched, "
		"least memory on microvm; +% over none",
		columns);
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];

		table_cell(a, &t, v->name);
		cell_number(a, &t, v->size.file_bytes, v->size.file_bytes != 0);
		cell_over(a, &t, v->size.file_bytes, none ? none->size.file_bytes : 0, v == none);
		cell_number(a, &t, v->to_main.median, v->to_main.runs);
		cell_number(a, &t, v->work.median, v->work.runs);
		cell_over(a, &t, v->work.median, none ? none->work.median : 0, v == none);
		cell_kib(a, &t, v->touched_end);
		cell_kib(a, &t, v->min_memory[MEASURE_MICROVM]);
		table_cell(a, &t,
			   v->problem ? arena_printf(a, "FAILED: %s", v->problem) : v->stops);
	}
	table_keep(a, ret, t);
}

static void proofs(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<mechanism", "<asked",  "<found",
					      "<coverage",  "<exempt", "<on this platform",
					      NULL};
	struct table t =
		table_new(a, arena_printf(a, "Proof in the finished image: %s", r->shown->name),
			  "found: read from the bytes of the image, not from the flags", columns);
	size_t i;

	for (i = 0; i < r->proofs.len; i++) {
		const struct proof *p = &r->proofs.v[i];

		table_cell(a, &t, p->mechanism);
		table_cell(a, &t, p->asked ? p->asked : "");
		table_cell(a, &t, p->state);
		table_cell(a, &t,
			   p->total ? arena_printf(a, "%zu/%zu %s", p->covered, p->total,
						   p->what ? p->what : "")
				    : "");
		table_cell(a, &t, p->exempt.len ? arena_printf(a, "%zu", p->exempt.len) : "");
		table_cell(a, &t,
			   arena_printf(a, "%s%s%s", p->status ? p->status : "",
					p->reason ? ": " : "", p->reason ? p->reason : ""));
	}
	table_keep(a, ret, t);
}

static void budget(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<budget", "allowed",  "found",
					      "<unit",   "<verdict", NULL};
	struct table t = table_new(a, "Budget", NULL, columns);
	size_t i;

	for (i = 0; i < r->budget.len; i++) {
		const struct budget_line *b = &r->budget.v[i];

		table_cell(a, &t, b->what);
		table_cell(a, &t, report_number(a, b->limit));
		cell_number(a, &t, b->found, b->is_measured);
		table_cell(a, &t, b->unit);
		table_cell(a, &t, b->is_met ? "met" : b->is_measured ? "EXCEEDED" : "NOT MEASURED");
	}
	table_keep(a, ret, t);
}

/* The bench is the one that every measurement has. */
static const char *workload_title(struct arena *a, const char *name, const char *what)
{
	return str_eq(name, WORKLOAD_BENCH) ? arena_printf(a, "Kernels: %s", what)
					    : arena_printf(a, "Workload %s: %s", name, what);
}

/* One workload's counted kernels over none; the mean and worst leave out those that churn malloc. */
static void kernels_of(struct arena *a, const struct report *r, const char *name,
		       struct tables *ret)
{
	const struct variant_cost *none = cost_variant(r->cost, "none");
	const struct workload_cost *base = none ? cost_workload(none, name) : NULL;
	const char **columns;
	struct table t;

	if (!base || !base->kernels.len)
		return;
	columns = arena_array(a, base->kernels.len + 4, sizeof(*columns));
	columns[0] = "<variant";
	columns[1] = "mean";
	columns[2] = "worst";
	for (size_t k = 0; k < base->kernels.len; k++)
		columns[3 + k] = base->kernels.v[k].name;
	t = table_new(a, workload_title(a, name, "instructions over none, in percent"),
		      "none: instructions; mean: geometric, mean and worst without malloc",
		      columns);
	for (size_t i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		const struct workload_cost *w = cost_workload(v, name);
		int64_t mean, worst;

		if (!w || !w->kernels.len)
			continue;
		table_cell(a, &t, v->name);
		if (v == none || !cost_kernels(w, base, &mean, &worst)) {
			table_cell(a, &t, "");
			table_cell(a, &t, "");
		} else {
			table_cell(a, &t, report_percent(a, mean));
			table_cell(a, &t, report_percent(a, worst));
		}
		for (size_t k = 0; k < base->kernels.len; k++) {
			uint64_t n = k < w->kernels.len ? w->kernels.v[k].instructions.median : 0;

			if (v == none)
				cell_number(a, &t, n, true);
			else
				cell_over(a, &t, n, base->kernels.v[k].instructions.median, false);
		}
	}
	table_keep(a, ret, t);
}

/* "+3.1" of a ratio. */
static const char *ratio_text(struct arena *a, double ratio)
{
	double permille = (ratio - 1) * 1000;

	return report_percent(a, (int64_t)(permille < 0 ? permille - 0.5 : permille + 0.5));
}

static const char *interval_text(struct arena *a, const struct estimate *e)
{
	if (e->n < 2)
		return "";
	return arena_printf(a, "%s .. %s", ratio_text(a, e->low), ratio_text(a, e->high));
}

/* Which variants time ranks otherwise than instructions do. */
static bool *ranked_otherwise(struct arena *a, const struct cost *cost, const char *name,
			      const struct workload_cost *base)
{
	const size_t len = cost->variants.len;
	double *counted = arena_array(a, len, sizeof(*counted));
	struct estimate *timed = arena_array(a, len, sizeof(*timed));
	bool *marks = arena_array(a, len, sizeof(*marks));

	for (size_t i = 0; i < len; i++) {
		const struct workload_cost *w = cost_workload(&cost->variants.v[i], name);
		int64_t mean = 0, worst;

		/* n stays 0 where one of the two is missing: it takes no part. */
		if (w && (w == base || cost_kernels(w, base, &mean, &worst)))
			timed[i] = w->native_overall;
		counted[i] = (double)mean;
	}
	stats_discordant(counted, timed, len, marks);
	return marks;
}

static void native_of(struct arena *a, const struct report *r, const char *name, struct tables *ret)
{
	static const char *const columns[] = {"<variant", "instructions", "time",   "95 %",
					      "at most",  "worst",        "<ranks", NULL};
	const struct variant_cost *none = cost_variant(r->cost, "none");
	const struct workload_cost *base = none ? cost_workload(none, name) : NULL;
	struct table t = table_new(
		a, workload_title(a, name, "instructions and time over none, in percent"),
		arena_printf(a,
			     "counted on %s, timed on this processor; at most: what the "
			     "time is shown to be within "
			     "(one-sided, 95 %%); worst: kernel; ranks: time and instructions "
			     "disagree about the order",
			     r->cost->platform),
		columns);
	const bool *marks;

	if (!base || !base->native.len)
		return;
	marks = ranked_otherwise(a, r->cost, name, base);
	for (size_t i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		const struct workload_cost *w = cost_workload(v, name);
		int64_t mean, worst;

		if (!w || !w->native.len || v == none)
			continue;
		table_cell(a, &t, v->name);
		table_cell(a, &t,
			   cost_kernels(w, base, &mean, &worst) ? report_percent(a, mean) : "");
		table_cell(a, &t, ratio_text(a, w->native_overall.mean));
		table_cell(a, &t, interval_text(a, &w->native_overall));
		table_cell(a, &t, ratio_text(a, stats_upper(&w->native_overall)));
		table_cell(a, &t, ratio_text(a, cost_native_worst(w)));
		table_cell(a, &t, marks[i] ? "differently" : "");
	}
	table_keep(a, ret, t);
}

static const struct native_cost *native_kernel(const struct workload_cost *w, const char *name)
{
	for (size_t i = 0; i < w->native.len; i++)
		if (str_eq(w->native.v[i].name, name))
			return &w->native.v[i];
	return NULL;
}

static void native_kernels_of(struct arena *a, const struct report *r, const char *name,
			      struct tables *ret)
{
	const struct variant_cost *none = cost_variant(r->cost, "none");
	const struct workload_cost *base = none ? cost_workload(none, name) : NULL;
	const char **columns;
	struct table t;

	if (!base || !base->native.len)
		return;
	columns = arena_array(a, base->native.len + 2, sizeof(*columns));
	columns[0] = "<variant";
	for (size_t k = 0; k < base->native.len; k++)
		columns[1 + k] = base->native.v[k].name;
	t = table_new(
		a, workload_title(a, name, "time over none, in percent"),
		"none: nanoseconds, median (least-greatest) of all runs; others: mean over links",
		columns);
	for (size_t i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		const struct workload_cost *w = cost_workload(v, name);

		if (!w || !w->native.len)
			continue;
		table_cell(a, &t, v->name);
		for (size_t k = 0; k < base->native.len; k++) {
			const struct native_cost *n = native_kernel(w, base->native.v[k].name);

			table_cell(a, &t,
				   !n          ? ""
				   : v == none ? spread_text(a, &n->ns)
					       : ratio_text(a, n->ratio.mean));
		}
	}
	table_keep(a, ret, t);
}

/* What was counted and timed of each workload that any variant has. */
static void workloads(struct arena *a, const struct report *r, struct tables *ret)
{
	struct strs names = {0};

	cost_workload_names(a, r->cost, &names);
	for (size_t i = 0; i < names.len; i++) {
		kernels_of(a, r, names.v[i], ret);
		native_of(a, r, names.v[i], ret);
		native_kernels_of(a, r, names.v[i], ret);
	}
}

static void memory(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<variant",      "after boot", "at the end",
					      "heap peak",     "stack peak", "page tables",
					      "least microvm", "least q35",  NULL};
	struct table t =
		table_new(a, "Memory in KiB",
			  "touched after boot (first output) and at the end; high-water marks; "
			  "least memory at which the test passes",
			  columns);
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];

		if (!v->has_memory && !v->min_memory[MEASURE_MICROVM])
			continue;
		table_cell(a, &t, v->name);
		cell_kib(a, &t, v->touched_boot);
		cell_kib(a, &t, v->touched_end);
		cell_kib(a, &t, v->heap_peak);
		cell_kib(a, &t, v->stack_peak);
		cell_kib(a, &t, v->page_tables);
		cell_kib(a, &t, v->min_memory[MEASURE_MICROVM]);
		cell_kib(a, &t, v->min_memory[MEASURE_Q35]);
	}
	table_keep(a, ret, t);
}

static void instructions(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<variant", "to main", "test", NULL};
	struct table t = table_new(
		a, "Instructions",
		"median (least-greatest) over boot seeds; one number: all runs equal", columns);
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];

		if (!v->to_main.runs)
			continue;
		table_cell(a, &t, v->name);
		table_cell(a, &t, spread_text(a, &v->to_main));
		table_cell(a, &t, spread_text(a, &v->work));
	}
	table_keep(a, ret, t);
}

/* The profiles that were measured with phases; *ret_longest: the one with the most of them. */
static size_t phased_profiles(const struct cost *cost, const struct variant_cost **ret, size_t max,
			      const struct variant_cost **ret_longest)
{
	static const char *const profiles[] = {"none", "peer", "default", "max"};
	size_t i, n = 0;

	*ret_longest = NULL;
	for (i = 0; i < ARRAY_LEN(profiles) && n < max; i++) {
		const struct variant_cost *v = cost_variant(cost, profiles[i]);

		if (!v || !v->phases.len)
			continue;
		ret[n++] = v;
		if (!*ret_longest || v->phases.len > (*ret_longest)->phases.len)
			*ret_longest = v;
	}
	return n;
}

/* Rows: the phases of the profile that has the most, in boot order; columns: the profiles. */
static void phases(struct arena *a, const struct report *r, struct tables *ret)
{
	enum {
		PROFILES = 4
	};
	const struct variant_cost *shown[PROFILES], *longest;
	const char *columns[PROFILES + 2] = {"<phase"};
	size_t i, k, n = phased_profiles(r->cost, shown, PROFILES, &longest);
	struct table t;

	for (i = 0; i < n; i++)
		columns[1 + i] = shown[i]->name;
	t = table_new(a, "Boot: instructions by phase", "each from the point before it", columns);
	for (i = 0; n && i < longest->phases.len; i++) {
		const char *name = longest->phases.v[i].name;

		table_cell(a, &t, name);
		for (k = 0; k < n; k++)
			table_cell(a, &t, report_number(a, run_value(&shown[k]->phases, name, 0)));
	}
	table_keep(a, ret, t);
}

static void sections(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<variant", "file", "text",    "rodata",
					      "data",     "bss",  "headers", NULL};
	struct table t = table_new(a, "Bytes by section",
				   "bss is memory only; headers: all else in the file", columns);
	size_t i;

	for (i = 0; i < r->cost->variants.len; i++) {
		const struct variant_cost *v = &r->cost->variants.v[i];
		uint64_t loaded = v->size.text + v->size.rodata + v->size.data;

		if (!v->size.file_bytes)
			continue;
		table_cell(a, &t, v->name);
		table_cell(a, &t, report_number(a, v->size.file_bytes));
		table_cell(a, &t, report_number(a, v->size.text));
		table_cell(a, &t, report_number(a, v->size.rodata));
		table_cell(a, &t, report_number(a, v->size.data));
		table_cell(a, &t, report_number(a, v->size.bss));
		table_cell(a, &t,
			   report_number(a, v->size.file_bytes > loaded
						    ? v->size.file_bytes - loaded
						    : 0));
	}
	table_keep(a, ret, t);
}

static void units(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<unit", "file", "text", "rodata",
					      "data",  "bss",  NULL};
	struct table t = table_new(a, arena_printf(a, "Bytes by unit: %s", r->shown->name),
				   "the file column adds up to the image", columns);
	size_t i;

	for (i = 0; i < r->shown->units.len; i++) {
		const struct unit_cost *u = &r->shown->units.v[i];

		table_cell(a, &t, u->unit);
		table_cell(a, &t, report_number(a, u->file));
		table_cell(a, &t, report_number(a, u->text));
		table_cell(a, &t, report_number(a, u->rodata));
		table_cell(a, &t, report_number(a, u->data));
		table_cell(a, &t, report_number(a, u->bss));
	}
	table_keep(a, ret, t);
}

/* Why a figure is not there, in the words of its cell. */
static void cell_measured(struct arena *a, struct table *t, const char *text, const char *why_not)
{
	table_cell(a, t, *text || !why_not ? text : "not measured");
}

static void platform_rows(struct arena *a, const struct cost *cost, struct table *t)
{
	for (size_t i = 0; i < cost->variants.len; i++) {
		const struct variant_cost *v = &cost->variants.v[i];

		table_cell(a, t, cost->platform);
		table_cell(a, t, v->name);
		cell_number(a, t, v->size.file_bytes, v->size.file_bytes != 0);
		cell_measured(a, t, v->to_main.runs ? report_number(a, v->to_main.median) : "",
			      cost->no_instructions);
		cell_measured(a, t, v->work.runs ? report_number(a, v->work.median) : "",
			      cost->no_instructions);
		cell_measured(a, t, v->touched_end ? report_number(a, v->touched_end / 1024) : "",
			      cost->no_memory);
		cell_measured(a, t,
			      v->min_memory[MEASURE_MICROVM]
				      ? report_number(a, v->min_memory[MEASURE_MICROVM] / 1024)
				      : "",
			      cost->no_memory);
		table_cell(a, t, v->problem ? arena_printf(a, "FAILED: %s", v->problem) : "");
	}
}

/* All platforms in one table, when there are several. */
static void platforms(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<platform",  "<variant",  "bytes", "to main", "test",
					      "memory KiB", "least KiB", "<",     NULL};
	struct table t = table_new(
		a, "Platforms",
		"bytes can be compared between platforms; instructions cannot without care, since "
		"under Xen its own for the guest are among them, most under PV; memory is what the "
		"guest gets, without its hypervisor's",
		columns);

	if (!r->cost->others.len)
		return;
	platform_rows(a, r->cost, &t);
	for (size_t i = 0; i < r->cost->others.len; i++)
		platform_rows(a, &r->cost->others.v[i], &t);
	table_keep(a, ret, t);
}

static void why_not(struct arena *a, const struct cost *cost, struct table *t)
{
	const char *const reasons[][2] = {
		{"instructions", cost->no_instructions},
		{"memory touched, least memory", cost->no_memory},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (!reasons[i][1])
			continue;
		table_cell(a, t, cost->platform);
		table_cell(a, t, reasons[i][0]);
		table_cell(a, t, reasons[i][1]);
	}
}

static void not_measured(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<platform", "<not measured", "<why", NULL};
	struct table t = table_new(a, "Not measured", NULL, columns);

	why_not(a, r->cost, &t);
	for (size_t i = 0; i < r->cost->others.len; i++)
		why_not(a, &r->cost->others.v[i], &t);
	table_keep(a, ret, t);
}

static void facts(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<how", "<value", NULL};
	struct table t = table_new(a, "How it was measured", NULL, columns);
	size_t i;

	for (i = 0; i < r->cost->facts.len; i++) {
		table_cell(a, &t, r->cost->facts.v[i].name);
		table_cell(a, &t, r->cost->facts.v[i].value);
	}
	table_keep(a, ret, t);
}

/* What is of one platform. */
static void platform_tables(struct arena *a, const struct report *r, struct tables *ret)
{
	size_t from = ret->len;

	report_mechanisms(a, r, ret);
	overview(a, r, ret);
	report_attack_tables(a, r, ret);
	proofs(a, r, ret);
	budget(a, r, ret);
	workloads(a, r, ret);
	report_interactions(a, r, ret);
	memory(a, r, ret);
	instructions(a, r, ret);
	phases(a, r, ret);
	sections(a, r, ret);
	units(a, r, ret);
	for (size_t i = from; r->is_one_of_several && i < ret->len; i++)
		ret->v[i].title = arena_printf(a, "%s, on %s", ret->v[i].title, r->cost->platform);
}

void report_tables(struct arena *a, const struct report *r, struct tables *ret)
{
	platforms(a, r, ret);
	platform_tables(a, r, ret);
	for (size_t i = 0; i < r->others.len; i++)
		platform_tables(a, &r->others.v[i], ret);
	not_measured(a, r, ret);
	facts(a, r, ret);
}
