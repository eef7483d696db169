/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild plan`: the makefile of the build, or its edges as JSON. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
#include "build.h"
#include "manifest.h"

static json_t *edge_json(const struct edge *e)
{
	json_t *o = json_object(), *argv = json_array();

	for (size_t i = 0; i < e->argv.len; i++) {
		json_t *w = json_object();

		json_object_set_new(w, "word", json_string(e->argv.v[i].s));
		if (e->argv.v[i].origin)
			json_object_set_new(w, "origin", json_string(e->argv.v[i].origin));
		json_array_append_new(argv, w);
	}
	json_object_set_new(o, "verb", json_string(e->verb));
	json_object_set_new(o, "label", json_string(e->label));
	json_object_set_new(o, "inputs", json_strs(&e->inputs));
	json_object_set_new(o, "outputs", json_strs(&e->outputs));
	json_object_set_new(o, "argv", argv);
	return o;
}

static void print_json(const struct pipeline *p)
{
	const struct edges *const lists[] = {&p->plan.app, &p->plan.rest};
	json_t *o = json_object(), *edges = json_array();

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->len; i++)
			json_array_append_new(edges, edge_json(lists[l]->v[i]));
	json_object_set_new(o, "image", json_string(p->plan.image));
	json_object_set_new(o, "edges", edges);
	json_print(o, stdout);
	json_decref(o);
}

int cmd_plan(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);

	if (!m)
		return -1;
	for (size_t i = 0; i < m->platforms.len; i++) {
		struct pipeline p = {0};

		if (build_plan(c, m, m->platforms.v[i].s, NULL, &p))
			return -1;
		if (c->json) {
			print_json(&p);
			continue;
		}
		fputs(plan_makefile(c->a, &p.plan.app, "application objects"), stdout);
		fputs(plan_makefile(c->a, &p.plan.rest, m->name.s), stdout);
	}
	return 0;
}
