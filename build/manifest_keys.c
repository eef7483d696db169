/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the keys of a manifest mean: one table for each map, with a reader for each key. The same keys
 * stand in docs/manifest.schema.json (compared by a test) and are described in docs/manifest.md.
 */
#include "base/arena.h"
#include "base/str.h"
#include "base/units.h"
#include "manifest_read.h"
#include <string.h>

/* Limits of what a number may be. */
#define TIMEOUT_MAX_MS (24ull * 3600 * 1000)
#define NAME_MAX_LEN 64

static int read_name(struct reader *r, const struct node *key, const struct node *val)
{
	struct mstr name;

	if (read_text(r, key, val, &name) != 0)
		return -1;
	if (!text_has_only(name.s, LOWER DIGITS "_-") || *name.s == '-' || *name.s == '_' ||
	    strlen(name.s) > NAME_MAX_LEN) {
		(void)diag_error(r->d, val->loc, "'%s' is not a name", name.s);
		return diag_hint(r->d,
				 "up to %d of a-z, 0-9, '-' and '_', the first a letter or digit",
				 NAME_MAX_LEN);
	}
	r->m->name = name;
	return 0;
}

static int read_sources(struct reader *r, const struct node *key, const struct node *val)
{
	if (read_list(r, key, val, 0, &r->m->sources) != 0)
		return -1;
	if (!r->m->sources.len)
		return diag_error(r->d, val->loc, "'sources' is empty");
	return 0;
}

static int read_files(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, 0, &r->m->embed);
}

static int read_include(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, 0, &r->m->include);
}

static int read_cflags(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_SPLIT, &r->m->cflags);
}

static int read_args(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_SPLIT | LIST_ANY, &r->m->args);
}

static int read_env(struct reader *r, const struct node *key, const struct node *val)
{
	int result = read_pairs(r, key, val, &r->m->env);

	for (size_t i = 0; result == 0 && i < r->m->env.len; i++) {
		const struct mstr *name = &r->m->env.v[i].key;

		if (strchr(name->s, '=') || strchr(DIGITS, *name->s) || !text_is_clean(name->s))
			result =
				diag_error(r->d, name->loc, "'%s' cannot name a variable", name->s);
	}
	return result;
}

static int read_platforms(struct reader *r, const struct node *key, const struct node *val)
{
	if (read_list(r, key, val, LIST_UNIQUE, &r->m->platforms) != 0)
		return -1;
	if (!r->m->platforms.len)
		return diag_error(r->d, val->loc, "'platforms' is empty");
	return 0;
}

static int read_libs(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_UNIQUE, &r->m->libs);
}

static int read_kconfig(struct reader *r, const struct node *key, const struct node *val)
{
	int result = read_pairs(r, key, val, &r->m->kconfig);

	for (size_t i = 0; result == 0 && i < r->m->kconfig.len; i++) {
		struct mpair *p = &r->m->kconfig.v[i];

		if (str_starts(p->key.s, "CONFIG_")) {
			(void)diag_error(r->d, p->key.loc, "'%s' is written without CONFIG_",
					 p->key.s);
			result = diag_hint(r->d, "write '%s'", p->key.s + strlen("CONFIG_"));
		} else if (!text_has_only(p->key.s, UPPER DIGITS "_")) {
			result = diag_error(r->d, p->key.loc, "'%s' is not a Kconfig option",
					    p->key.s);
		} else if (!text_is_clean(p->val.s) || strpbrk(p->val.s, "\"\\")) {
			result = diag_error(
				r->d, p->val.loc,
				"the value of '%s' contains quotes, backslashes or control "
				"characters",
				p->key.s);
		}
		if (str_eq(p->val.s, "true"))
			p->val.s = "y";
		else if (str_eq(p->val.s, "false"))
			p->val.s = "n";
	}
	return result;
}

static int check_seed(struct reader *r, const struct mstr *seed)
{
	if (strlen(seed->s) != 64 || !text_has_only(seed->s, "0123456789abcdef"))
		return diag_error(r->d, seed->loc, "'seed' must be 64 digits 0-9 a-f");
	return 0;
}

/* hardening: PROFILE, or a map with profile, seed, and a key for each mechanism. */
static int read_harden(struct reader *r, const struct node *key, const struct node *val)
{
	struct mpairs pairs = {0};
	int result = 0;

	if (val->kind == NODE_SCALAR)
		return read_word(r, key, val, &r->m->harden.profile);
	if (val->kind != NODE_MAP)
		return read_wrong_kind(r, key, val, "a profile or a map");
	if (read_pairs(r, key, val, &pairs) != 0)
		return -1;
	for (size_t i = 0; i < pairs.len; i++) {
		const struct mpair *p = &pairs.v[i];

		if (str_eq(p->key.s, "profile")) {
			r->m->harden.profile = p->val;
		} else if (str_eq(p->key.s, "seed")) {
			r->m->harden.seed = p->val;
			if (check_seed(r, &p->val) != 0)
				result = -1;
		} else {
			vec_push(r->a, &r->m->harden.mechs, *p);
		}
	}
	return result;
}

static int read_memory(struct reader *r, const struct node *key, const struct node *val)
{
	return read_size(r, key, val, &r->m->memory_bytes);
}

static int read_allow_missing(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_UNIQUE, &r->m->allow_missing);
}

static int read_budget_image(struct reader *r, const struct node *key, const struct node *val)
{
	return read_size(r, key, val, &r->m->budget.image_bytes);
}

static int read_budget_memory(struct reader *r, const struct node *key, const struct node *val)
{
	return read_size(r, key, val, &r->m->budget.memory_bytes);
}

static int read_budget_instructions(struct reader *r, const struct node *key,
				    const struct node *val)
{
	return read_number(r, key, val, units_count, UINT64_MAX, "a count such as 200000",
			   &r->m->budget.instructions);
}

static int read_budget_overhead(struct reader *r, const struct node *key, const struct node *val)
{
	return read_number(r, key, val, units_permille, 1000000, "a percentage such as 3%",
			   &r->m->budget.overhead_permille);
}

static const struct key budget_keys[] = {
	{"image", read_budget_image},
	{"memory", read_budget_memory},
	{"instructions", read_budget_instructions},
	{"overhead", read_budget_overhead},
};

static int read_budget(struct reader *r, const struct node *key, const struct node *val)
{
	if (val->kind != NODE_MAP)
		return read_wrong_kind(r, key, val, "a map");
	return read_map(r, val, " in 'budget'", budget_keys, ARRAY_LEN(budget_keys));
}

static int read_run_args(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_SPLIT | LIST_ANY, &r->run->args);
}

static int read_run_expect(struct reader *r, const struct node *key, const struct node *val)
{
	int result = read_list(r, key, val, LIST_ANY, &r->run->expect);

	for (size_t i = 0; i < r->run->expect.len; i++) {
		if (!*r->run->expect.v[i].s)
			result = diag_error(r->d, r->run->expect.v[i].loc,
					    "an empty text is always found");
	}
	return result;
}

static int read_run_timeout(struct reader *r, const struct node *key, const struct node *val)
{
	if (read_number(r, key, val, units_ms, TIMEOUT_MAX_MS, "a time such as 10s",
			&r->run->timeout_ms) != 0)
		return -1;
	if (r->run->timeout_ms.n == 0)
		return diag_error(r->d, val->loc, "'timeout' must be more than 0");
	return 0;
}

/* Of 'test' and of 'workload'. */
static const struct key run_keys[] = {
	{"args", read_run_args},
	{"expect", read_run_expect},
	{"timeout", read_run_timeout},
};

static int read_run(struct reader *r, const struct node *key, const struct node *val,
		    struct mrun *ret)
{
	const char *where = arena_printf(r->a, " in '%s'", key->s);

	if (val->kind != NODE_MAP)
		return read_wrong_kind(r, key, val, "a map");
	r->run = ret;
	ret->is_set = true;
	return read_map(r, val, where, run_keys, ARRAY_LEN(run_keys));
}

static int read_test(struct reader *r, const struct node *key, const struct node *val)
{
	return read_run(r, key, val, &r->m->test);
}

static int read_workload(struct reader *r, const struct node *key, const struct node *val)
{
	return read_run(r, key, val, &r->m->workload);
}

static int read_debug(struct reader *r, const struct node *key, const struct node *val)
{
	if (val->kind != NODE_SCALAR || (!str_eq(val->s, "true") && !str_eq(val->s, "false")))
		return read_wrong_kind(r, key, val, "true or false");
	r->m->debug = str_eq(val->s, "true");
	return 0;
}

static const struct key top_keys[] = {
	{"name", read_name},           {"sources", read_sources},
	{"source", read_source},       {"files", read_files},
	{"include", read_include},     {"cflags", read_cflags},
	{"args", read_args},           {"env", read_env},
	{"platforms", read_platforms}, {"libs", read_libs},
	{"kconfig", read_kconfig},     {"hardening", read_harden},
	{"memory", read_memory},       {"allow-missing", read_allow_missing},
	{"budget", read_budget},       {"test", read_test},
	{"workload", read_workload},   {"debug", read_debug},
};

size_t manifest_key_names(const char *map, const char **ret_names, size_t max)
{
	const struct key *keys = top_keys;
	size_t len = ARRAY_LEN(top_keys);

	if (str_eq(map, "budget")) {
		keys = budget_keys;
		len = ARRAY_LEN(budget_keys);
	} else if (str_eq(map, "test") || str_eq(map, "workload")) {
		keys = run_keys;
		len = ARRAY_LEN(run_keys);
	} else if (str_eq(map, "source")) {
		keys = source_keys;
		len = source_keys_len;
	}
	for (size_t i = 0; i < len && i < max; i++)
		ret_names[i] = keys[i].name;
	return len;
}

int manifest_read_keys(struct arena *a, struct manifest *m, const struct node *top, struct diags *d)
{
	struct reader r = {.a = a, .d = d, .m = m};

	if (read_check_keys(&r, top) != 0)
		return -1;
	return read_map(&r, top, "", top_keys, ARRAY_LEN(top_keys));
}
