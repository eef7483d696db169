/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of measuring: arithmetic over its figures, its JSON form, budgets. */
#include "measure.h"

#include "base/arena.h"
#include "base/diag.h"
#include "manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Raised when a reader of old files could misread a new one. */
#define COST_VERSION 2 /* 1 had one platform */
/* Kernels whose name begins so measure the allocator and are compared apart. */
#define CHURN_PREFIX "malloc"

static const char *const machine_keys[MEASURE_MACHINES] = {"min_memory_microvm", "min_memory_q35"};

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct spread spread_of(uint64_t *values, size_t len)
{
	if (!len)
		return (struct spread){0};
	qsort(values, len, sizeof(*values), compare_u64);
	return (struct spread){values[(len - 1) / 2], values[0], values[len - 1], (unsigned)len};
}

/* To the nearest; <math.h> would need another library for two functions. */
static int64_t permille_of(double ratio)
{
	double p = (ratio - 1.0) * 1000.0;

	return (int64_t)(p < 0 ? p - 0.5 : p + 0.5);
}

/* The n-th root of the product of n ratios that lie between 0 and most, by halving. */
static double geometric_mean(double product, size_t n, double most)
{
	double low = 0, high = most;
	int step;

	for (step = 0; step < 100; step++) {
		double mid = low + (high - low) / 2, power = 1;
		size_t i;

		for (i = 0; i < n; i++)
			power *= mid;
		if (power < product)
			low = mid;
		else
			high = mid;
	}
	return high;
}

int64_t cost_permille(uint64_t part, uint64_t whole)
{
	if (!whole)
		return 0;
	return permille_of((double)part / (double)whole);
}

const struct cost *cost_platform(const struct cost *cost, const char *platform)
{
	if (str_eq(cost->platform, platform))
		return cost;
	for (size_t i = 0; i < cost->others.len; i++)
		if (str_eq(cost->others.v[i].platform, platform))
			return &cost->others.v[i];
	return NULL;
}

const struct variant_cost *cost_variant(const struct cost *cost, const char *name)
{
	size_t i;

	for (i = 0; i < cost->variants.len; i++)
		if (str_eq(cost->variants.v[i].name, name))
			return &cost->variants.v[i];
	return NULL;
}

bool cost_is_churn(const char *kernel)
{
	return str_starts(kernel, CHURN_PREFIX);
}

bool cost_kernels(const struct variant_cost *v, const struct variant_cost *base, int64_t *ret_mean,
		  int64_t *ret_worst)
{
	double product = 1, worst = 0;
	size_t i, k, n = 0;

	for (i = 0; i < v->kernels.len; i++) {
		const struct kernel_cost *kc = &v->kernels.v[i];

		if (cost_is_churn(kc->name))
			continue;
		for (k = 0; k < base->kernels.len; k++) {
			double ratio;

			if (!str_eq(base->kernels.v[k].name, kc->name) ||
			    !base->kernels.v[k].instructions.median || !kc->instructions.median)
				continue;
			ratio = (double)kc->instructions.median /
				(double)base->kernels.v[k].instructions.median;
			product *= ratio;
			if (!n++ || ratio > worst)
				worst = ratio;
		}
	}
	if (!n)
		return false;
	*ret_mean = permille_of(geometric_mean(product, n, worst));
	*ret_worst = permille_of(worst);
	return true;
}

double cost_native_worst(const struct variant_cost *v)
{
	double worst = 0;

	for (size_t i = 0; i < v->native.len; i++)
		if (!cost_is_churn(v->native.v[i].name) && v->native.v[i].ratio.mean > worst)
			worst = v->native.v[i].ratio.mean;
	return worst;
}

const char *measure_path(struct arena *a, const char *out_dir, const char *name)
{
	return arena_printf(a, "%s/%s/measure.json", out_dir, name);
}

static void put_number(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void put_text(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, s ? json_string(s) : json_null());
}

static void put_spread(json_t *o, const char *key, const struct spread *s)
{
	json_t *j = json_object();

	if (s->runs) {
		put_number(j, "median", s->median);
		put_number(j, "min", s->min);
		put_number(j, "max", s->max);
		put_number(j, "runs", s->runs);
		json_object_set_new(o, key, j);
		return;
	}
	json_decref(j);
	json_object_set_new(o, key, json_null());
}

static void put_estimate(json_t *o, const char *key, const struct estimate *e)
{
	json_object_set_new(o, key,
			    e->n ? json_pack("{s:f, s:f, s:f, s:f, s:I}", "mean", e->mean, "low",
					     e->low, "high", e->high, "error", e->error, "n",
					     (json_int_t)e->n)
				 : json_null());
}

static json_t *native_json(const struct variant_cost *v)
{
	json_t *o = json_object(), *kernels = json_object();

	for (size_t i = 0; i < v->native.len; i++) {
		const struct native_cost *n = &v->native.v[i];
		json_t *one = json_object();

		put_spread(one, "ns", &n->ns);
		put_estimate(one, "over_none", &n->ratio);
		json_object_set_new(kernels, n->name, one);
	}
	put_estimate(o, "over_none", &v->native_overall);
	json_object_set_new(o, "kernels", kernels);
	return o;
}

static json_t *units_json(const struct unit_costs *l)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < l->len; i++) {
		json_t *o = json_object();

		put_text(o, "unit", l->v[i].unit);
		put_number(o, "text", l->v[i].text);
		put_number(o, "rodata", l->v[i].rodata);
		put_number(o, "data", l->v[i].data);
		put_number(o, "bss", l->v[i].bss);
		put_number(o, "file", l->v[i].file);
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *variant_json(const struct variant_cost *v)
{
	json_t *o = json_object(), *phases = json_object(), *kernels = json_object();
	size_t i;

	for (i = 0; i < v->phases.len; i++)
		put_number(phases, v->phases.v[i].name, v->phases.v[i].val);
	for (i = 0; i < v->kernels.len; i++)
		put_spread(kernels, v->kernels.v[i].name, &v->kernels.v[i].instructions);
	put_text(o, "name", v->name);
	put_text(o, "spec", v->spec);
	put_text(o, "stops", v->stops);
	put_text(o, "problem", v->problem);
	put_text(o, "sha256", v->sha256);
	put_number(o, "file_bytes", v->file_bytes);
	put_number(o, "text", v->text);
	put_number(o, "rodata", v->rodata);
	put_number(o, "data", v->data);
	put_number(o, "bss", v->bss);
	put_spread(o, "instructions_to_main", &v->to_main);
	put_spread(o, "instructions_of_work", &v->work);
	json_object_set_new(o, "phases", phases);
	if (v->has_memory) {
		put_number(o, "touched_after_boot", v->touched_boot);
		put_number(o, "touched_at_end", v->touched_end);
		put_number(o, "heap_peak", v->heap_peak);
		put_number(o, "stack_peak", v->stack_peak);
		put_number(o, "page_tables", v->page_tables);
	}
	for (i = 0; i < MEASURE_MACHINES; i++)
		if (v->min_memory[i])
			put_number(o, machine_keys[i], v->min_memory[i]);
	json_object_set_new(o, "kernels", kernels);
	json_object_set_new(o, "native", v->native.len ? native_json(v) : json_null());
	json_object_set_new(o, "units", units_json(&v->units));
	return o;
}

/* What is of one platform. */
static json_t *platform_json(const struct cost *cost)
{
	json_t *o = json_object(), *variants = json_array();
	size_t i;

	for (i = 0; i < cost->variants.len; i++)
		json_array_append_new(variants, variant_json(&cost->variants.v[i]));
	put_text(o, "platform", cost->platform);
	put_text(o, "no_instructions", cost->no_instructions);
	put_text(o, "no_memory", cost->no_memory);
	json_object_set_new(o, "variants", variants);
	return o;
}

json_t *cost_to_json(const struct cost *cost)
{
	json_t *o = platform_json(cost), *facts = json_object(), *others = json_array();
	size_t i;

	for (i = 0; i < cost->facts.len; i++)
		put_text(facts, cost->facts.v[i].name, cost->facts.v[i].value);
	for (i = 0; i < cost->others.len; i++)
		json_array_append_new(others, platform_json(&cost->others.v[i]));
	put_number(o, "version", COST_VERSION);
	put_text(o, "name", cost->name);
	json_object_set_new(o, "facts", facts);
	json_object_set_new(o, "others", others);
	return o;
}

static uint64_t get_number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

static const char *get_text(struct arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? arena_strdup(a, s) : NULL;
}

/* As get_text, for what must not be NULL. */
static const char *get_name(struct arena *a, const json_t *o, const char *key)
{
	const char *s = get_text(a, o, key);

	return s ? s : "";
}

static struct spread get_spread(const json_t *j)
{
	return (struct spread){get_number(j, "median"), get_number(j, "min"), get_number(j, "max"),
			       (unsigned)get_number(j, "runs")};
}

static void get_units(struct arena *a, const json_t *array, struct unit_costs *ret)
{
	size_t i;

	for (i = 0; i < json_array_size(array); i++) {
		const json_t *o = json_array_get(array, i);
		struct unit_cost u = {
			get_name(a, o, "unit"), get_number(o, "text"), get_number(o, "rodata"),
			get_number(o, "data"),  get_number(o, "bss"),  get_number(o, "file"),
		};

		vec_push(a, ret, u);
	}
}

/* jansson's iterators take no const object. */
static void get_kernels(struct arena *a, json_t *o, struct kernel_costs *ret)
{
	const char *key;
	json_t *val;

	json_object_foreach(o, key, val)
	{
		struct kernel_cost k = {arena_strdup(a, key), get_spread(val)};

		vec_push(a, ret, k);
	}
}

static struct estimate get_estimate(const json_t *j)
{
	return (struct estimate){
		.mean = json_number_value(json_object_get(j, "mean")),
		.low = json_number_value(json_object_get(j, "low")),
		.high = json_number_value(json_object_get(j, "high")),
		.error = json_number_value(json_object_get(j, "error")),
		.n = (size_t)get_number(j, "n"),
	};
}

static void get_native(struct arena *a, const json_t *o, struct variant_cost *ret)
{
	json_t *kernels = json_object_get(o, "kernels"), *val;
	const char *key;

	ret->native_overall = get_estimate(json_object_get(o, "over_none"));
	json_object_foreach(kernels, key, val)
	{
		struct native_cost n = {
			.name = arena_strdup(a, key),
			.ns = get_spread(json_object_get(val, "ns")),
			.ratio = get_estimate(json_object_get(val, "over_none")),
		};

		vec_push(a, &ret->native, n);
	}
}

static void get_phases(struct arena *a, json_t *o, struct run_values *ret)
{
	const char *key;
	json_t *val;

	json_object_foreach(o, key, val)
	{
		struct run_value p = {arena_strdup(a, key), get_number(o, key)};

		(void)val; /* read by its key, which refuses what is no number */
		vec_push(a, ret, p);
	}
}

static struct variant_cost get_variant(struct arena *a, const json_t *o)
{
	struct variant_cost v = {
		.name = get_name(a, o, "name"),
		.spec = get_name(a, o, "spec"),
		.stops = get_name(a, o, "stops"),
		.problem = get_text(a, o, "problem"),
		.file_bytes = get_number(o, "file_bytes"),
		.text = get_number(o, "text"),
		.rodata = get_number(o, "rodata"),
		.data = get_number(o, "data"),
		.bss = get_number(o, "bss"),
		.to_main = get_spread(json_object_get(o, "instructions_to_main")),
		.work = get_spread(json_object_get(o, "instructions_of_work")),
		.has_memory = json_is_integer(json_object_get(o, "touched_at_end")),
		.touched_boot = get_number(o, "touched_after_boot"),
		.touched_end = get_number(o, "touched_at_end"),
		.heap_peak = get_number(o, "heap_peak"),
		.stack_peak = get_number(o, "stack_peak"),
		.page_tables = get_number(o, "page_tables"),
	};
	const char *sha256 = get_name(a, o, "sha256");
	size_t i;

	memcpy(v.sha256, sha256, strlen(sha256) < sizeof(v.sha256) ? strlen(sha256) : 64);
	for (i = 0; i < MEASURE_MACHINES; i++)
		v.min_memory[i] = get_number(o, machine_keys[i]);
	get_units(a, json_object_get(o, "units"), &v.units);
	get_kernels(a, json_object_get(o, "kernels"), &v.kernels);
	get_phases(a, json_object_get(o, "phases"), &v.phases);
	get_native(a, json_object_get(o, "native"), &v);
	return v;
}

static void get_platform(struct arena *a, const json_t *j, const char *name, struct cost *ret)
{
	const json_t *variants = json_object_get(j, "variants");
	size_t i;

	*ret = (struct cost){.name = name,
			     .platform = get_name(a, j, "platform"),
			     .no_instructions = get_text(a, j, "no_instructions"),
			     .no_memory = get_text(a, j, "no_memory")};
	for (i = 0; i < json_array_size(variants); i++) {
		struct variant_cost v = get_variant(a, json_array_get(variants, i));

		vec_push(a, &ret->variants, v);
	}
}

int cost_from_json(struct arena *a, const char *path, const json_t *j, struct cost *ret,
		   struct diags *d)
{
	const json_t *others = json_object_get(j, "others");
	uint64_t version = get_number(j, "version");
	json_t *facts = json_object_get(j, "facts"), *val;
	const char *key;
	size_t i;

	if (version < 1 || version > COST_VERSION ||
	    !json_array_size(json_object_get(j, "variants"))) {
		diag_error(d, (struct loc){path, 0, 0}, "these are not figures of this ukbuild");
		return diag_hint(d, "run 'ukbuild measure' again");
	}
	get_platform(a, j, get_name(a, j, "name"), ret);
	json_object_foreach(facts, key, val)
	{
		struct fact f = {arena_strdup(a, key), get_name(a, facts, key)};

		(void)val; /* as in get_phases */
		vec_push(a, &ret->facts, f);
	}
	for (i = 0; i < json_array_size(others); i++) {
		struct cost o;

		get_platform(a, json_array_get(others, i), ret->name, &o);
		if (!o.variants.len) {
			diag_error(d, (struct loc){path, 0, 0}, "platform '%s' has no variants",
				   o.platform);
			return diag_hint(d, "run 'ukbuild measure' again");
		}
		vec_push(a, &ret->others, o);
	}
	return 0;
}

static void push_line(struct arena *a, struct budget_lines *l, const char *what, const char *unit,
		      const struct mnum *limit, uint64_t found, bool is_measured)
{
	struct budget_line line = {
		.what = what,
		.unit = unit,
		.loc = limit->loc,
		.limit = limit->n,
		.found = found,
		.is_met = is_measured && found <= limit->n,
		.is_measured = is_measured,
	};

	if (limit->is_set)
		vec_push(a, l, line);
}

void budget_lines(struct arena *a, const struct manifest *m, const struct cost *cost,
		  const struct variant_cost *v, struct budget_lines *ret)
{
	const struct variant_cost *none = cost_variant(cost, "none");
	uint64_t memory = v->min_memory[MEASURE_MICROVM];
	int64_t over = none ? cost_permille(v->work.median, none->work.median) : 0;

	push_line(a, ret, "image", "bytes", &m->budget.image_bytes, v->file_bytes,
		  v->file_bytes != 0);
	push_line(a, ret, "smallest memory", "bytes", &m->budget.memory_bytes, memory, memory != 0);
	push_line(a, ret, "instructions to main", "instructions", &m->budget.instructions,
		  v->to_main.median, v->to_main.runs != 0);
	push_line(a, ret, "overhead of the test over none", "permille",
		  &m->budget.overhead_permille, over > 0 ? (uint64_t)over : 0,
		  none && none->work.runs && v->work.runs);
}

int budget_check(const struct budget_lines *l, struct diags *d)
{
	size_t i;
	int err = 0;

	for (i = 0; i < l->len; i++) {
		const struct budget_line *b = &l->v[i];

		if (b->is_met)
			continue;
		if (b->is_measured)
			err = diag_fail_at(d, DIAG_CHECK, b->loc,
					   "budget exceeded: %s is %" PRIu64
					   " %s, allowed are %" PRIu64,
					   b->what, b->found, b->unit, b->limit);
		else
			err = diag_fail_at(
				d, DIAG_CHECK, b->loc,
				"the budget for %s cannot be checked: it was not measured",
				b->what);
	}
	return err;
}
