/* SPDX-License-Identifier: BSD-2-Clause */
#include "diversify.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "build.h"
#include "image.h"
#include "inspect.h"
#include "lock.h"
#include "manifest.h"
#include "order.h"
#include "relink.h"
#include "run.h"
#include "tree.h"

#define BASE_MAX_BYTES (64u << 20)
/* Images are made side by side; the linker's own threads would only be in each other's way. */
#define ONE_THREAD "--threads=1"

void diverse_seed(const uint8_t master[32], size_t index, uint8_t ret[32])
{
	struct arena *a = arena_new();
	struct stream s;

	stream_init(&s, master, arena_printf(a, "diversify %zu", index));
	stream_bytes(&s, ret, 32);
	arena_free(a);
}

const char *diverse_image(struct arena *a, const struct diverse_set *s, size_t index)
{
	return arena_printf(a, "%s/%s-%04zu.elf", s->dir, s->name, index);
}

const char *diverse_traits_path(struct arena *a, const struct diverse_set *s, size_t index)
{
	uint8_t seed[32];
	char hex[HASH_HEX];

	/* Not the seed itself: a name is no place for a secret. */
	diverse_seed(s->master, index, seed);
	hash_hex(seed, hex);
	return arena_printf(a, "%s/%016llx.json", s->work,
			    (unsigned long long)share_id(hex, sizeof(hex)));
}

static const struct edge *find_edge(const struct pipeline *p, const char *verb)
{
	for (size_t i = 0; i < p->plan.rest.len; i++)
		if (str_eq(p->plan.rest.v[i]->verb, verb))
			return p->plan.rest.v[i];
	return NULL;
}

/* The words of a command, without the part up to "--" that has another command behind it. */
static json_t *words(const struct flags *argv, bool is_inner)
{
	json_t *list = json_array();
	size_t i = 0;

	if (is_inner) {
		while (i < argv->len && !str_eq(argv->v[i].s, "--"))
			i++;
		i += i < argv->len;
	}
	for (; i < argv->len; i++)
		json_array_append_new(list, json_string(argv->v[i].s));
	return list;
}

/* The commands of the plan itself, in which an image's own files take the place of the plan's. */
int diverse_write_base(struct arena *a, const struct pipeline *p, const struct diverse_set *s,
		       struct diags *d)
{
	const struct edge *order = find_edge(p, "ORDER"), *link = find_edge(p, "LD");
	const struct edge *image = find_edge(p, "IMAGE");
	const char *text;
	bool is_relinked;
	json_t *o;

	/* internal-relink draws the order itself; its arguments begin like internal-order's. */
	is_relinked = link && link->argv.len > 1 && str_eq(link->argv.v[1].s, "internal-relink");
	if (is_relinked)
		order = link;
	if (!order || !link || !image)
		return diag_fail(d, DIAG_BUG, "the plan has no drawn order");
	o = json_object();
	json_object_set_new(o, "name", json_string(s->name));
	json_object_set_new(o, "platform", json_string(p->sel.platform->name));
	json_object_set_new(o, "memory_bytes",
			    json_integer((json_int_t)p->manifest->memory_bytes.n));
	json_object_set_new(o, "order", words(&order->argv, false));
	json_object_set_new(o, "link", words(&link->argv, is_relinked));
	json_object_set_new(o, "image", words(&image->argv, false));
	json_object_set_new(o, "is_relinked", json_boolean(is_relinked));
	text = json_text(a, o);
	json_decref(o);
	return file_write_if_changed(s->base, text, strlen(text), NULL, d);
}

/* The files of one image while it is made. */
struct making {
	struct arena *arena;
	const json_t *base;
	uint8_t seed[32];
	const char *dir; /* of its own, beside the traits */
	const char *script, *map, *linked, *record, *image;
};

static const char *word(const struct making *m, const char *list, size_t i)
{
	const char *s = json_string_value(json_array_get(json_object_get(m->base, list), i));

	return s ? s : "";
}

/* ukbuild internal-order TEMPLATE SEED OBJECTS OUT, and the linker's command with this image's files. */
static int link_drawn(const struct making *m, struct diags *d)
{
	const char *script = word(m, "order", 5), *linked = word(m, "image", 2);
	const char *map = arena_printf(m->arena, "-Map=%s", word(m, "image", 3));
	struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result r;
	struct strs argv = {0};

	for (size_t i = 0; i < json_array_size(json_object_get(m->base, "link")); i++) {
		const char *w = word(m, "link", i);

		strs_push(m->arena, &argv,
			  str_eq(w, script)   ? m->script
			  : str_eq(w, linked) ? m->linked
			  : str_eq(w, map)    ? arena_printf(m->arena, "-Map=%s", m->map)
					      : w);
	}
	strs_push(m->arena, &argv, ONE_THREAD);
	if (order_write(m->arena, word(m, "order", 2), m->seed, word(m, "order", 4), NULL,
			m->script, d))
		return -1;
	return proc_check(m->arena, proc_argv(m->arena, &argv), &opts, &r, d);
}

/* As internal-relink (build/cmd_internal.c), with this image's files. */
static int link_clean(const struct making *m, struct diags *d)
{
	const char *rsp = word(m, "order", 4), *bitcode_rsp = word(m, "order", 5);
	struct strs linker = {0};

	for (size_t i = 0; i < json_array_size(json_object_get(m->base, "link")); i++)
		strs_push(m->arena, &linker, word(m, "link", i));
	strs_push(m->arena, &linker, ONE_THREAD);
	return relink(m->arena,
		      &(struct relink_in){
			      .template_path = word(m, "order", 2),
			      .seed = m->seed,
			      .rsp_path = rsp,
			      .bitcode_rsp = str_eq(bitcode_rsp, "-") ? NULL : bitcode_rsp,
			      .script_path = m->script,
			      .map_path = m->map,
			      .linked_path = m->linked,
			      .linker = proc_argv(m->arena, &linker),
			      .reword = {word(m, "order", 9), word(m, "order", 10),
					 path_join(m->arena, path_dir(m->arena, rsp), "reworded")},
		      },
		      d);
}

static int link_it(const struct making *m, struct diags *d)
{
	return json_is_true(json_object_get(m->base, "is_relinked")) ? link_clean(m, d)
								     : link_drawn(m, d);
}

/* The plan's record with this image's seed in it: what `build --seed` would write. */
static int write_record(const struct making *m, struct diags *d)
{
	const char *from = word(m, "image", 4), *seed = lock_seed_text(m->arena, m->seed);
	char *text, hex[HASH_HEX];
	uint8_t bytes[HASH_BYTES];
	struct hash h;
	json_t *o;

	o = json_read(m->arena, from, BASE_MAX_BYTES, d);
	if (!o)
		return -1;
	hash_init(&h);
	hash_add(&h, seed, strlen(seed));
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	json_object_set_new(o, "seed_commit", json_string(hex));
	text = json_text(m->arena, o);
	json_decref(o);
	return file_write(m->record, text, strlen(text), d);
}

static json_t *places_json(const struct share_places *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->len; i++)
		json_array_append_new(
			list, json_pack("[II]", (json_int_t)l->v[i].addr, (json_int_t)l->v[i].id));
	return list;
}

/* Functions and gadgets where they lie in the file: what an attacker has who knows the base. */
static const char *traits_text(struct arena *a, const struct inspection *in)
{
	struct share_places functions = {0}, gadgets = {0};
	const char *text;
	json_t *o;

	for (size_t i = 0; i < in->image->funcs_len; i++) {
		const struct image_func *f = &in->image->funcs[i];
		const char *what = arena_printf(a, "%s:%s", f->object, f->name);

		if (!f->is_boot)
			vec_push(a, &functions,
				 (struct share_place){f->addr, share_id(what, strlen(what))});
	}
	for (size_t i = 0; i < in->gadgets.len; i++) {
		const struct gadget *g = &in->gadgets.v[i];

		vec_push(a, &gadgets, (struct share_place){g->addr, share_id(g->bytes, g->len)});
	}
	o = json_object();
	json_object_set_new(o, "sha256", json_string(in->sha256));
	json_object_set_new(o, "bytes", json_integer((json_int_t)in->file_bytes));
	json_object_set_new(o, "functions", places_json(&functions));
	json_object_set_new(o, "gadgets", places_json(&gadgets));
	text = json_text(a, o);
	json_decref(o);
	return text;
}

/* Copies from to to; something else that lies there stays unless force is set. */
static int put_file(struct arena *a, const char *from, const char *to, bool force, struct diags *d)
{
	char *text, *old;
	size_t len, old_len;

	if (file_read(a, from, BASE_MAX_BYTES, &text, &len, d))
		return -1;
	if (!force && file_exists(to)) {
		if (file_read(a, to, BASE_MAX_BYTES, &old, &old_len, d))
			return -1;
		if (old_len != len || memcmp(old, text, len) != 0) {
			(void)diag_error(d, (struct loc){to, 0, 0},
					 "another file lies where this image would go");
			return diag_hint(d, "choose another folder with --folder, or --force");
		}
	}
	return file_write_if_changed(to, text, len, NULL, d);
}

static int finish_host(const struct making *m, const char *path, struct diags *d)
{
	const struct platform_host *host =
		run_host(json_string_value(json_object_get(m->base, "platform")));

	if (!host || !host->finish)
		return 0;
	return host->finish(m->arena, path, json_string_value(json_object_get(m->base, "name")),
			    (uint64_t)json_integer_value(json_object_get(m->base, "memory_bytes")),
			    d);
}

static int make_it(const struct making *m, const char *path, const char *traits_path, bool force,
		   struct diags *d)
{
	struct inspection found;
	const char *traits;

	if (link_it(m, d) || write_record(m, d) ||
	    image_finish(m->arena, m->linked, m->map, m->record, m->image, d))
		return -1;
	/* A mechanism that is not found in this very image is an error, as in a build. */
	if (inspect_image(m->arena, m->image, &found, d) || d->errors)
		return -1;
	traits = traits_text(m->arena, &found);
	if (put_file(m->arena, m->image, path, force, d) ||
	    put_file(m->arena, arena_printf(m->arena, "%s.ukmap", m->image),
		     arena_printf(m->arena, "%s.ukmap", path), force, d) ||
	    finish_host(m, path, d))
		return -1;
	return file_write(traits_path, traits, strlen(traits), d);
}

int diverse_make(struct arena *a, const char *base, size_t index, const char *path,
		 const char *traits_path, bool force, struct diags *d)
{
	struct making m = {.arena = a, .dir = arena_printf(a, "%s.d", traits_path)};
	uint8_t master[32];
	json_t *o;
	int err;

	o = json_read(a, base, BASE_MAX_BYTES, d);
	if (!o)
		return -1;
	m.base = o;
	m.script = path_join(a, m.dir, "image.ld");
	m.map = path_join(a, m.dir, "link.map");
	m.linked = path_join(a, m.dir, "linked.elf");
	m.record = path_join(a, m.dir, "record.json");
	m.image = path_join(a, m.dir, path_base(path));
	/* Read from its file: a command line is everybody's to see. */
	err = lock_read_seed(a, word(&m, "order", 3), master, d);
	if (!err) {
		diverse_seed(master, index, m.seed);
		err = file_mkdirs(m.dir, d) || make_it(&m, path, traits_path, force, d) ? -1 : 0;
	}
	json_decref(o);
	return file_remove_tree(m.dir, d) ? -1 : err;
}

static void read_places(struct arena *a, const json_t *list, struct share_places *ret)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		vec_push(
			a, ret,
			(struct share_place){(uint64_t)json_integer_value(json_array_get(one, 0)),
					     (uint64_t)json_integer_value(json_array_get(one, 1))});
	}
}

bool diverse_read_traits(struct arena *a, const char *path, struct diverse_traits *ret)
{
	struct diags ignored; /* none yet, or cut off: the image is made again */
	const char *sha256;
	json_t *o;

	diags_init(&ignored, a);
	o = file_exists(path) ? json_read(a, path, BASE_MAX_BYTES, &ignored) : NULL;
	sha256 = json_string_value(json_object_get(o, "sha256"));
	if (!sha256 || strlen(sha256) != sizeof(ret->sha256) - 1) {
		json_decref(o);
		return false;
	}
	*ret = (struct diverse_traits){0};
	memcpy(ret->sha256, sha256, sizeof(ret->sha256));
	ret->bytes = (uint64_t)json_integer_value(json_object_get(o, "bytes"));
	read_places(a, json_object_get(o, "functions"), &ret->functions);
	read_places(a, json_object_get(o, "gadgets"), &ret->gadgets);
	json_decref(o);
	return true;
}
