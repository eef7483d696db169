/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON form of what was measured. A key that stands here is read by other programs: rename none. */
#include "measure.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"

#include <inttypes.h>
#include <string.h>

/*
 * Raised when a reader of old files could misread a new one. 1 had one platform; up to 2 a variant had one
 * workload, whose kernels stood in the variant itself.
 */
#define COST_VERSION 3
#define COST_MAX_BYTES (64u << 20)

static const char *const machine_keys[MEASURE_MACHINES] = {"min_memory_microvm", "min_memory_q35"};

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

static json_t *native_json(const struct workload_cost *v)
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

static void put_size(json_t *o, const struct image_size *s)
{
	put_text(o, "sha256", s->sha256);
	put_number(o, "file_bytes", s->file_bytes);
	put_number(o, "text", s->text);
	put_number(o, "rodata", s->rodata);
	put_number(o, "data", s->data);
	put_number(o, "bss", s->bss);
}

static json_t *workload_json(const struct workload_cost *w)
{
	json_t *o = json_object(), *kernels = json_object();

	for (size_t i = 0; i < w->kernels.len; i++)
		put_spread(kernels, w->kernels.v[i].name, &w->kernels.v[i].instructions);
	put_text(o, "name", w->name);
	put_text(o, "problem", w->problem);
	put_size(o, &w->size);
	json_object_set_new(o, "kernels", kernels);
	json_object_set_new(o, "native", w->native.len ? native_json(w) : json_null());
	return o;
}

static json_t *effects_json(const struct effects *l)
{
	json_t *array = json_array();

	for (size_t i = 0; i < l->len; i++) {
		json_t *o = json_object();

		put_text(o, "name", l->v[i].name);
		json_object_set_new(o, "adds", json_real(l->v[i].adds));
		json_object_set_new(o, "aliases", json_strs(&l->v[i].aliases));
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *response_json(const struct response *r)
{
	json_t *o = json_object(), *checks = json_array();

	for (size_t i = 0; i < r->checks.len; i++)
		json_array_append_new(checks, json_pack("{s:s, s:f, s:f}", "profile",
							r->checks.v[i].profile, "predicted",
							r->checks.v[i].predicted, "measured",
							r->checks.v[i].measured));
	put_text(o, "name", r->name);
	put_text(o, "unit", r->unit);
	json_object_set_new(o, "noise", json_real(r->noise));
	json_object_set_new(o, "effects", effects_json(&r->mains));
	json_object_set_new(o, "pairs", effects_json(&r->pairs));
	json_object_set_new(o, "checks", checks);
	return o;
}

json_t *cost_variant_to_json(const struct variant_cost *v)
{
	json_t *o = json_object(), *phases = json_object(), *workloads = json_array();
	size_t i;

	for (i = 0; i < v->phases.len; i++)
		put_number(phases, v->phases.v[i].name, v->phases.v[i].val);
	for (i = 0; i < v->workloads.len; i++)
		json_array_append_new(workloads, workload_json(&v->workloads.v[i]));
	put_text(o, "name", v->name);
	put_text(o, "spec", v->spec);
	put_text(o, "stops", v->stops);
	put_text(o, "problem", v->problem);
	put_size(o, &v->size);
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
	json_object_set_new(o, "workloads", workloads);
	json_object_set_new(o, "units", units_json(&v->units));
	return o;
}

static json_t *interactions_json(const struct interactions *x)
{
	json_t *o = json_object(), *responses = json_array(), *points = json_array();

	for (size_t i = 0; i < x->points.len; i++)
		json_array_append_new(points, cost_variant_to_json(&x->points.v[i]));

	for (size_t i = 0; i < x->responses.len; i++)
		json_array_append_new(responses, response_json(&x->responses.v[i]));
	put_text(o, "design", x->design);
	put_text(o, "workload", x->workload);
	json_object_set_new(o, "factors", json_strs(&x->factors));
	json_object_set_new(o, "left_out", json_strs(&x->left_out));
	json_object_set_new(o, "responses", responses);
	json_object_set_new(o, "points", points);
	return o;
}

static json_t *facts_json(const struct facts *l)
{
	json_t *o = json_object();

	for (size_t i = 0; i < l->len; i++)
		put_text(o, l->v[i].name, l->v[i].value);
	return o;
}

static json_t *piece_json(const struct piece *p)
{
	json_t *o = json_object();

	put_number(o, "shard", p->shard);
	put_number(o, "shards", p->shards);
	json_object_set_new(o, "inputs", facts_json(&p->inputs));
	json_object_set_new(o, "programs", json_strs(&p->programs));
	return o;
}

/* What is of one platform. */
static json_t *platform_json(const struct cost *cost)
{
	json_t *o = json_object(), *variants = json_array();
	size_t i;

	for (i = 0; i < cost->variants.len; i++)
		json_array_append_new(variants, cost_variant_to_json(&cost->variants.v[i]));
	put_text(o, "platform", cost->platform);
	put_text(o, "no_instructions", cost->no_instructions);
	put_text(o, "no_memory", cost->no_memory);
	json_object_set_new(o, "variants", variants);
	json_object_set_new(o, "interactions",
			    cost->interactions.design ? interactions_json(&cost->interactions)
						      : json_null());
	return o;
}

json_t *cost_to_json(const struct cost *cost)
{
	json_t *o = platform_json(cost), *others = json_array();
	size_t i;

	for (i = 0; i < cost->others.len; i++)
		json_array_append_new(others, platform_json(&cost->others.v[i]));
	put_number(o, "version", COST_VERSION);
	put_text(o, "name", cost->name);
	json_object_set_new(o, "facts", facts_json(&cost->facts));
	json_object_set_new(o, "others", others);
	if (cost->piece.shards)
		json_object_set_new(o, "piece", piece_json(&cost->piece));
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

static void get_native(struct arena *a, const json_t *o, struct workload_cost *ret)
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

static struct image_size get_size(struct arena *a, const json_t *o)
{
	const char *hash = get_name(a, o, "sha256");
	struct image_size s = {
		.file_bytes = get_number(o, "file_bytes"),
		.text = get_number(o, "text"),
		.rodata = get_number(o, "rodata"),
		.data = get_number(o, "data"),
		.bss = get_number(o, "bss"),
	};

	memcpy(s.sha256, hash,
	       strlen(hash) < sizeof(s.sha256) ? strlen(hash) : sizeof(s.sha256) - 1);
	return s;
}

static struct workload_cost get_workload(struct arena *a, const json_t *o)
{
	struct workload_cost w = {
		.name = get_name(a, o, "name"),
		.problem = get_text(a, o, "problem"),
		.size = get_size(a, o),
	};

	get_kernels(a, json_object_get(o, "kernels"), &w.kernels);
	get_native(a, json_object_get(o, "native"), &w);
	return w;
}

/* Of a variant; o of an older version has one workload's kernels in itself. */
static void get_workloads(struct arena *a, const json_t *o, struct workload_costs *ret)
{
	const json_t *array = json_object_get(o, "workloads");
	struct workload_cost old = {.name = WORKLOAD_BENCH};

	for (size_t i = 0; i < json_array_size(array); i++) {
		struct workload_cost w = get_workload(a, json_array_get(array, i));

		vec_push(a, ret, w);
	}
	get_kernels(a, json_object_get(o, "kernels"), &old.kernels);
	get_native(a, json_object_get(o, "native"), &old);
	if (old.kernels.len || old.native.len)
		vec_push(a, ret, old);
}

static void get_words(struct arena *a, const json_t *array, struct strs *ret)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *s = json_string_value(json_array_get(array, i));

		if (s)
			strs_push(a, ret, arena_strdup(a, s));
	}
}

static void get_effects(struct arena *a, const json_t *array, struct effects *ret)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *o = json_array_get(array, i);
		struct effect e = {.name = get_name(a, o, "name"),
				   .adds = json_number_value(json_object_get(o, "adds"))};

		get_words(a, json_object_get(o, "aliases"), &e.aliases);
		vec_push(a, ret, e);
	}
}

static struct response get_response(struct arena *a, const json_t *o)
{
	const json_t *checks = json_object_get(o, "checks");
	struct response r = {.name = get_name(a, o, "name"),
			     .unit = get_name(a, o, "unit"),
			     .noise = json_number_value(json_object_get(o, "noise"))};

	get_effects(a, json_object_get(o, "effects"), &r.mains);
	get_effects(a, json_object_get(o, "pairs"), &r.pairs);
	for (size_t i = 0; i < json_array_size(checks); i++) {
		const json_t *c = json_array_get(checks, i);
		struct model_check check = {
			get_name(a, c, "profile"),
			json_number_value(json_object_get(c, "predicted")),
			json_number_value(json_object_get(c, "measured")),
		};

		vec_push(a, &r.checks, check);
	}
	return r;
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

struct variant_cost cost_variant_from_json(struct arena *a, const json_t *o)
{
	struct variant_cost v = {
		.name = get_name(a, o, "name"),
		.spec = get_name(a, o, "spec"),
		.stops = get_name(a, o, "stops"),
		.problem = get_text(a, o, "problem"),
		.size = get_size(a, o),
		.to_main = get_spread(json_object_get(o, "instructions_to_main")),
		.work = get_spread(json_object_get(o, "instructions_of_work")),
		.has_memory = json_is_integer(json_object_get(o, "touched_at_end")),
		.touched_boot = get_number(o, "touched_after_boot"),
		.touched_end = get_number(o, "touched_at_end"),
		.heap_peak = get_number(o, "heap_peak"),
		.stack_peak = get_number(o, "stack_peak"),
		.page_tables = get_number(o, "page_tables"),
	};
	size_t i;

	for (i = 0; i < MEASURE_MACHINES; i++)
		v.min_memory[i] = get_number(o, machine_keys[i]);
	get_units(a, json_object_get(o, "units"), &v.units);
	get_workloads(a, o, &v.workloads);
	get_phases(a, json_object_get(o, "phases"), &v.phases);
	return v;
}

static void get_interactions(struct arena *a, const json_t *o, struct interactions *ret)
{
	const json_t *responses = json_object_get(o, "responses");
	const json_t *points = json_object_get(o, "points");

	ret->design = get_text(a, o, "design");
	ret->workload = get_name(a, o, "workload");
	get_words(a, json_object_get(o, "factors"), &ret->factors);
	get_words(a, json_object_get(o, "left_out"), &ret->left_out);
	for (size_t i = 0; i < json_array_size(points); i++) {
		struct variant_cost v = cost_variant_from_json(a, json_array_get(points, i));

		vec_push(a, &ret->points, v);
	}
	for (size_t i = 0; i < json_array_size(responses); i++) {
		struct response r = get_response(a, json_array_get(responses, i));

		vec_push(a, &ret->responses, r);
	}
}

static void get_facts(struct arena *a, json_t *o, struct facts *ret)
{
	const char *key;
	json_t *val;

	json_object_foreach(o, key, val)
	{
		struct fact f = {arena_strdup(a, key), get_name(a, o, key)};

		(void)val; /* as in get_phases */
		vec_push(a, ret, f);
	}
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
		struct variant_cost v = cost_variant_from_json(a, json_array_get(variants, i));

		vec_push(a, &ret->variants, v);
	}
	get_interactions(a, json_object_get(j, "interactions"), &ret->interactions);
}

int cost_from_json(struct arena *a, const char *path, const json_t *j, struct cost *ret,
		   struct diags *d)
{
	const json_t *others = json_object_get(j, "others");
	uint64_t version = get_number(j, "version");
	const json_t *piece = json_object_get(j, "piece");
	size_t i;

	if (version > COST_VERSION) {
		diag_error(d, (struct loc){path, 0, 0},
			   "these are figures of a later ukbuild: version %" PRIu64
			   ", this one reads up to %d",
			   version, COST_VERSION);
		return diag_hint(d, "use that one, or run 'ukbuild measure' again");
	}
	if (version < 1 || !json_array_size(json_object_get(j, "variants"))) {
		diag_error(d, (struct loc){path, 0, 0}, "these are not figures of this ukbuild");
		return diag_hint(d, "run 'ukbuild measure' again");
	}
	get_platform(a, j, get_name(a, j, "name"), ret);
	get_facts(a, json_object_get(j, "facts"), &ret->facts);
	ret->piece.shard = get_number(piece, "shard");
	ret->piece.shards = get_number(piece, "shards");
	get_facts(a, json_object_get(piece, "inputs"), &ret->piece.inputs);
	get_words(a, json_object_get(piece, "programs"), &ret->piece.programs);
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

int cost_load(struct arena *a, const char *path, struct cost *ret, struct diags *d)
{
	json_t *j;
	int err;

	j = json_read(a, path, COST_MAX_BYTES, d);
	if (!j)
		return -1;
	err = cost_from_json(a, path, j, ret, d);
	json_decref(j);
	return err;
}
