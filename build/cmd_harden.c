/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild harden`: the safest mechanisms within a budget, proven by building them, into the manifest. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "choose_show.h"
#include "edit.h"
#include "manifest.h"
#include "measure.h"
#include "tree.h"
#include "variants.h"

#define MODEL_MAX_BYTES (1u << 20)
/* Sets that are built before the command gives up. */
#define TRIALS_MAX 6

struct harden {
	struct ctx *c;
	struct manifest m; /* with one platform and no levels of its own */
	const char *platform;
	struct choose_budget budget;
	struct choose_sources from;
	struct choose_table table;
	struct choice choice;
};

/* What is measured: only what the budget speaks of, but for the bytes, which come with any. */
static void workloads(struct harden *h, struct strs *ret)
{
	struct arena *a = h->c->a;

	strs_push(a, ret, "boot");
	if (h->budget.is_limited[CHOOSE_MEMORY])
		strs_push(a, ret, "memory");
	if (!h->budget.is_limited[CHOOSE_OVERHEAD])
		return;
	strs_push(a, ret, "kernels");
	if (h->m.workload.is_set)
		strs_push(a, ret, WORKLOAD_APP);
	if (str_eq(h->platform, "process"))
		strs_push(a, ret, "native");
}

/* Whether a variant has the figures that the budget asks for, or a reason not to. */
static bool has_figures(const struct harden *h, const struct cost *cost, const char *name)
{
	const struct variant_cost *v = cost_variant(cost, name);
	struct choose_figures f;

	if (!v)
		return false;
	f = choose_figures_of(cost, v, choose_workload(cost), false);
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (h->budget.is_limited[m] && !f.has[m] && !v->problem)
			return false;
	return true;
}

/* Every mechanism of the tree, and where there are figures of it, at its other levels too. */
static bool is_measured(struct harden *h, const struct cost *cost)
{
	const struct variant_cost *none = cost_variant(cost, "none");

	if (!none || none->problem || !has_figures(h, cost, "none"))
		return false;
	for (size_t i = 0; i < h->from.tree->len; i++) {
		const struct unit *u = h->from.tree->v[i];
		struct strs levels = {0};

		if (u->kind != UNIT_MECHANISM)
			continue;
		if (!has_figures(h, cost, u->name))
			return false;
		if (!cost_variant(cost, u->name)->problem)
			variants_other_levels(h->c->a, h->from.tree, u, &levels);
		for (size_t k = 0; k < levels.len; k++)
			if (!has_figures(h, cost, levels.v[k]))
				return false;
	}
	return true;
}

static int load_kept(struct harden *h, struct cost *ret, bool *ret_found)
{
	struct ctx *c = h->c;
	const char *path = measure_path(c->a, c->out_dir, h->m.name.s);
	const struct cost *found;
	struct cost all;
	int err;

	*ret_found = false;
	if (!file_exists(path))
		return 0;
	err = cost_load(c->a, path, &all, c->d);
	found = err ? NULL : cost_platform(&all, h->platform);
	/* A dry run takes what is there; what is missing is not chosen. */
	if (found && (h->c->dry_run || is_measured(h, found))) {
		*ret = *found;
		*ret_found = true;
	}
	return err;
}

static int measure_missing(struct harden *h, struct cost *ret)
{
	struct measure_opts opts = {0};

	if (h->c->dry_run) {
		(void)diag_fail(h->c->d, DIAG_INPUT, "nothing was measured on %s yet", h->platform);
		return diag_hint(h->c->d, "'ukbuild measure' does it, and 'ukbuild harden' itself");
	}
	strs_push(h->c->a, &opts.variants, "none");
	for (size_t i = 0; i < h->from.tree->len; i++) {
		const struct unit *u = h->from.tree->v[i];

		if (u->kind != UNIT_MECHANISM)
			continue;
		strs_push(h->c->a, &opts.variants, u->name);
		variants_other_levels(h->c->a, h->from.tree, u, &opts.variants);
	}
	workloads(h, &opts.workloads);
	log_info("measuring mechanisms alone at %zu levels ('ukbuild measure' keeps the figures)",
		 opts.variants.len - 1);
	return measure_cost(h->c, &h->m, &opts, ret);
}

static int find_sources(struct harden *h, struct cost *cost, struct attack_table *attack)
{
	struct ctx *c = h->c;
	const char *attacks = attack_path(c->a, c->out_dir, h->m.name.s);
	const char *model = path_join(c->a, c->home, "docs/threat-model.md");
	bool found;
	char *text;
	size_t len;

	if (load_kept(h, cost, &found) || (!found && measure_missing(h, cost)))
		return -1;
	if (file_exists(attacks)) {
		if (attack_load(c->a, attacks, attack, c->d))
			return -1;
		/* Attacks on another platform say nothing about this one. */
		if (str_eq(attack->platform, h->platform) && attack_profile_named(attack, "none"))
			h->from.attack = attack;
	}
	if (file_read(c->a, model, MODEL_MAX_BYTES, &text, &len, c->d))
		return -1;
	h->from.cost = cost;
	h->from.threat_model = text;
	h->from.platform = h->platform;
	h->from.workload = choose_workload(cost);
	h->from.is_time = choose_has_time(cost, h->from.workload);
	return 0;
}

/* Over the limit; of time only when all of its interval is. */
static bool is_beyond(const struct choose_table *t, const struct choose_trial *x, size_t m)
{
	double limit = t->limit[m] + 1e-6;

	if (!t->is_limited[m] || !x->found.has[m])
		return false;
	if (m == CHOOSE_OVERHEAD && x->found.time.n > 1)
		return 100 * (x->found.time.low - 1) > limit;
	return x->found.value[m] > limit;
}

static const char *judge(struct harden *h, struct choose_trial *x)
{
	struct strs over = {0};

	for (size_t m = 0; m < CHOOSE_METRICS; m++) {
		const char *name = choose_metric_name((enum choose_metric)m);

		if (h->table.is_limited[m] && !x->found.has[m])
			strs_pushf(h->c->a, &over, "%s has no figure", name);
		else if (is_beyond(&h->table, x, m))
			strs_pushf(h->c->a, &over, "%s is beyond its limit", name);
	}
	return over.len ? strs_join(h->c->a, &over, ", ") : NULL;
}

/* Builds and measures a set as a manifest would have it. A set that cannot be built is a refused one. */
static int try_set(struct harden *h, const struct choose_answer *answer, struct choose_trial *ret)
{
	struct ctx *c = h->c;
	const char *spec = choose_spec(c->a, h->from.tree, &h->table, answer->set);
	bool is_profile = !strchr(spec, ',') && tree_profile(h->from.tree, spec);
	struct measure_opts opts = {0};
	const struct variant_cost *none, *v;
	struct choose_figures base;
	struct manifest m = h->m;
	struct cost cost;

	if (!is_profile && manifest_override_harden(c->a, &m, "--harden", spec, c->d))
		return -1;
	strs_push(c->a, &opts.variants, "none");
	strs_add(c->a, &opts.variants, is_profile ? spec : "manifest");
	workloads(h, &opts.workloads);
	log_info("building and measuring %s", spec);
	if (measure_cost(c, &m, &opts, &cost))
		return -1;
	none = cost_variant(&cost, "none");
	v = cost_variant(&cost, is_profile ? spec : "manifest");
	*ret = (struct choose_trial){.set = answer->set};
	memcpy(ret->predicted, answer->cost, sizeof(ret->predicted));
	if (!none || !v || v->problem) {
		ret->problem = v && v->problem ? v->problem : "it was not measured";
		return 0;
	}
	base = choose_figures_of(&cost, none, h->from.workload, h->from.is_time);
	ret->found = choose_figures_of(&cost, v, h->from.workload, h->from.is_time);
	for (size_t k = 0; k < CHOOSE_METRICS; k++)
		ret->found.value[k] -= base.value[k];
	ret->problem = judge(h, ret);
	return 0;
}

static int nothing_fits(struct harden *h)
{
	(void)diag_fail(h->c->d, DIAG_CHECK, "no set of mechanisms is within the budget");
	return diag_hint(h->c->d, "%zu sets were built and turned out dearer than predicted",
			 h->choice.trials.len);
}

/* The best set that holds what the model promised: each that does not is left out with all above it. */
static int choose(struct harden *h)
{
	choose_set refuted[TRIALS_MAX];
	size_t n = 0;

	for (;;) {
		struct choose_trial trial;

		h->choice.answers = (struct choose_answers){0};
		choose_search(h->c->a, &h->table, refuted, n, &h->choice.answers);
		if (!h->choice.answers.len)
			return nothing_fits(h);
		h->choice.spec =
			choose_spec(h->c->a, h->from.tree, &h->table, h->choice.answers.v[0].set);
		if (h->c->dry_run)
			return 0;
		if (try_set(h, &h->choice.answers.v[0], &trial))
			return -1;
		vec_push(h->c->a, &h->choice.trials, trial);
		if (!trial.problem)
			return 0;
		log_info("refused: %s", trial.problem);
		/* Nothing can be taken away from nothing. */
		if (n == TRIALS_MAX || !trial.set)
			return nothing_fits(h);
		refuted[n++] = trial.set;
	}
}

/* Levels that the manifest's own keys have and the choice has not go; the profile becomes the choice's. */
static void keys_of(struct harden *h, const struct manifest *m, const struct manifest *wanted,
		    struct edit_keys *ret)
{
	struct arena *a = h->c->a;

	if (!str_eq(m->harden.profile.s, wanted->harden.profile.s) || !m->harden.profile.loc.line)
		vec_push(a, ret, (struct edit_key){"profile", wanted->harden.profile.s});
	for (size_t i = 0; i < m->harden.mechs.len; i++) {
		const struct mpair *p = &m->harden.mechs.v[i];
		bool is_kept = false;

		for (size_t k = 0; k < wanted->harden.mechs.len; k++)
			is_kept |= str_eq(p->key.s, wanted->harden.mechs.v[k].key.s);
		if (!is_kept)
			vec_push(a, ret, (struct edit_key){p->key.s, NULL});
	}
	for (size_t i = 0; i < wanted->harden.mechs.len; i++)
		vec_push(a, ret,
			 (struct edit_key){wanted->harden.mechs.v[i].key.s,
					   wanted->harden.mechs.v[i].val.s});
}

/* m: of text. The profile is a key like the others where the map form is used. */
static const char *edit_text(struct harden *h, const char *text, const struct manifest *m,
			     const struct manifest *wanted)
{
	struct edit_map map = {.name = "hardening", .scalar_key = "profile"};
	struct mpairs pairs = {0};
	struct edit_keys keys = {0};

	for (size_t i = 0; i < m->harden.mechs.len; i++)
		vec_push(h->c->a, &pairs, m->harden.mechs.v[i]);
	map.has_others = m->harden.seed.s != NULL;
	map.pairs = &pairs;
	if (m->harden.profile.loc.line)
		vec_push(h->c->a, &pairs,
			 (struct mpair){{"profile", m->harden.profile.loc}, m->harden.profile});
	keys_of(h, m, wanted, &keys);
	return arena_strdup(h->c->a, edit_manifest(h->c->a, text, &map, &keys));
}

static bool is_same(const struct manifest *x, const struct manifest *y)
{
	if (!str_eq(x->harden.profile.s, y->harden.profile.s) ||
	    x->harden.mechs.len != y->harden.mechs.len)
		return false;
	for (size_t i = 0; i < x->harden.mechs.len; i++) {
		bool found = false;

		for (size_t k = 0; k < y->harden.mechs.len; k++)
			found |= str_eq(x->harden.mechs.v[i].key.s, y->harden.mechs.v[k].key.s) &&
				 str_eq(x->harden.mechs.v[i].val.s, y->harden.mechs.v[k].val.s);
		if (!found)
			return false;
	}
	return true;
}

/* Comments stay; the new text says what was chosen, or nothing is written. */
static int write_back(struct harden *h)
{
	struct ctx *c = h->c;
	const char *path = h->m.path;
	struct manifest wanted = h->m;
	const struct manifest *m;
	char *text;
	size_t len;

	if (manifest_override_harden(c->a, &wanted, "--harden", h->choice.spec, c->d) ||
	    file_read(c->a, path, MANIFEST_MAX_BYTES, &text, &len, c->d))
		return -1;
	m = manifest_parse(c->a, path, h->m.dir, text, len, false, c->d);
	if (!m)
		return -1;
	/* `hardening: max` holds a word and no keys: the word first, then its map is opened. */
	if (edit_is_scalar(text, "hardening", &m->harden.profile)) {
		text = arena_strdup(
			c->a, edit_scalar(c->a, text, &m->harden.profile, wanted.harden.profile.s));
		m = manifest_parse(c->a, path, h->m.dir, text, strlen(text), false, c->d);
		if (!m)
			return -1;
		if (wanted.harden.mechs.len) {
			struct edit_keys keys = {0};
			struct edit_map map = {.name = "hardening",
					       .scalar_key = "profile",
					       .scalar = &m->harden.profile,
					       .pairs = &m->harden.mechs};

			keys_of(h, m, &wanted, &keys);
			text = arena_strdup(c->a, edit_manifest(c->a, text, &map, &keys));
		}
	} else {
		text = arena_strdup(c->a, edit_text(h, text, m, &wanted));
	}
	m = manifest_parse(c->a, path, h->m.dir, text, strlen(text), false, c->d);
	if (!m)
		return -1;
	if (!is_same(m, &wanted))
		return diag_fail(c->d, DIAG_BUG, "'%s' could not be edited", path);
	if (c->dry_run)
		return fputs(text, stdout) < 0 ? -1 : 0;
	if (file_write_if_changed(path, text, strlen(text), NULL, c->d))
		return -1;
	log_info("written to %s", path);
	return 0;
}

static void print(struct harden *h)
{
	struct tables tables = {0};
	json_t *o;

	log_progress_end();
	if (h->c->json) {
		o = choice_json(h->c->a, &h->choice);
		json_print(o, stdout);
		json_decref(o);
		return;
	}
	choice_tables(h->c->a, &h->choice, &tables);
	printf("%s on %s: %s%s\n", h->choice.name, h->platform, h->choice.spec,
	       h->c->dry_run ? " (predicted, not built)" : "");
	tables_text(h->c->a, &tables, stdout);
}

int cmd_harden(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	struct harden h = {.c = c};
	struct attack_table attack;
	double weights[CHOOSE_ADVERSARIES] = {0};
	struct mstr platform;
	struct cost cost;

	h.platform = m ? ctx_one_platform(c, m) : NULL;
	if (!h.platform || (c->budget && choose_parse_budget(c->budget, &h.budget, c->d)) ||
	    (c->weights && choose_parse_weights(c->weights, weights, c->d)))
		return -1;
	h.m = *m;
	h.m.harden.mechs = (struct mpairs){0};
	h.m.harden.profile.s = "none";
	platform = (struct mstr){h.platform, m->platforms.v[0].loc};
	h.m.platforms = (struct mstrs){&platform, 1, 1};
	h.from.tree = tree_load(c->a, c->home, c->d);
	if (!h.from.tree || find_sources(&h, &cost, &attack) ||
	    choose_table_of(c->a, &h.from, &h.budget, &h.table, c->d))
		return -1;
	h.table.is_weighted = c->weights != NULL;
	memcpy(h.table.weights, weights, sizeof(weights));
	h.choice = (struct choice){
		.name = h.m.name.s,
		.platform = h.platform,
		.workload = h.from.workload,
		.is_time = h.from.is_time,
		.has_attacks = h.from.attack != NULL,
		.has_pairs = h.table.pairs_len != 0,
		.tree = h.from.tree,
		.table = &h.table,
	};
	if (choose(&h))
		return -1;
	print(&h);
	return c->write ? write_back(&h) : 0;
}
