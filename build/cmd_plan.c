/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild plan`: the makefile of the build, or its edges as JSON. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
#include "build.h"
#include "manifest.h"

static json_t *words_json(const struct flags *f)
{
	json_t *argv = json_array();

	for (size_t i = 0; i < f->len; i++) {
		json_t *w = json_object();

		json_object_set_new(w, "word", json_string(f->v[i].s));
		if (f->v[i].origin)
			json_object_set_new(w, "origin", json_string(f->v[i].origin));
		json_array_append_new(argv, w);
	}
	return argv;
}

static json_t *edge_json(const struct edge *e)
{
	json_t *o = json_object(), *then = json_array();

	for (size_t i = 0; i < e->then.len; i++)
		json_array_append_new(then, words_json(&e->then.v[i]));
	json_object_set_new(o, "verb", json_string(e->verb));
	json_object_set_new(o, "label", json_string(e->label));
	json_object_set_new(o, "inputs", json_strs(&e->inputs));
	json_object_set_new(o, "outputs", json_strs(&e->outputs));
	json_object_set_new(o, "argv", words_json(&e->argv));
	if (e->then.len)
		json_object_set(o, "then", then);
	json_decref(then);
	return o;
}

static json_t *plan_json(const char *platform, const struct plan *p)
{
	const struct edges *const lists[] = {&p->app, &p->rest};
	json_t *o = json_object(), *edges = json_array();

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->len; i++)
			json_array_append_new(edges, edge_json(lists[l]->v[i]));
	json_object_set_new(o, "platform", json_string(platform));
	json_object_set_new(o, "image", json_string(p->image));
	json_object_set_new(o, "edges", edges);
	return o;
}

static void show(struct ctx *c, const struct manifest *m, const struct pipeline *p,
		 const char *platform, json_t *images)
{
	if (c->json) {
		json_array_append_new(images, plan_json(platform, &p->plan));
		return;
	}
	fputs(plan_makefile(c->a, &p->plan.app, "application objects"), stdout);
	fputs(plan_makefile(c->a, &p->plan.rest,
			    arena_printf(c->a, "%s for %s", m->name.s, platform)),
	      stdout);
}

int cmd_plan(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	json_t *o, *images;
	int err;

	if (!m)
		return -1;
	images = json_array();
	err = build_each(c, m, build_plan, show, images);
	o = json_object();
	json_object_set_new(o, "images", images);
	if (c->json && !err)
		json_print(m->platforms.len == 1 ? json_array_get(images, 0) : o, stdout);
	json_decref(o);
	return err;
}
