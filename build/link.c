/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "flags.h"
#include "lto.h"
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

/* The identity of a link: flags, script, objects in order, and what else decides it (record, seed). */
static const char *link_hash(struct arena *a, const struct plan_in *in, const struct flags *argv,
			     const struct strs *objects, const char *more)
{
	struct flags all = {0};

	for (size_t i = 0; i < argv->len; i++)
		flag_push(a, &all, argv->v[i].s, NULL);
	for (size_t i = 0; i < objects->len; i++)
		flag_push(a, &all, object_key(objects->v[i]), NULL);
	flag_push(a, &all, more, NULL);
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

/* The files of one link. */
struct link {
	const char *template, *script, *linked, *map;
	const char *rsp;         /* objects of machine code */
	const char *bitcode_rsp; /* the objects as compiled, with link-time optimisation, or NULL */
	const char *seed_file;   /* or NULL */
	const struct flags *linker;
	const struct strs *objects; /* as compiled */
};

static void push_linker(struct arena *a, const struct flags *linker, struct edge *e)
{
	for (size_t i = 0; i < linker->len; i++)
		flag_push(a, &e->argv, linker->v[i].s, linker->v[i].origin);
}

/*
 * Link-time optimisation before the link: the same whatever the seed and the record say, so of a folder of its
 * own. The list that is linked is written last and stands for the object.
 */
static int add_lto(struct arena *a, const struct plan_in *in, struct link *l, struct plan *p,
		   struct diags *d)
{
	const char *list = strs_to_response(a, l->objects);
	const char *hash = link_hash(a, in, l->linker, l->objects, l->template);
	const char *dir = arena_printf(a, "%s/lto/%s", in->out_dir, hash);
	struct edge *e;

	l->bitcode_rsp = path_join(a, dir, "compiled.rsp");
	l->rsp = path_join(a, dir, "objects.rsp");
	if (file_write_if_changed(l->bitcode_rsp, list, strlen(list), NULL, d))
		return -1;
	e = add_edge(a, p, "LTO", arena_printf(a, "%s/" LTO_OBJECT, in->manifest->name.s));
	push_all(a, &e->argv,
		 (const char *const[]){in->self, "internal-lto", l->template, l->bitcode_rsp,
				       path_join(a, dir, LTO_OBJECT), l->rsp, "--", NULL});
	push_linker(a, l->linker, e);
	strs_push(a, &e->inputs, l->template);
	strs_push(a, &e->inputs, in->self);
	strs_push(a, &e->inputs, l->bitcode_rsp);
	strs_concat(a, &e->inputs, l->objects);
	strs_push(a, &e->outputs, l->rsp);
	return 0;
}

static void add_order(struct arena *a, const struct plan_in *in, const struct link *l,
		      struct plan *p)
{
	struct edge *e =
		add_edge(a, p, "ORDER", arena_printf(a, "%s/image.ld", in->manifest->name.s));

	push_all(a, &e->argv,
		 (const char *const[]){in->self, "internal-order", l->template, l->seed_file,
				       l->rsp, l->script, NULL});
	strs_push(a, &e->inputs, l->template);
	strs_push(a, &e->inputs, in->self);
	strs_push(a, &e->inputs, l->rsp);
	strs_concat(a, &e->inputs, l->objects);
	strs_push(a, &e->outputs, l->script);
}

static void add_link(struct arena *a, const struct plan_in *in, const struct link *l,
		     bool is_relinked, struct plan *p)
{
	struct edge *e =
		add_edge(a, p, "LD", arena_printf(a, "%s/linked.elf", in->manifest->name.s));

	if (is_relinked) {
		push_all(a, &e->argv,
			 (const char *const[]){
				 in->self, "internal-relink", l->template,
				 l->seed_file ? l->seed_file : "-", l->rsp,
				 l->bitcode_rsp ? l->bitcode_rsp : "-", l->script, l->map,
				 l->linked, path_join(a, in->variant_dir, "compile_commands.json"),
				 passes_program(a, in), "--", NULL});
		strs_push(a, &e->inputs, l->template);
		strs_push(a, &e->inputs, in->self);
	} else {
		strs_push(a, &e->inputs, l->script);
	}
	push_linker(a, l->linker, e);
	if (!is_relinked) {
		flag_pushf(a, &e->argv, NULL, "-Map=%s", l->map);
		flag_pushf(a, &e->argv, NULL, "@%s", l->rsp);
		push_all(a, &e->argv,
			 (const char *const[]){"-T", l->script, "-o", l->linked, NULL});
	}
	strs_push(a, &e->inputs, l->rsp);
	strs_concat(a, &e->inputs, l->objects);
	strs_push(a, &e->outputs, l->linked);
}

int link_add(struct arena *a, const struct plan_in *in, const char *seed_file, struct plan *p,
	     struct diags *d)
{
	const char *name = in->manifest->name.s, *list;
	const char *seed_commit = NULL, *record, *record_path, *dir;
	struct strs objects = {0};
	struct flags argv = {0};
	struct link l = {.template = tree_script(a, in->tree, in->sel->platform),
			 .seed_file = seed_file,
			 .linker = &argv,
			 .objects = &objects};
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
	dir = arena_printf(a, "%s/link/%s", in->out_dir, link_hash(a, in, &argv, &objects, record));
	record_path = path_join(a, dir, "record.json");
	l.linked = path_join(a, dir, "linked.elf");
	l.map = path_join(a, dir, "link.map");
	l.rsp = path_join(a, dir, "objects.rsp");
	list = strs_to_response(a, &objects);
	if (file_write_if_changed(record_path, record, strlen(record), NULL, d))
		return -1;
	if (flags_is_lto(in) ? add_lto(a, in, &l, p, d)
			     : file_write_if_changed(l.rsp, list, strlen(list), NULL, d))
		return -1;

	/* Attacks may have any bytes; looking for an order without them would never end. */
	is_relinked = str_eq(selection_config(in->sel, "NEEDS_CLEAN_BYTES"), "y") &&
		      (!in->manifest->attack_files || in->manifest->is_attack_verified);
	l.script = seed_file || is_relinked ? path_join(a, dir, "image.ld") : l.template;
	if (seed_file && !is_relinked)
		add_order(a, in, &l, p);
	add_link(a, in, &l, is_relinked, p);

	p->linked_image = arena_printf(a, "%s/%s.elf", dir, name);
	e = add_edge(a, p, "IMAGE", arena_printf(a, "%s.elf", name));
	push_all(a, &e->argv,
		 (const char *const[]){in->self, "internal-image", l.linked, l.map, record_path,
				       p->linked_image, NULL});
	strs_push(a, &e->inputs, l.linked);
	strs_push(a, &e->inputs, in->self);
	strs_push(a, &e->inputs, record_path);
	strs_push(a, &e->outputs, p->linked_image);
	p->image = arena_printf(a, "%s/%s.elf", in->variant_dir, name);
	return 0;
}
