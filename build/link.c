/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "flags.h"
#include "manifest.h"
#include "passes.h"
#include "plan.h"
#include "resolve.h"
#include "tool.h"
#include "tree.h"

static void objects_of(struct arena *a, const struct edges *edges, struct strs *ret)
{
	for (size_t i = 0; i < edges->len; i++)
		if (edges->v[i]->depfile)
			strs_push(a, ret, edges->v[i]->outputs.v[0]);
}

/* "ab/cdef.o": the part of an object's path that does not depend on folders. */
static const char *object_key(const char *path)
{
	const char *base = path_base(path);

	return base - 3;
}

static void add_labels(json_t *to, const struct edges *edges)
{
	for (size_t i = 0; i < edges->len; i++)
		if (edges->v[i]->depfile)
			json_object_set_new(to, object_key(edges->v[i]->outputs.v[0]),
					    json_string(edges->v[i]->label));
}

/* Which files define which symbols: the linker's map names no objects after link-time optimisation.
 */
static json_t *symbol_labels(const struct plan_in *in)
{
	json_t *o = json_object();

	for (size_t i = 0; i < in->sel->files_len; i++) {
		const struct sel_file *f = in->sel->files[i];

		for (size_t k = 0; k < f->defines.len; k++)
			json_object_set_new(o, f->defines.v[k], json_string(f->label));
	}
	return o;
}

/* By label, as the verifiers know the functions of an object. */
static void add_exempt_files(const struct plan_in *in, const struct unit *u,
			     const struct exemption *e, json_t *list)
{
	for (size_t i = 0; i < in->sel->files_len; i++) {
		const struct sel_file *f = in->sel->files[i];
		json_t *o;

		if (f->unit != u || !flags_label_is(f->label, e->file))
			continue;
		o = json_object();
		json_object_set_new(o, "mechanism", json_string(e->mechanism));
		json_object_set_new(o, "unit", json_string(u->name));
		json_object_set_new(o, "object", json_string(f->label));
		json_object_set_new(o, "reason", json_string(e->reason));
		json_array_append_new(list, o);
	}
}

static json_t *exemptions(const struct plan_in *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->sel->units_len; i++) {
		const struct unit *u = in->sel->units[i];

		for (size_t k = 0; k < u->exempt.len; k++)
			add_exempt_files(in, u, &u->exempt.v[k], list);
	}
	return list;
}

/* How each mechanism stands on the platform, and what of the profile it refuses. */
static json_t *standings(const struct plan_in *in)
{
	json_t *all = json_object();

	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *l = &in->sel->mechs[i];
		const struct platform_status *s =
			mechanism_status(l->mech, in->sel->platform->name);
		json_t *o = json_object();

		json_object_set_new(o, "status", json_string(standing_name(s->standing)));
		if (s->reason)
			json_object_set_new(o, "reason", json_string(s->reason));
		if (l->left_out)
			json_object_set_new(o, "left_out", json_string(l->left_out));
		json_object_set_new(all, l->mech->name, o);
	}
	return all;
}

/* What the sidecar says about the image besides what the linker tells (build/image.c adds that). */
static const char *record_text(struct arena *a, const struct plan_in *in, const struct plan *p,
			       const char *seed_commit)
{
	json_t *r = json_object(), *levels = json_object(), *config = json_object();
	json_t *objects = json_object(), *units = json_array();
	const char *text;

	for (size_t i = 0; i < in->sel->mechs_len; i++)
		json_object_set_new(levels, in->sel->mechs[i].mech->name,
				    json_string(in->sel->mechs[i].level));
	for (size_t i = 0; i < in->sel->config_len; i++)
		json_object_set_new(config, in->sel->config[i].name,
				    json_string(in->sel->config[i].val));
	for (size_t i = 0; i < in->sel->units_len; i++)
		json_array_append_new(units, json_string(in->sel->units[i]->name));
	add_labels(objects, &p->app);
	add_labels(objects, &p->rest);
	json_object_set_new(r, "version", json_integer(1));
	json_object_set_new(r, "name", json_string(in->manifest->name.s));
	json_object_set_new(r, "platform", json_string(in->sel->platform->name));
	json_object_set_new(r, "profile", json_string(in->manifest->harden.profile.s));
	json_object_set_new(r, "compiler", json_string(in->tools->cc_version));
	json_object_set_new(r, "levels", levels);
	json_object_set_new(r, "standings", standings(in));
	json_object_set_new(r, "config", config);
	json_object_set_new(r, "units", units);
	json_object_set_new(r, "exempt", exemptions(in));
	json_object_set_new(r, "missing", json_strs(&in->sel->missing));
	json_object_set_new(r, "seed_commit", seed_commit ? json_string(seed_commit) : json_null());
	/* An order that nothing asked for: to measure, see native.h. */
	if (seed_commit && !str_eq(selection_config(in->sel, "NEEDS_LINK_ORDER"), "y"))
		json_object_set_new(r, "reordered", json_true());
	json_object_set_new(r, "objects", objects);
	if (flags_is_lto(in))
		json_object_set_new(r, "symbols", symbol_labels(in));
	text = json_text(a, r);
	json_decref(r);
	return text;
}

/* The identity of a link: flags, script, objects in order, record, seed. */
static const char *link_hash(struct arena *a, const struct plan_in *in, const struct flags *argv,
			     const struct strs *objects, const char *record)
{
	struct flags all = {0};

	for (size_t i = 0; i < argv->len; i++)
		flag_push(a, &all, argv->v[i].s, NULL);
	for (size_t i = 0; i < objects->len; i++)
		flag_push(a, &all, object_key(objects->v[i]), NULL);
	flag_push(a, &all, record, NULL);
	return plan_command_hash(a, in, &all);
}

static struct edge *add_edge(struct arena *a, struct plan *p, const char *verb, const char *label)
{
	struct edge *e = arena_alloc(a, sizeof(*e));

	e->verb = verb;
	e->label = label;
	vec_push(a, &p->rest, e);
	return e;
}

static void push_all(struct arena *a, struct flags *f, const char *const *words)
{
	for (; *words; words++)
		flag_push(a, f, *words, NULL);
}

int link_add(struct arena *a, const struct plan_in *in, const char *seed_file, struct plan *p,
	     struct diags *d)
{
	const char *name = in->manifest->name.s;
	const char *template = tree_script(a, in->tree, in->sel->platform);
	const char *seed_commit = NULL, *record, *dir, *script, *linked, *map, *rsp, *hash;
	const char *response;
	struct strs objects = {0};
	struct flags argv = {0};
	bool is_relinked;
	struct edge *e;

	if (seed_file) {
		char *hex = arena_alloc(a, HASH_HEX);

		if (hash_file(seed_file, hex, d))
			return -1;
		seed_commit = hex;
	}
	objects_of(a, &p->app, &objects);
	objects_of(a, &p->rest, &objects);
	record = record_text(a, in, p, seed_commit);
	flag_push(a, &argv, in->tools->ld, NULL);
	if (flags_link(a, in, &argv, d))
		return -1;
	hash = link_hash(a, in, &argv, &objects, record);
	dir = arena_printf(a, "%s/link/%s", in->out_dir, hash);
	rsp = path_join(a, dir, "objects.rsp");
	response = strs_to_response(a, &objects);
	linked = path_join(a, dir, "linked.elf");
	map = path_join(a, dir, "link.map");
	if (file_write_if_changed(path_join(a, dir, "record.json"), record, strlen(record), NULL,
				  d) ||
	    file_write_if_changed(rsp, response, strlen(response), NULL, d))
		return -1;

	/* Attacks may have any bytes; looking for an order without them would never end. */
	is_relinked = str_eq(selection_config(in->sel, "NEEDS_CLEAN_BYTES"), "y") &&
		      (!in->manifest->attack_files || in->manifest->is_attack_verified);
	script = seed_file || is_relinked ? path_join(a, dir, "image.ld") : template;
	if (seed_file && !is_relinked) {
		e = add_edge(a, p, "ORDER", arena_printf(a, "%s/image.ld", name));
		push_all(a, &e->argv,
			 (const char *const[]){in->self, "internal-order", template, seed_file, rsp,
					       in->tools->nm, script, NULL});
		strs_push(a, &e->inputs, template);
		strs_push(a, &e->inputs, in->self);
		strs_push(a, &e->inputs, rsp);
		strs_concat(a, &e->inputs, &objects);
		strs_push(a, &e->outputs, script);
	}

	e = add_edge(a, p, "LD", arena_printf(a, "%s/linked.elf", name));
	if (is_relinked) {
		push_all(a, &e->argv,
			 (const char *const[]){
				 in->self, "internal-relink", template, seed_file ? seed_file : "-",
				 rsp, in->tools->nm, script, map, linked,
				 path_join(a, in->variant_dir, "compile_commands.json"),
				 passes_program(a, in), "--", NULL});
		strs_push(a, &e->inputs, template);
		strs_push(a, &e->inputs, in->self);
	} else {
		strs_push(a, &e->inputs, script);
	}
	for (size_t i = 0; i < argv.len; i++)
		flag_push(a, &e->argv, argv.v[i].s, argv.v[i].origin);
	flag_pushf(a, &e->argv, NULL, "-Map=%s", map);
	flag_pushf(a, &e->argv, NULL, "@%s", rsp);
	push_all(a, &e->argv, (const char *const[]){"-T", script, "-o", linked, NULL});
	strs_push(a, &e->inputs, rsp);
	strs_concat(a, &e->inputs, &objects);
	strs_push(a, &e->outputs, linked);

	p->linked_image = arena_printf(a, "%s/%s.elf", dir, name);
	e = add_edge(a, p, "IMAGE", arena_printf(a, "%s.elf", name));
	push_all(a, &e->argv,
		 (const char *const[]){in->self, "internal-image", linked, map,
				       path_join(a, dir, "record.json"), p->linked_image, NULL});
	strs_push(a, &e->inputs, linked);
	strs_push(a, &e->inputs, in->self);
	strs_push(a, &e->inputs, path_join(a, dir, "record.json"));
	strs_push(a, &e->outputs, p->linked_image);
	p->image = arena_printf(a, "%s/%s.elf", in->variant_dir, name);
	return 0;
}
