/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild attack`: what attacks on the manifest's image come to, profile by profile. */
#include "cmd.h"

#include "attack_run.h"
#include "base/log.h"
#include "manifest.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

/* Mechanisms against adversaries, and where that has been shown: docs/threat-model.md has this. */
static void print_model(const struct tree *t, const struct attack_defs *l)
{
	static const char *const words[] = {
		[EFFECT_NOTHING] = "–", [EFFECT_COSTS] = "costs", [EFFECT_STOPS] = "stops"};

	printf("| mechanism | A1 | A2 | A3 |");
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_PLATFORM)
			printf(" %s |", t->v[i]->name);
	printf("\n|---|---|---|---|");
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_PLATFORM)
			printf("---|");
	putchar('\n');
	for (size_t i = 0; i < t->len; i++) {
		const struct unit *mech = t->v[i];

		if (mech->kind != UNIT_MECHANISM)
			continue;
		printf("| %s |", mech->name);
		for (size_t k = 0; attack_adversaries[k]; k++)
			printf(" %s |",
			       words[attack_effect_of(l, mech->name, attack_adversaries[k])]);
		for (size_t k = 0; k < t->len; k++)
			if (t->v[k]->kind == UNIT_PLATFORM)
				printf(" %s |",
				       standing_name(
					       mechanism_status(mech, t->v[k]->name)->standing));
		putchar('\n');
	}
}

/* What only makes it dearer is marked: a guess may be right. */
static const char *stoppers(struct arena *a, const struct attack_defs *l,
			    const struct attack_def *def)
{
	struct strs words = {0};

	for (size_t i = 0; i < def->stops.len; i++) {
		const char *name = def->stops.v[i];
		bool is_sure = attack_effect_of(l, name, def->adversary) == EFFECT_STOPS;

		strs_pushf(a, &words, "%s%s", name, is_sure ? "" : " (costs)");
	}
	if (words.len)
		return strs_join(a, &words, ", ");
	return def->inherent.len ? "the platform" : "nothing";
}

static void print_attacks(struct arena *a, const struct attack_defs *l)
{
	printf("| attack | adversary | where | has to be stopped by |\n|---|---|---|---|\n");
	for (size_t i = 0; i < l->len; i++) {
		const struct attack_def *def = &l->v[i];

		if (!def->file)
			continue;
		printf("| %s | %s | ", def->name, def->adversary);
		if (def->platforms.len)
			printf("%s", strs_join(a, &def->platforms, ", "));
		else
			printf("everywhere");
		printf("%s%s", def->machine ? ", in " : "", def->machine ? def->machine : "");
		printf("%s%s | %s |\n", def->unit ? ", with " : "", def->unit ? def->unit : "",
		       stoppers(a, l, def));
	}
}

/* One line for each target and technique: the payloads that make sense, each with what stops it. */
static void print_matrix(struct arena *a, const struct attack_defs *l)
{
	struct strs done = {0};

	printf("| target, technique | adversary | cells | payload: has to be stopped by |\n"
	       "|---|---|---|---|\n");
	for (size_t i = 0; i < l->len; i++) {
		const struct attack_def *first = &l->v[i];
		struct strs payloads = {0};
		const char *line;
		size_t cells = 0;

		if (first->file)
			continue;
		line = attack_line_name(a, first->name, ATTACK_TARGET);
		if (!strs_add(a, &done, line))
			continue;
		for (size_t k = i; k < l->len; k++) {
			const struct attack_def *def = &l->v[k];

			if (def->file ||
			    !str_eq(attack_line_name(a, def->name, ATTACK_TARGET), line))
				continue;
			cells++;
			strs_add(a, &payloads,
				 arena_printf(a, "%s: %s", strrchr(def->name, '/') + 1,
					      stoppers(a, l, def)));
		}
		printf("| %s | %s | %zu | %s |\n", line, first->adversary, cells,
		       strs_join(a, &payloads, "; "));
	}
}

static void print_number(const struct attack_defs *l)
{
	size_t cells = 0;

	for (size_t i = 0; i < l->len; i++)
		cells += !l->v[i].file;
	printf("%zu attacks: %zu programs and %zu cells of the matrix.\n", l->len, l->len - cells,
	       cells);
}

static int dry_run(struct ctx *c)
{
	const struct tree *tree = tree_load(c->a, c->home, c->d);
	struct attack_defs defs = {0};
	struct strs files = {0};

	if (!tree || attack_list(c->a, tree, &defs, &files, c->d))
		return -1;
	print_model(tree, &defs);
	putchar('\n');
	print_attacks(c->a, &defs);
	putchar('\n');
	print_matrix(c->a, &defs);
	putchar('\n');
	print_number(&defs);
	return 0;
}

int cmd_attack(struct ctx *c)
{
	struct attack_opts o = {.is_all = c->all};
	struct attack_table t = {0};
	const struct manifest *m;
	const char *path;

	if (c->dry_run)
		return dry_run(c);
	m = ctx_manifest(c);
	if (!m)
		return -1;
	strs_split_at(c->a, &o.profiles, c->profiles ? c->profiles : "", ',');
	strs_split_at(c->a, &o.only, c->only ? c->only : "", ',');
	if (attack_run(c, m, &o, &t))
		return -1;
	path = attack_path(c->a, c->out_dir, t.name);
	if (attack_store(c->a, path, &t, c->d))
		return -1;
	if (c->json) {
		json_t *j = attack_to_json(&t);

		json_print(j, stdout);
		json_decref(j);
	} else {
		attack_print(&t, stdout);
	}
	log_info("kept in %s", path);
	return attack_check(c->a, &t, c->d);
}
