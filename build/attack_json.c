/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of attacks as JSON, and what can be read off it. See attack.h. */
#include "attack.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* Raised when a reader of old files could misread a new one. */
#define ATTACK_VERSION 1
#define ATTACK_MAX_BYTES (64u << 20)

static const char *const outcome_names[] = {
	[ATTACK_SUCCEEDED] = "succeeded",
	[ATTACK_STOPPED] = "stopped",
	[ATTACK_FAILED] = "failed",
	[ATTACK_ABSENT] = "absent",
};

const char *attack_outcome_name(enum attack_outcome outcome)
{
	return outcome_names[outcome];
}

size_t attack_tried(const struct attack_profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->rows.len; i++)
		n += p->rows.v[i].outcome != ATTACK_ABSENT;
	return n;
}

size_t attack_succeeded(const struct attack_profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->rows.len; i++)
		n += p->rows.v[i].outcome == ATTACK_SUCCEEDED;
	return n;
}

const struct attack_profile *attack_profile_named(const struct attack_table *t, const char *name)
{
	for (size_t i = 0; i < t->profiles.len; i++)
		if (str_eq(t->profiles.v[i].profile, name))
			return &t->profiles.v[i];
	return NULL;
}

const struct attack_row *attack_row_named(const struct attack_profile *p, const char *attack)
{
	for (size_t i = 0; i < p->rows.len; i++)
		if (str_eq(p->rows.v[i].attack, attack))
			return &p->rows.v[i];
	return NULL;
}

const char *attack_path(struct arena *a, const char *out_dir, const char *name)
{
	return arena_printf(a, "%s/%s/attack.json", out_dir, name);
}

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static void set_number(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static json_t *row_json(const struct attack_row *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "attack", json_string(r->attack));
	json_object_set_new(o, "group", json_string(r->group));
	json_object_set_new(o, "adversary", json_string(r->adversary));
	json_object_set_new(o, "outcome", json_string(attack_outcome_name(r->outcome)));
	json_object_set_new(o, "by", text_or_null(r->by));
	if (r->reason)
		json_object_set_new(o, "reason", json_string(r->reason));
	json_object_set_new(o, "promised", json_boolean(r->is_promised));
	set_number(o, "trials", r->trials);
	set_number(o, "successes", r->successes);
	json_object_set_new(o, "low", json_real(r->low));
	json_object_set_new(o, "high", json_real(r->high));
	return o;
}

static json_t *entropy_json(const struct attack_entropy *e)
{
	json_t *o = json_object();

	json_object_set_new(o, "what", json_string(e->what));
	set_number(o, "boots", e->boots);
	set_number(o, "distinct", e->distinct);
	set_number(o, "varying_bits", e->varying_bits);
	set_number(o, "lowest_bit", e->lowest_bit);
	set_number(o, "drawn_bits", e->drawn_bits);
	return o;
}

static json_t *profile_json(const struct attack_profile *p)
{
	json_t *o = json_object(), *rows = json_array(), *entropy = json_array();

	for (size_t i = 0; i < p->rows.len; i++)
		json_array_append_new(rows, row_json(&p->rows.v[i]));
	for (size_t i = 0; i < p->entropy.len; i++)
		json_array_append_new(entropy, entropy_json(&p->entropy.v[i]));
	json_object_set_new(o, "profile", json_string(p->profile));
	json_object_set_new(o, "spec", json_string(p->spec));
	if (p->problem)
		json_object_set_new(o, "problem", json_string(p->problem));
	set_number(o, "attacks", attack_tried(p));
	set_number(o, "succeeded", attack_succeeded(p));
	json_object_set_new(o, "rows", rows);
	json_object_set_new(o, "entropy", entropy);
	return o;
}

static json_t *platform_json(const struct attack_table *t)
{
	json_t *o = json_object(), *profiles = json_array(), *method = json_object();

	for (size_t i = 0; i < t->method.len; i++)
		json_object_set_new(method, t->method.v[i].name, json_string(t->method.v[i].value));
	for (size_t i = 0; i < t->profiles.len; i++)
		json_array_append_new(profiles, profile_json(&t->profiles.v[i]));
	json_object_set_new(o, "version", json_integer(ATTACK_VERSION));
	json_object_set_new(o, "name", json_string(t->name));
	json_object_set_new(o, "platform", json_string(t->platform));
	json_object_set_new(o, "method", method);
	json_object_set_new(o, "profiles", profiles);
	return o;
}

json_t *attack_to_json(const struct attack_table *t)
{
	json_t *o = platform_json(t), *others = json_array();

	for (size_t i = 0; i < t->others.len; i++)
		json_array_append_new(others, platform_json(&t->others.v[i]));
	json_object_set_new(o, "others", others);
	return o;
}

/* A text, copied; NULL when it is absent or no text. */
static const char *get_text(struct arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? arena_strdup(a, s) : NULL;
}

static const char *get_name(struct arena *a, const json_t *o, const char *key)
{
	const char *s = get_text(a, o, key);

	return s ? s : "";
}

static uint64_t get_number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* False when there is no such outcome. */
static bool get_outcome(const json_t *o, enum attack_outcome *ret)
{
	const char *s = json_string_value(json_object_get(o, "outcome"));

	for (size_t i = 0; s && i < ARRAY_LEN(outcome_names); i++)
		if (str_eq(s, outcome_names[i])) {
			*ret = (enum attack_outcome)i;
			return true;
		}
	return false;
}

/* A row without a known outcome is left out. */
static void get_rows(struct arena *a, const json_t *list, struct attack_rows *ret)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		struct attack_row r = {
			.attack = get_name(a, o, "attack"),
			.group = get_name(a, o, "group"),
			.adversary = get_name(a, o, "adversary"),
			.by = get_text(a, o, "by"),
			.reason = get_text(a, o, "reason"),
			.is_promised = json_is_true(json_object_get(o, "promised")),
			.trials = get_number(o, "trials"),
			.successes = get_number(o, "successes"),
			.low = json_number_value(json_object_get(o, "low")),
			.high = json_number_value(json_object_get(o, "high")),
		};

		if (get_outcome(o, &r.outcome))
			vec_push(a, ret, r);
	}
}

static void get_entropy(struct arena *a, const json_t *list, struct attack_entropies *ret)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		struct attack_entropy e = {
			.what = get_name(a, o, "what"),
			.boots = get_number(o, "boots"),
			.distinct = get_number(o, "distinct"),
			.varying_bits = (unsigned)get_number(o, "varying_bits"),
			.lowest_bit = (unsigned)get_number(o, "lowest_bit"),
			.drawn_bits = (unsigned)get_number(o, "drawn_bits"),
		};

		vec_push(a, ret, e);
	}
}

static int get_platform(struct arena *a, const char *path, const json_t *j,
			struct attack_table *ret, struct diags *d)
{
	const json_t *profiles = json_object_get(j, "profiles");
	json_t *method = json_object_get(j, "method"), *val;
	uint64_t version = get_number(j, "version");
	const char *key;

	*ret = (struct attack_table){.name = get_name(a, j, "name"),
				     .platform = get_name(a, j, "platform")};
	if (version > ATTACK_VERSION) {
		diag_error(d, (struct loc){path, 0, 0},
			   "this table of attacks is of a later ukbuild: version %" PRIu64
			   ", this one reads %d",
			   version, ATTACK_VERSION);
		return diag_hint(d, "use that one, or run 'ukbuild attack' again");
	}
	if (version != ATTACK_VERSION || !json_array_size(profiles)) {
		diag_error(d, (struct loc){path, 0, 0},
			   "this is no table of attacks of this ukbuild");
		return diag_hint(d, "run 'ukbuild attack' again");
	}
	json_object_foreach(method, key, val)
	{
		struct attack_fact f = {arena_strdup(a, key), get_name(a, method, key)};

		(void)val; /* the macro wants it */
		vec_push(a, &ret->method, f);
	}
	for (size_t i = 0; i < json_array_size(profiles); i++) {
		const json_t *o = json_array_get(profiles, i);
		struct attack_profile p = {
			.profile = get_name(a, o, "profile"),
			.spec = get_name(a, o, "spec"),
			.problem = get_text(a, o, "problem"),
		};

		get_rows(a, json_object_get(o, "rows"), &p.rows);
		get_entropy(a, json_object_get(o, "entropy"), &p.entropy);
		vec_push(a, &ret->profiles, p);
	}
	return 0;
}

int attack_from_json(struct arena *a, const char *path, const json_t *j, struct attack_table *ret,
		     struct diags *d)
{
	const json_t *others = json_object_get(j, "others");
	struct attack_table t;

	if (get_platform(a, path, j, &t, d))
		return -1;
	for (size_t i = 0; i < json_array_size(others); i++) {
		struct attack_table o;

		if (get_platform(a, path, json_array_get(others, i), &o, d))
			return -1;
		vec_push(a, &t.others, o);
	}
	*ret = t;
	return 0;
}

int attack_load(struct arena *a, const char *path, struct attack_table *ret, struct diags *d)
{
	json_t *j;
	int err;

	j = json_read(a, path, ATTACK_MAX_BYTES, d);
	if (!j)
		return -1;
	err = attack_from_json(a, path, j, ret, d);
	json_decref(j);
	return err;
}

int attack_store(struct arena *a, const char *path, const struct attack_table *t, struct diags *d)
{
	json_t *j = attack_to_json(t);
	const char *text = json_text(a, j);

	json_decref(j);
	if (file_mkdirs(path_dir(a, path), d))
		return -1;
	return file_write(path, text, strlen(text), d);
}
