/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading two results and putting their figures side by side. */
#include "compare.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"

#define RESULT_MAX_BYTES (64u << 20)

static const struct {
	const char *name, *unit;
} metrics[COMPARE_METRICS] = {
	[COMPARE_IMAGE] = {"image", "bytes"},
	[COMPARE_TEXT] = {"text", "bytes"},
	[COMPARE_TO_MAIN] = {"to-main", "instructions"},
	[COMPARE_TEST] = {"test", "instructions"},
	[COMPARE_MEMORY] = {"memory", "bytes"},
	[COMPARE_LEAST_MEMORY] = {"least-memory", "bytes"},
	[COMPARE_OVERHEAD] = {"overhead", "percent"},
	[COMPARE_KERNELS] = {"kernels", "percent"},
	[COMPARE_TIME] = {"time", "percent"},
	[COMPARE_ATTACKS] = {"attacks", "attacks"},
};

/* Facts that decide whether nanoseconds of two measurements can stand side by side. */
static const char *const machine_facts[] = {"host processor", "host system"};

const char *compare_metric_name(enum compare_metric m)
{
	return metrics[m].name;
}

const char *compare_metric_unit(enum compare_metric m)
{
	return metrics[m].unit;
}

/* A file of `attack` has profiles, one of `measure` variants; `report` puts the first into the second. */
static int take_file(struct arena *a, const char *path, struct compare_side *ret, struct diags *d)
{
	json_t *j, *attack;
	const char *shown;
	int err = 0;

	j = json_read(a, path, RESULT_MAX_BYTES, d);
	if (!j)
		return -1;
	attack = json_object_get(j, "profiles") ? j : json_object_get(j, "attack");
	if (json_is_object(attack)) {
		err = attack_from_json(a, path, attack, &ret->attack, d);
		ret->has_attack = true;
	}
	if (!err && attack != j) {
		err = cost_from_json(a, path, j, &ret->cost, d);
		ret->has_cost = true;
	}
	shown = json_string_value(json_object_get(j, "shown"));
	if (shown)
		ret->shown = arena_strdup(a, shown);
	json_decref(j);
	if (!err)
		ret->name = ret->has_cost ? ret->cost.name : ret->attack.name;
	return err;
}

int compare_load(struct arena *a, const char *path, struct compare_side *ret, struct diags *d)
{
	static const char *const files[] = {"measure.json", "attack.json"};
	bool found = false;

	*ret = (struct compare_side){.path = path};
	if (!file_is_dir(path))
		return take_file(a, path, ret, d);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *file = path_join(a, path, files[i]);

		if (!file_exists(file))
			continue;
		found = true;
		if (take_file(a, file, ret, d))
			return -1;
	}
	if (found)
		return 0;
	(void)diag_error(d, (struct loc){path, 0, 0},
			 "the folder has neither measure.json nor attack.json");
	return diag_hint(d, "'ukbuild measure' and 'ukbuild attack' make them in OUT/NAME");
}

static const char *fact_of(const struct cost *c, const char *name)
{
	for (size_t i = 0; i < c->facts.len; i++)
		if (str_eq(c->facts.v[i].name, name))
			return c->facts.v[i].value;
	return NULL;
}

/* Why nanoseconds of the two cannot be compared, or NULL. */
static const char *other_machine(struct arena *a, const struct cost *x, const struct cost *y)
{
	for (size_t i = 0; i < ARRAY_LEN(machine_facts); i++) {
		const char *before = fact_of(x, machine_facts[i]);
		const char *after = fact_of(y, machine_facts[i]);

		if (!before || !after || !str_eq(before, after))
			return arena_printf(a, "not compared: another %s", machine_facts[i]);
	}
	return NULL;
}

static void note_facts(struct arena *a, const struct cost *x, const struct cost *y,
		       struct strs *ret)
{
	for (size_t i = 0; i < x->facts.len; i++) {
		const struct fact *f = &x->facts.v[i];
		const char *after = fact_of(y, f->name);

		if (after && !str_eq(after, f->value))
			strs_pushf(a, ret, "%s: %s, then %s", f->name, f->value, after);
	}
}

static void push_number(struct arena *a, struct comparison *c, struct compare_row row,
			uint64_t before, uint64_t after)
{
	row.before = (double)before;
	row.after = (double)after;
	row.has_before = before != 0;
	row.has_after = after != 0;
	if (row.has_before || row.has_after)
		vec_push(a, &c->rows, row);
}

static void push_time(struct arena *a, struct comparison *c, struct compare_row row,
		      const struct workload_cost *x, const struct workload_cost *y)
{
	const struct estimate none = {0};
	const struct estimate *b = x ? &x->native_overall : &none;
	const struct estimate *n = y ? &y->native_overall : &none;

	row.metric = COMPARE_TIME;
	row.has_before = b->n != 0;
	row.has_after = n->n != 0;
	row.before = 100 * (b->mean - 1);
	row.before_low = 100 * (b->low - 1);
	row.before_high = 100 * (b->high - 1);
	row.after = 100 * (n->mean - 1);
	row.after_low = 100 * (n->low - 1);
	row.after_high = 100 * (n->high - 1);
	/* One link has no interval: nothing can be told apart from noise. */
	row.is_noise = b->n < 2 || n->n < 2 || (b->low <= n->high && n->low <= b->high);
	row.not_compared = other_machine(a, &c->before->cost, &c->after->cost);
	if (row.has_before || row.has_after)
		vec_push(a, &c->rows, row);
}

static void push_ratio(struct arena *a, struct comparison *c, struct compare_row row, double before,
		       double after)
{
	row.has_before = before > 0;
	row.has_after = after > 0;
	row.before = row.has_before ? 100 * (before - 1) : 0;
	row.after = row.has_after ? 100 * (after - 1) : 0;
	if (row.has_before || row.has_after)
		vec_push(a, &c->rows, row);
}

/* v of a platform before and after; either may be NULL. */
struct sides {
	const struct cost *before, *after;
	const struct variant_cost *x, *y;
};

static const struct workload_cost *workload_in(const struct variant_cost *v, const char *name)
{
	return v ? cost_workload(v, name) : NULL;
}

static void push_workload(struct arena *a, struct comparison *c, const struct sides *s,
			  struct compare_row row)
{
	const struct workload_cost *x = workload_in(s->x, row.workload);
	const struct workload_cost *y = workload_in(s->y, row.workload);
	bool is_none = str_eq(row.variant, "none");

	row.metric = COMPARE_OVERHEAD;
	if (!is_none)
		push_ratio(a, c, row,
			   cost_kernels_ratio(
				   x, workload_in(cost_variant(s->before, "none"), row.workload)),
			   cost_kernels_ratio(
				   y, workload_in(cost_variant(s->after, "none"), row.workload)));
	row.metric = COMPARE_KERNELS;
	if (x)
		push_ratio(a, c, row, cost_kernels_ratio(x, x), cost_kernels_ratio(y, x));
	if (!is_none)
		push_time(a, c, row, x, y);
}

static void push_variant(struct arena *a, struct comparison *c, const struct sides *s,
			 const char *platform, const char *variant)
{
	static const struct variant_cost nothing;
	const struct variant_cost *x = s->x ? s->x : &nothing, *y = s->y ? s->y : &nothing;
	const struct {
		enum compare_metric metric;
		uint64_t before, after;
	} numbers[] = {
		{COMPARE_IMAGE, x->size.file_bytes, y->size.file_bytes},
		{COMPARE_TEXT, x->size.text, y->size.text},
		{COMPARE_TO_MAIN, x->to_main.median, y->to_main.median},
		{COMPARE_TEST, x->work.median, y->work.median},
		{COMPARE_MEMORY, x->touched_end, y->touched_end},
		{COMPARE_LEAST_MEMORY, x->min_memory[MEASURE_MICROVM],
		 y->min_memory[MEASURE_MICROVM]},
	};
	struct compare_row row = {.platform = platform, .variant = variant};
	struct strs workloads = {0};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		row.metric = numbers[i].metric;
		push_number(a, c, row, numbers[i].before, numbers[i].after);
	}
	cost_workload_names(a, s->before, &workloads);
	cost_workload_names(a, s->after, &workloads);
	for (size_t i = 0; i < workloads.len; i++) {
		row.workload = workloads.v[i];
		push_workload(a, c, s, row);
	}
}

static void push_platform(struct arena *a, struct comparison *c, const struct cost *before,
			  const struct cost *after)
{
	for (size_t i = 0; i < after->variants.len; i++) {
		const struct variant_cost *y = &after->variants.v[i];
		const struct sides s = {before, after, cost_variant(before, y->name), y};

		if (y->problem)
			strs_pushf(a, &c->notes, "%s on %s has no figures now: %s", y->name,
				   after->platform, y->problem);
		push_variant(a, c, &s, after->platform, y->name);
	}
	for (size_t i = 0; i < before->variants.len; i++) {
		const struct variant_cost *x = &before->variants.v[i];
		const struct sides s = {before, after, x, NULL};

		if (!cost_variant(after, x->name))
			push_variant(a, c, &s, before->platform, x->name);
	}
}

static bool has_succeeded(const struct attack_profile *p, const char *attack)
{
	const struct attack_row *r = p ? attack_row_named(p, attack) : NULL;

	return r && r->outcome == ATTACK_SUCCEEDED;
}

/* Attacks that one of the two has not tried are news too: they change the figure. */
static void push_news(struct arena *a, const struct attack_profile *from,
		      const struct attack_profile *other, char sign, struct strs *ret)
{
	for (size_t i = 0; from && i < from->rows.len; i++) {
		const char *attack = from->rows.v[i].attack;

		if (has_succeeded(from, attack) && !has_succeeded(other, attack))
			strs_pushf(a, ret, "%c%s", sign, attack);
	}
}

static void push_attacks(struct arena *a, struct comparison *c, const char *platform,
			 const struct attack_profile *x, const struct attack_profile *y)
{
	struct compare_row row = {
		.metric = COMPARE_ATTACKS,
		.platform = platform,
		.variant = y ? y->profile : x->profile,
		.has_before = x && !x->problem,
		.has_after = y && !y->problem,
	};

	row.before = row.has_before ? (double)attack_succeeded(x) : 0;
	row.after = row.has_after ? (double)attack_succeeded(y) : 0;
	if (row.has_before && row.has_after) {
		push_news(a, y, x, '+', &row.news);
		push_news(a, x, y, '-', &row.news);
		if (attack_tried(x) != attack_tried(y))
			strs_pushf(a, &c->notes, "attacks tried on %s, %s: %zu, then %zu", platform,
				   row.variant, attack_tried(x), attack_tried(y));
	}
	if (row.has_before || row.has_after)
		vec_push(a, &c->rows, row);
}

static void push_attack_table(struct arena *a, struct comparison *c, const struct attack_table *x,
			      const struct attack_table *y)
{
	for (size_t i = 0; i < y->profiles.len; i++)
		push_attacks(a, c, y->platform,
			     x ? attack_profile_named(x, y->profiles.v[i].profile) : NULL,
			     &y->profiles.v[i]);
	for (size_t i = 0; x && i < x->profiles.len; i++)
		if (!attack_profile_named(y, x->profiles.v[i].profile))
			push_attacks(a, c, x->platform, &x->profiles.v[i], NULL);
}

static const struct attack_table *attack_platform(const struct attack_table *t,
						  const char *platform)
{
	if (str_eq(t->platform, platform))
		return t;
	for (size_t i = 0; i < t->others.len; i++)
		if (str_eq(t->others.v[i].platform, platform))
			return &t->others.v[i];
	return NULL;
}

static void push_all_costs(struct arena *a, struct comparison *c)
{
	const struct cost *x = &c->before->cost, *y = &c->after->cost;

	for (size_t i = 0; i <= y->others.len; i++) {
		const struct cost *after = i ? &y->others.v[i - 1] : y;
		const struct cost *before = cost_platform(x, after->platform);

		if (before)
			push_platform(a, c, before, after);
		else
			strs_pushf(a, &c->notes, "platform %s was not measured before",
				   after->platform);
	}
	for (size_t i = 0; i <= x->others.len; i++) {
		const char *platform = i ? x->others.v[i - 1].platform : x->platform;

		if (!cost_platform(y, platform))
			strs_pushf(a, &c->notes, "platform %s is not measured any more", platform);
	}
	note_facts(a, x, y, &c->notes);
}

static void push_all_attacks(struct arena *a, struct comparison *c)
{
	const struct attack_table *x = &c->before->attack, *y = &c->after->attack;

	for (size_t i = 0; i <= y->others.len; i++) {
		const struct attack_table *after = i ? &y->others.v[i - 1] : y;

		push_attack_table(
			a, c, c->before->has_attack ? attack_platform(x, after->platform) : NULL,
			after);
	}
	for (size_t i = 0; c->before->has_attack && i < x->method.len; i++)
		for (size_t k = 0; k < y->method.len; k++)
			if (str_eq(x->method.v[i].name, y->method.v[k].name) &&
			    !str_eq(x->method.v[i].value, y->method.v[k].value))
				strs_pushf(a, &c->notes, "%s: %s, then %s", x->method.v[i].name,
					   x->method.v[i].value, y->method.v[k].value);
}

static bool has_variant(const struct comparison *c, const char *name)
{
	for (size_t i = 0; i < c->rows.len; i++)
		if (str_eq(c->rows.v[i].variant, name))
			return true;
	return false;
}

static int choose_judged(struct arena *a, const struct strs *wanted, struct comparison *c,
			 struct diags *d)
{
	static const char *const usual[] = {"manifest", "default"};

	for (size_t i = 0; i < wanted->len; i++) {
		if (!has_variant(c, wanted->v[i]))
			return diag_fail(d, DIAG_USAGE, "neither result has a variant '%s'",
					 wanted->v[i]);
		strs_add(a, &c->judged, wanted->v[i]);
	}
	if (!c->judged.len && c->after->shown)
		strs_push(a, &c->judged, c->after->shown);
	for (size_t i = 0; i < ARRAY_LEN(usual) && !c->judged.len; i++)
		if (has_variant(c, usual[i]))
			strs_push(a, &c->judged, usual[i]);
	if (!c->judged.len && c->rows.len)
		strs_push(a, &c->judged, c->rows.v[c->rows.len - 1].variant);
	return 0;
}

int compare_sides(struct arena *a, const struct compare_side *before,
		  const struct compare_side *after, const struct strs *judged,
		  struct comparison *ret, struct diags *d)
{
	struct comparison c = {.before = before, .after = after};

	if (!str_eq(before->name, after->name))
		strs_pushf(a, &c.notes, "different applications: %s, then %s", before->name,
			   after->name);
	if (before->has_cost && after->has_cost)
		push_all_costs(a, &c);
	if (after->has_attack)
		push_all_attacks(a, &c);
	if (before->has_cost != after->has_cost)
		strs_pushf(a, &c.notes, "only '%s' has costs",
			   before->has_cost ? before->path : after->path);
	if (before->has_attack != after->has_attack)
		strs_pushf(a, &c.notes, "only '%s' has attacks",
			   before->has_attack ? before->path : after->path);
	if (!c.rows.len)
		return diag_fail(d, DIAG_INPUT, "'%s' and '%s' have no figure in common",
				 before->path, after->path);
	if (choose_judged(a, judged, &c, d))
		return -1;
	*ret = c;
	return 0;
}

bool compare_is_changed(const struct compare_row *r)
{
	if (r->not_compared || !r->has_before || !r->has_after)
		return true;
	if (r->metric == COMPARE_TIME)
		return !r->is_noise;
	return r->news.len || fabs(r->after - r->before) > 0.0005;
}
