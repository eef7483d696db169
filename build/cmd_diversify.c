/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild diversify`: N images of one program that differ in their layout, and what they share. */
#include "cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "build.h"
#include "compile.h"
#include "diversify.h"
#include "lock.h"
#include "manifest.h"
#include "tree.h"

#define DEFAULT_IMAGES 10
#define LIST_MAX_BYTES (64u << 20)
#define LIST_NAME "diversify.json"

struct run_of {
	struct ctx *c;
	struct diverse_set set;
	const char *platform, *profile, *base_id, *master_commit;
	size_t images; /* in all, with those of runs before */
	struct diverse_traits *traits;
	size_t made;
	double seconds; /* for those that were made */
};

static double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* An order that the hardening does not ask for would not be there when its verifier looks. */
static int check_order(struct ctx *c, const struct manifest *m, const struct pipeline *p)
{
	struct loc loc = m->harden.profile.loc;
	const char *level = "off";

	if (str_eq(selection_config(&p->sel, "NEEDS_LINK_ORDER"), "y"))
		return 0;
	for (size_t i = 0; i < p->sel.mechs_len; i++)
		if (str_eq(p->sel.mechs[i].mech->name, "aslr"))
			level = p->sel.mechs[i].level;
	for (size_t i = 0; i < m->harden.mechs.len; i++)
		if (str_eq(m->harden.mechs.v[i].key.s, "aslr"))
			loc = m->harden.mechs.v[i].val.loc;
	(void)diag_error(
		c->d, loc,
		"with aslr=%s the order of code and data is fixed: all images would be one", level);
	return diag_hint(c->d, "levels that draw an order: aslr=link, aslr=full");
}

static bool is_text(const json_t *o, const char *key, const char *wanted)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && str_eq(s, wanted);
}

/* What is wrong with a list of images for the set of this run, or NULL. */
static const char *why_foreign(const struct run_of *r, const json_t *list)
{
	if (!json_is_string(json_object_get(list, "base")) ||
	    !json_is_string(json_object_get(list, "master_commit")))
		return "this is no list of images";
	if (!is_text(list, "master_commit", r->master_commit))
		return "the folder holds images of another master seed";
	if (!is_text(list, "base", r->base_id))
		return "the folder holds images of another program or hardening";
	return NULL;
}

/* A folder that holds another set is left alone; of the same set its images count. */
static int check_folder(struct run_of *r)
{
	const char *path = path_join(r->c->a, r->set.dir, LIST_NAME), *why;
	size_t listed;
	json_t *o;

	if (r->c->force || !file_exists(path))
		return 0;
	o = json_read(r->c->a, path, LIST_MAX_BYTES, r->c->d);
	why = o ? why_foreign(r, o) : NULL;
	listed = json_array_size(json_object_get(o, "images"));
	if (why)
		(void)diag_error(r->c->d, (struct loc){path, 0, 0}, "%s", why);
	json_decref(o);
	if (!o || why)
		return diag_hint(r->c->d, "choose another folder with --folder, or --force");
	if (listed > r->images) {
		log_info("the folder has %zu images already", listed);
		r->images = listed;
	}
	return 0;
}

/* Whether image and traits are there and belong together. */
static bool is_there(struct run_of *r, size_t index)
{
	const char *image = diverse_image(r->c->a, &r->set, index);
	const char *traits = diverse_traits_path(r->c->a, &r->set, index);
	char hex[HASH_HEX];

	return file_exists(image) && file_exists(arena_printf(r->c->a, "%s.ukmap", image)) &&
	       diverse_read_traits(r->c->a, traits, &r->traits[index]) &&
	       !hash_file(image, hex, r->c->d) && str_eq(hex, r->traits[index].sha256);
}

static struct edge *edge_of(struct run_of *r, size_t index)
{
	struct arena *a = r->c->a;
	struct edge *e = arena_alloc(a, sizeof(*e));
	const char *image = diverse_image(a, &r->set, index);
	const char *traits = diverse_traits_path(a, &r->set, index);
	const char *const argv[] = {r->c->self,
				    "internal-diverse",
				    r->set.base,
				    arena_printf(a, "%zu", index),
				    image,
				    traits,
				    r->c->force ? "force" : "keep"};

	e->verb = "LD";
	e->label = path_base(image);
	for (size_t i = 0; i < ARRAY_LEN(argv); i++)
		flag_push(a, &e->argv, argv[i], NULL);
	strs_push(a, &e->outputs, traits);
	return e;
}

static int make_images(struct run_of *r)
{
	struct compile_stats stats = {0};
	struct edges edges = {0};
	double from = now_seconds();

	for (size_t i = 0; i < r->images; i++) {
		if (is_there(r, i))
			continue;
		if (file_remove_tree(diverse_traits_path(r->c->a, &r->set, i), r->c->d))
			return -1;
		vec_push(r->c->a, &edges, edge_of(r, i));
	}
	r->made = edges.len;
	if (!edges.len)
		return 0;
	if (file_mkdirs(r->set.dir, r->c->d) ||
	    compile_run(r->c->a, &edges, NULL, path_join(r->c->a, r->set.work, "diverse.mk"),
			"diverse images", r->c->jobs, &stats, r->c->d))
		return -1;
	r->seconds = now_seconds() - from;
	for (size_t i = 0; i < r->images; i++)
		if (!diverse_read_traits(r->c->a, diverse_traits_path(r->c->a, &r->set, i),
					 &r->traits[i]))
			return diag_fail(r->c->d, DIAG_BUG, "no traits of image %zu", i);
	return 0;
}

/* What two images share: at the same place from the base, and gadgets wherever they lie. */
struct shared {
	struct share_pairs functions, gadgets, anywhere;
};

static struct shared share_of(struct run_of *r)
{
	struct share_places *lists = arena_array(r->c->a, r->images, sizeof(*lists));
	struct shared s;

	for (size_t i = 0; i < r->images; i++)
		lists[i] = r->traits[i].functions;
	s.functions = share_count(r->c->a, lists, r->images);
	for (size_t i = 0; i < r->images; i++)
		lists[i] = r->traits[i].gadgets;
	s.gadgets = share_count(r->c->a, lists, r->images);
	for (size_t i = 0; i < r->images; i++)
		for (size_t k = 0; k < lists[i].len; k++)
			lists[i].v[k].addr = 0;
	s.anywhere = share_count(r->c->a, lists, r->images);
	return s;
}

static json_t *image_json(struct run_of *r, size_t index)
{
	uint8_t seed[32];
	char hex[HASH_HEX];

	diverse_seed(r->set.master, index, seed);
	hash_hex(seed, hex);
	return json_pack("{s:I, s:s, s:s, s:s, s:I}", "index", (json_int_t)index, "file",
			 path_base(diverse_image(r->c->a, &r->set, index)), "seed", hex, "sha256",
			 r->traits[index].sha256, "bytes", (json_int_t)r->traits[index].bytes);
}

static json_t *list_json(struct run_of *r, const struct shared *s)
{
	json_t *o = json_object(), *images = json_array();

	for (size_t i = 0; i < r->images; i++)
		json_array_append_new(images, image_json(r, i));
	json_object_set_new(o, "version", json_integer(1));
	json_object_set_new(o, "name", json_string(r->set.name));
	json_object_set_new(o, "platform", json_string(r->platform));
	json_object_set_new(o, "profile", json_string(r->profile));
	json_object_set_new(o, "base", json_string(r->base_id));
	json_object_set_new(o, "master_commit", json_string(r->master_commit));
	json_object_set_new(o, "verified", json_string("each image: all mechanisms, as build"));
	json_object_set_new(o, "images", images);
	json_object_set_new(
		o, "shared",
		json_pack("{s:s, s:o, s:o, s:o}", "method",
			  "addresses from the image's base, known or not moved; pairs: all",
			  "functions", share_json(&s->functions), "gadgets",
			  share_json(&s->gadgets), "gadgets_anywhere", share_json(&s->anywhere)));
	return o;
}

static void print_row(const char *what, const struct share_pairs *p)
{
	printf("%-26s %9.0f %9.1f %9.0f %7zu %7.2f %7zu %7zu\n", what, p->in_one, p->mean,
	       p->median, p->most, p->percent, p->in_all, p->widest);
}

static void print_text(const struct run_of *r, const struct shared *s)
{
	printf("%s on %s: %zu images in %s, each verified\n", r->set.name, r->platform, r->images,
	       r->set.dir);
	if (!s->functions.pairs)
		return;
	printf("\nWhat two images share (%zu pairs; addresses from the base of the image, so this "
	       "holds\n"
	       "for an attacker who knows the base; aslr=full moves the base at each boot as "
	       "well)\n"
	       "%-26s %9s %9s %9s %7s %7s %7s %7s\n",
	       s->functions.pairs, "", "an image", "mean", "median", "most", "mean %", "in all",
	       "widest");
	print_row("functions, same address", &s->functions);
	print_row("gadgets, same address", &s->gadgets);
	print_row("gadgets, any address", &s->anywhere);
	puts("(widest: images in which the most common one holds)");
}

static int finish(struct run_of *r)
{
	const struct shared s = share_of(r);
	json_t *o = list_json(r, &s);
	const char *text = json_text(r->c->a, o);

	log_progress_end();
	if (lock_write_secret(path_join(r->c->a, r->set.dir, LIST_NAME), text, r->c->d)) {
		json_decref(o);
		return -1;
	}
	if (r->made)
		log_info("%zu images linked, finished and verified in %.1f s: %.0f ms each",
			 r->made, r->seconds, 1000 * r->seconds / (double)r->made);
	if (r->c->json)
		json_print(o, stdout);
	else
		print_text(r, &s);
	json_decref(o);
	return 0;
}

/* The folders, and what identifies the set: the link of the plan, the master seed. */
static int set_up(struct run_of *r, const struct pipeline *p)
{
	struct arena *a = r->c->a;
	const char *link_dir = path_dir(a, p->plan.linked_image), *seed_file;
	char *hex = arena_alloc(a, HASH_HEX);

	if (lock_seed(a, p->manifest, r->c->seed, p->in.variant_dir, &seed_file, r->c->d) ||
	    lock_read_seed(a, seed_file, r->set.master, r->c->d) ||
	    hash_file(seed_file, hex, r->c->d))
		return -1;
	r->set.name = p->manifest->name.s;
	r->set.work = path_join(a, link_dir, "diverse");
	r->set.base = path_join(a, r->set.work, "base.json");
	r->set.dir = r->c->output ? path_absolute(a, r->c->output)
				  : path_join(a, p->in.variant_dir, "diverse");
	r->profile = p->manifest->harden.profile.s;
	r->base_id = path_base(link_dir);
	r->master_commit = hex;
	return diverse_write_base(a, p, &r->set, r->c->d);
}

int cmd_diversify(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	struct pipeline p = {0};
	struct run_of r = {.c = c, .images = c->images ? c->images : DEFAULT_IMAGES};

	r.platform = m ? ctx_one_platform(c, m) : NULL;
	if (!r.platform || build_plan(c, m, r.platform, NULL, &p) || check_order(c, m, &p) ||
	    set_up(&r, &p) || check_folder(&r))
		return -1;
	/* The image of the master seed itself: whatever is wrong with all of them is said once. */
	if (compile_run(c->a, &p.plan.rest, c->shared_dir,
			path_join(c->a, p.in.variant_dir, "build.mk"), m->name.s, c->jobs, &p.stats,
			c->d))
		return -1;
	r.traits = arena_array(c->a, r.images, sizeof(*r.traits));
	return make_images(&r) || finish(&r) ? -1 : 0;
}

/* BASE INDEX IMAGE TRAITS keep|force */
int cmd_internal_diverse(struct ctx *c)
{
	const char **v = c->args.v;

	if (c->args.len != 5)
		return diag_fail(c->d, DIAG_USAGE, "'internal-diverse' takes 5 arguments");
	return diverse_make(c->a, v[0], strtoul(v[1], NULL, 10), v[2], v[3], str_eq(v[4], "force"),
			    c->d);
}
