/* SPDX-License-Identifier: BSD-2-Clause */
/* One line a mechanism, and what attacks came to: the tables of a report that join its sources. */
#include "report.h"

#include "base/arena.h"

#include <string.h>

const struct attack_table *report_attacks(const struct report *r)
{
	if (!r->attack || str_eq(r->attack->platform, r->cost->platform))
		return r->attack;
	for (size_t i = 0; i < r->attack->others.len; i++)
		if (str_eq(r->attack->others.v[i].platform, r->cost->platform))
			return &r->attack->others.v[i];
	return NULL;
}

/* Attacks that succeed on none and not on p. */
size_t report_stopped(const struct attack_table *t, const struct attack_profile *p)
{
	const struct attack_profile *none = attack_profile_named(t, "none");
	size_t n = 0;

	for (size_t i = 0; none && i < none->rows.len; i++) {
		const struct attack_row *r = attack_row_named(p, none->rows.v[i].attack);

		n += none->rows.v[i].outcome == ATTACK_SUCCEEDED && r &&
		     r->outcome == ATTACK_STOPPED;
	}
	return n;
}

static void over_none(struct arena *a, struct table *t, uint64_t part, uint64_t whole)
{
	bool is_less = part < whole;

	table_cell(a, t,
		   !part || !whole
			   ? ""
			   : arena_printf(a, "%s%s", is_less ? "-" : "+",
					  report_number(a, is_less ? whole - part : part - whole)));
}

static void kernels_cell(struct arena *a, struct table *t, const struct variant_cost *v,
			 const struct variant_cost *none, const char *workload)
{
	int64_t mean, worst;

	table_cell(a, t,
		   v && none && workload &&
				   cost_kernels(cost_workload(v, workload),
						cost_workload(none, workload), &mean, &worst)
			   ? report_percent(a, mean)
			   : "");
}

static void one_mechanism(struct arena *a, const struct report *r, const struct proof *p,
			  const char *workload, struct table *t)
{
	const struct variant_cost *none = cost_variant(r->cost, "none");
	const struct variant_cost *v = cost_variant(r->cost, p->mechanism);
	const struct attack_table *attacks = report_attacks(r);
	const struct attack_profile *alone =
		attacks ? attack_profile_named(attacks, p->mechanism) : NULL;
	const bool is_known = v && none && !v->problem;

	table_cell(a, t, p->mechanism);
	table_cell(a, t, p->asked ? p->asked : "");
	over_none(a, t, is_known ? v->size.file_bytes : 0, is_known ? none->size.file_bytes : 0);
	over_none(a, t, is_known ? v->to_main.median : 0, is_known ? none->to_main.median : 0);
	kernels_cell(a, t, is_known ? v : NULL, none, workload);
	table_cell(a, t, alone ? arena_printf(a, "%zu", report_stopped(attacks, alone)) : "");
	table_cell(a, t, p->state);
	table_cell(a, t, p->status ? p->status : "");
	table_cell(a, t, v && v->stops ? v->stops : "");
}

void report_mechanisms(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<mechanism", "<asked",  "bytes",  "to main",
					      "kernels %",  "attacks", "<found", "<proof",
					      "<what",      NULL};
	struct strs workloads = {0};
	struct table t = table_new(
		a, REPORT_OVERVIEW,
		"each alone over none: bytes, instructions to main, instructions of the kernels in "
		"percent, attacks that only none lets succeed; found: in the image shown",
		columns);

	cost_workload_names(a, r->cost, &workloads);
	for (size_t i = 0; i < r->proofs.len; i++)
		one_mechanism(a, r, &r->proofs.v[i], workloads.len ? workloads.v[0] : NULL, &t);
	table_keep(a, ret, t);
}

static size_t of_adversary(const struct attack_profile *p, const char *adversary,
			   bool only_succeeded)
{
	size_t n = 0;

	for (size_t i = 0; i < p->rows.len; i++)
		if (str_eq(p->rows.v[i].adversary, adversary) &&
		    p->rows.v[i].outcome != ATTACK_ABSENT)
			n += !only_succeeded || p->rows.v[i].outcome == ATTACK_SUCCEEDED;
	return n;
}

void report_attack_tables(struct arena *a, const struct report *r, struct tables *ret)
{
	static const char *const columns[] = {"<variant", "tried", "succeed", "A1", "A2",
					      "A3",       "A4",    "A5",      NULL};
	const struct attack_table *attacks = report_attacks(r);
	struct table t = table_new(a, "Attacks that succeed",
				   "of those tried; by adversary: succeed / tried", columns);

	for (size_t i = 0; attacks && i < attacks->profiles.len; i++) {
		const struct attack_profile *p = &attacks->profiles.v[i];

		table_cell(a, &t, p->profile);
		table_cell(a, &t, arena_printf(a, "%zu", attack_tried(p)));
		table_cell(a, &t, arena_printf(a, "%zu", attack_succeeded(p)));
		for (size_t k = 3; columns[k]; k++) {
			size_t tried = of_adversary(p, columns[k], false);

			table_cell(a, &t,
				   tried ? arena_printf(a, "%zu / %zu",
							of_adversary(p, columns[k], true), tried)
					 : "");
		}
	}
	table_keep(a, ret, t);
}
