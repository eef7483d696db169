/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild mechanisms`: how each mechanism stands on each platform, as a table that Markdown can take. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
#include "tree.h"

static void print_table(const struct tree *t)
{
	size_t reasons = 0;

	printf("| mechanism |");
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_PLATFORM)
			printf(" %s |", t->v[i]->name);
	printf("\n|---|");
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_PLATFORM)
			printf("---|");
	putchar('\n');
	for (size_t i = 0; i < t->len; i++) {
		if (t->v[i]->kind != UNIT_MECHANISM)
			continue;
		printf("| %s |", t->v[i]->name);
		for (size_t k = 0; k < t->len; k++)
			if (t->v[k]->kind == UNIT_PLATFORM)
				printf(" %s |",
				       standing_name(
					       mechanism_status(t->v[i], t->v[k]->name)->standing));
		putchar('\n');
	}
	for (size_t i = 0; i < t->len; i++)
		for (size_t k = 0; k < t->v[i]->statuses.len; k++) {
			const struct platform_status *s = &t->v[i]->statuses.v[k];

			if (s->reason)
				printf("%s- %s on %s is %s: %s.\n", reasons++ ? "" : "\n",
				       t->v[i]->name, s->platform, standing_name(s->standing),
				       s->reason);
		}
}

static json_t *statuses_json(const struct tree *t, const struct unit *mech)
{
	json_t *all = json_object();

	for (size_t i = 0; i < t->len; i++) {
		const struct platform_status *s;
		json_t *o;

		if (t->v[i]->kind != UNIT_PLATFORM)
			continue;
		s = mechanism_status(mech, t->v[i]->name);
		o = json_object();
		json_object_set_new(o, "status", json_string(standing_name(s->standing)));
		json_object_set_new(o, "reason", s->reason ? json_string(s->reason) : json_null());
		json_object_set_new(all, t->v[i]->name, o);
	}
	return all;
}

static void print_json(const struct tree *t)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < t->len; i++) {
		const struct unit *u = t->v[i];
		json_t *m, *levels;

		if (u->kind != UNIT_MECHANISM)
			continue;
		m = json_object();
		levels = json_array();
		for (size_t k = 0; k < u->level_names.len; k++)
			json_array_append_new(levels, json_string(u->level_names.v[k].s));
		json_object_set_new(m, "name", json_string(u->name));
		json_object_set_new(m, "levels", levels);
		json_object_set_new(m, "platforms", statuses_json(t, u));
		json_array_append_new(list, m);
	}
	json_object_set_new(o, "mechanisms", list);
	json_print(o, stdout);
	json_decref(o);
}

int cmd_mechanisms(struct ctx *c)
{
	const struct tree *t = tree_load(c->a, c->home, c->d);

	if (!t)
		return -1;
	if (c->json)
		print_json(t);
	else
		print_table(t);
	return 0;
}
