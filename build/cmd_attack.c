/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild attack`: what attacks on the manifest's image come to, profile by profile. */
#include "cmd.h"

#include "attack_run.h"
#include "base/log.h"
#include "manifest.h"
#include "tree.h"

#include <stdio.h>

/* The attacks of a list in the order of their names' first appearance, with what stops them. */
static void print_list(struct arena *a, const struct attack_defs *l)
{
	for (size_t i = 0; i < l->len; i++) {
		const struct attack_def *def = &l->v[i];

		printf("%-36s %-10s %s  %s\n", def->name, def->group, def->adversary,
		       def->stops.len ? strs_join(a, &def->stops, ", ") : "nothing stops it");
	}
}

/* Mechanisms against adversaries, as docs/threat-model.md has it. */
static void print_model(const struct tree *t, const struct attack_defs *l)
{
	static const char *const words[] = {
		[EFFECT_NOTHING] = "–", [EFFECT_COSTS] = "costs", [EFFECT_STOPS] = "stops"};

	printf("| mechanism |");
	for (size_t k = 0; attack_adversaries[k]; k++)
		printf(" %s |", attack_adversaries[k]);
	printf("\n|---|");
	for (size_t k = 0; attack_adversaries[k]; k++)
		printf("---|");
	putchar('\n');
	for (size_t i = 0; i < t->len; i++) {
		if (t->v[i]->kind != UNIT_MECHANISM)
			continue;
		printf("| %s |", t->v[i]->name);
		for (size_t k = 0; attack_adversaries[k]; k++)
			printf(" %s |",
			       words[attack_effect_of(l, t->v[i]->name, attack_adversaries[k])]);
		putchar('\n');
	}
}

static int dry_run(struct ctx *c)
{
	const struct tree *tree = tree_load(c->a, c->home, c->d);
	struct attack_defs defs = {0};
	struct strs files = {0};

	if (!tree || attack_list(c->a, tree, &defs, &files, c->d))
		return -1;
	print_list(c->a, &defs);
	putchar('\n');
	print_model(tree, &defs);
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
