/* SPDX-License-Identifier: BSD-2-Clause */
/* Native time of the variants: many links of each image, run in turn, put beside the counted figures. */
#include "measure_native.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "build.h"
#include "cmd.h"
#include "manifest.h"
#include "measure_matrix.h"
#include "measure_task.h"
#include "native.h"
#include "tree.h"
#include "variants.h"

#define RESULT_MAX_BYTES (16u << 20)

const char *measure_native_platform(const struct tree *t)
{
	for (size_t i = 0; i < platform_hosts_len; i++)
		if (platform_hosts[i]->is_native &&
		    tree_find(t, UNIT_PLATFORM, platform_hosts[i]->name))
			return platform_hosts[i]->name;
	return NULL;
}

/* The order of one link: the same for every variant, so that a pair differs in the mechanism alone. */
static const char *layout_seed(struct arena *a, size_t layout)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, "native layout");
	hash_add(&h, &layout, sizeof(layout));
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_strdup(a, hex);
}

static int build_layouts(struct ctx *c, const struct manifest *m, const char *platform,
			 const struct variant *v, struct built *ret)
{
	struct ctx own = *c;

	own.is_reordered = true;
	for (size_t i = 0; i < NATIVE_LAYOUTS; i++) {
		own.seed = layout_seed(c->a, i);
		if (build_image(&own, m, platform, v->spec, &ret[i]))
			return -1;
	}
	return 0;
}

/* One run outside the turns: a variant that does not pass must not end the others' measurement. */
static int try_image(const struct probe *p, const char *image, struct diags *d)
{
	struct probe one = *p;
	struct run r;

	one.image = image;
	return probe_run(&one, &r, d);
}

static struct variant_cost *find_variant(struct cost *cost, const char *name)
{
	for (size_t i = 0; i < cost->variants.len; i++)
		if (str_eq(cost->variants.v[i].name, name))
			return &cost->variants.v[i];
	return NULL;
}

/* The variants that can be timed, and their images: NATIVE_LAYOUTS of each. */
struct timed {
	struct variant_cost **variants;
	struct built *builds;
	size_t len;
};

static void build_all(struct matrix *x, const struct program *g, const struct variants *variants,
		      const struct probe *p, struct cost *cost, struct timed *ret)
{
	struct arena *a = x->c->a;

	ret->variants = arena_array(a, variants->len, sizeof(struct variant_cost *));
	ret->builds = arena_array(a, variants->len * NATIVE_LAYOUTS, sizeof(struct built));
	for (size_t i = 0; i < variants->len; i++) {
		struct variant_cost *v = find_variant(cost, variants->v[i].name);
		struct built *builds = &ret->builds[ret->len * NATIVE_LAYOUTS];
		struct ctx own = *x->c;
		struct diags d;

		diags_init(&d, a);
		own.d = &d;
		log_progress(i + 1, variants->len, "MEASURE %s: %s links", variants->v[i].name,
			     g->workload);
		if (!build_layouts(&own, matrix_manifest(a, x, g, &variants->v[i]), p->platform,
				   &variants->v[i], builds)) {
			ret->variants[ret->len++] = v;
			continue;
		}
		if (!v->problem)
			v->problem =
				arena_printf(a, "workload %s on %s: %s", g->workload, p->platform,
					     d.len ? d.v[0].text : "it does not build");
	}
}

static void drop_failing(struct arena *a, const struct program *g, const struct probe *p,
			 struct timed *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->len; i++) {
		struct built *from = &t->builds[i * NATIVE_LAYOUTS];
		struct variant_cost *v = t->variants[i];
		struct diags d;

		diags_init(&d, a);
		if (try_image(p, from[0].image, &d)) {
			if (!v->problem)
				v->problem = arena_printf(a, "workload %s on %s: %s", g->workload,
							  p->platform, d.v[0].text);
			continue;
		}
		memmove(&t->builds[kept * NATIVE_LAYOUTS], from, NATIVE_LAYOUTS * sizeof(*from));
		t->variants[kept++] = v;
	}
	t->len = kept;
}

static int time_all(struct matrix *x, const struct program *g, const struct probe *p,
		    const struct timed *t)
{
	struct arena *a = x->c->a;
	const char **images = arena_array(a, t->len * NATIVE_LAYOUTS, sizeof(*images));
	struct native found;

	for (size_t i = 0; i < t->len * NATIVE_LAYOUTS; i++)
		images[i] = t->builds[i].image;
	if (native_run(p, images, t->len, NATIVE_LAYOUTS, NATIVE_ROUNDS, &found, x->c->d))
		return -1;
	for (size_t i = 0; i < t->len; i++) {
		struct workload_cost *w = task_workload(a, t->variants[i], g->workload);

		for (size_t k = 0; k < found.len; k++) {
			struct native_cost one;

			native_kernel_of(a, &found, k, i, &one);
			vec_push(a, &w->native, one);
		}
		w->native_overall = native_overall(a, &found, i);
	}
	return 0;
}

/* All images in their order: what runs in turn depends on all of them, and on the machine. */
static const char *result_path(const struct matrix *x, const struct program *g,
			       const struct probe *p, const struct timed *t,
			       const struct cost *cost)
{
	struct arena *a = x->c->a;
	struct strs words = {0};

	strs_pushf(a, &words, "native %s, %d links, %d rounds", g->workload, NATIVE_LAYOUTS,
		   NATIVE_ROUNDS);
	for (size_t i = 0; i < cost->facts.len; i++)
		if (str_starts(cost->facts.v[i].name, "host "))
			strs_push(a, &words, cost->facts.v[i].value);
	strs_concat(a, &words, &p->args);
	for (size_t i = 0; i < t->len; i++) {
		strs_push(a, &words, t->variants[i]->name);
		for (size_t k = 0; k < NATIVE_LAYOUTS; k++)
			strs_push(a, &words, t->builds[i * NATIVE_LAYOUTS + k].sha256);
	}
	return task_path(a, x->results_dir, p->platform, &words);
}

static int keep(const struct matrix *x, const struct program *g, const struct timed *t,
		const char *path)
{
	struct arena *a = x->c->a;
	struct cost kept = {.name = g->workload, .platform = ""};
	const char *text;
	json_t *j;

	for (size_t i = 0; i < t->len; i++) {
		struct variant_cost v = {.name = t->variants[i]->name, .spec = "", .stops = ""};
		const struct workload_cost *w = cost_workload(t->variants[i], g->workload);
		struct workload_cost *own = task_workload(a, &v, g->workload);

		own->native = w->native;
		own->native_overall = w->native_overall;
		vec_push(a, &kept.variants, v);
	}
	j = cost_to_json(&kept);
	text = json_text(a, j);
	json_decref(j);
	return file_write(path, text, strlen(text), x->c->d);
}

static int take_kept(const struct matrix *x, const struct program *g, const struct timed *t,
		     const char *path)
{
	struct arena *a = x->c->a;
	struct cost kept;
	json_t *j;
	int err;

	j = json_read(a, path, RESULT_MAX_BYTES, x->c->d);
	err = !j || cost_from_json(a, path, j, &kept, x->c->d);
	json_decref(j);
	for (size_t i = 0; !err && i < t->len; i++) {
		const struct variant_cost *v = cost_variant(&kept, t->variants[i]->name);
		const struct workload_cost *from = v ? cost_workload(v, g->workload) : NULL;
		struct workload_cost *w = task_workload(a, t->variants[i], g->workload);

		if (!from)
			continue;
		w->native = from->native;
		w->native_overall = from->native_overall;
	}
	return err ? -1 : 0;
}

int measure_native(struct matrix *x, const struct program *g, const struct variants *variants,
		   const struct probe *p, struct cost *cost)
{
	struct timed t = {0};
	const char *path;
	size_t built;

	build_all(x, g, variants, p, cost, &t);
	built = t.len;
	path = result_path(x, g, p, &t, cost);
	if (file_exists(path))
		return take_kept(x, g, &t, path);
	drop_failing(x->c->a, g, p, &t);
	if (!t.len || !str_eq(t.variants[0]->name, "none"))
		return 0; /* nothing to compare with */
	if (time_all(x, g, p, &t))
		return -1;
	/* Kept without those that failed, they would seem to have been timed. */
	return t.len == built ? keep(x, g, &t, path) : 0;
}
