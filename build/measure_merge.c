/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure_merge.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "build.h"
#include "cmd.h"
#include "manifest.h"
#include "measure_design.h"
#include "measure_facts.h"
#include "measure_matrix.h"
#include "measure_native.h"
#include "variants.h"

#include <string.h>

#define TREE_MAX_DEPTH 8

int measure_keep(struct ctx *c, const struct cost *cost)
{
	json_t *j = cost_to_json(cost);
	const char *text = json_text(c->a, j);
	const char *path = cost->piece.shards
				   ? measure_piece_path(c->a, c->out_dir, cost->name, &cost->piece)
				   : measure_path(c->a, c->out_dir, cost->name);

	json_decref(j);
	if (file_write(path, text, strlen(text), c->d))
		return -1;
	log_info("kept in %s", path);
	return 0;
}

/* Names and contents of all files below dir; products and secrets of who built there are no part of it. */
static int digest(struct arena *a, const char *dir, unsigned depth, struct hash *h, struct diags *d)
{
	struct strs names = {0};

	if (file_list(a, dir, &names, d))
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *path = path_join(a, dir, names.v[i]);
		char hex[HASH_HEX];

		if (str_eq(names.v[i], "out") || str_eq(names.v[i], "ukbuild.lock"))
			continue;
		hash_add_str(h, names.v[i]);
		if (file_is_dir(path)) {
			if (depth && digest(a, path, depth - 1, h, d))
				return -1;
		} else if (hash_file(path, hex, d)) {
			return -1;
		} else {
			hash_add_str(h, hex);
		}
	}
	return 0;
}

static const char *digest_text(struct arena *a, struct hash *h)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];

	hash_end(h, bytes);
	hash_hex(bytes, hex);
	return arena_strdup(a, hex);
}

static void add_input(struct arena *a, struct piece *p, const char *name, const char *value)
{
	struct fact f = {name, value};

	vec_push(a, &p->inputs, f);
}

static int add_digests(const struct matrix *x, struct piece *ret)
{
	static const char *const tree[] = {"libs", "platforms", "hardening", "kconfig",
					   "templates"};
	struct ctx *c = x->c;
	struct hash h;

	hash_init(&h);
	for (size_t i = 0; i < ARRAY_LEN(tree); i++)
		if (digest(c->a, path_join(c->a, c->home, tree[i]), TREE_MAX_DEPTH, &h, c->d))
			return -1;
	add_input(c->a, ret, "tree", digest_text(c->a, &h));
	hash_init(&h);
	for (size_t i = 0; i <= x->app->files.len; i++) {
		const char *path =
			i ? path_join(c->a, x->app->dir, x->app->files.v[i - 1].s) : x->app->path;
		char hex[HASH_HEX];

		if (hash_file(path, hex, c->d))
			return -1;
		hash_add_str(&h, i ? x->app->files.v[i - 1].s : "manifest");
		hash_add_str(&h, hex);
	}
	add_input(c->a, ret, "application", digest_text(c->a, &h));
	return 0;
}

/* One image that all pieces build: what the digests cannot see, such as the layout seed, shows in it. */
static int add_image(const struct matrix *x, const struct variants *variants, struct piece *ret)
{
	const struct variant *v = &variants->v[variants->len - 1];
	struct arena *a = x->c->a;
	struct built b;

	for (size_t i = 0; i < variants->len; i++)
		if (str_eq(variants->v[i].name, "default"))
			v = &variants->v[i];
	if (build_image(x->c, matrix_manifest(a, x, &x->programs.v[0], v), x->app->platforms.v[0].s,
			v->spec, &b))
		return -1;
	add_input(a, ret, arena_printf(a, "image of '%s'", v->name), arena_strdup(a, b.sha256));
	return 0;
}

int measure_piece(const struct matrix *x, const struct variants *variants, struct cost *ret)
{
	struct arena *a = x->c->a;
	struct piece *p = &ret->piece;
	struct strs names = {0}, platforms = {0};

	p->shard = x->opts->shard;
	p->shards = x->opts->shards;
	for (size_t i = 0; i < variants->len; i++)
		strs_push(a, &names, variants->v[i].name);
	for (size_t i = 0; i < x->app->platforms.len; i++)
		strs_push(a, &platforms, x->app->platforms.v[i].s);
	for (size_t i = 0; i < x->programs.len; i++)
		strs_push(a, &p->programs,
			  x->programs.v[i].workload ? x->programs.v[i].workload : "");
	add_input(a, p, "variants", strs_join(a, &names, ","));
	add_input(a, p, "platforms", strs_join(a, &platforms, ","));
	add_input(a, p, "workloads",
		  x->opts->workloads.len ? strs_join(a, &x->opts->workloads, ",") : "the usual");
	add_input(a, p, "interactions", x->opts->is_designed ? "yes" : "no");
	for (size_t i = 0; i < ret->facts.len; i++) {
		const struct fact *f = &ret->facts.v[i];

		/* Machines may differ where figures do not depend on them. */
		if (!str_starts(f->name, "host ") && !str_eq(f->name, "native time"))
			add_input(a, p, f->name, f->value);
	}
	return add_digests(x, p) || add_image(x, variants, p) ? -1 : 0;
}

/* The pieces in their order. */
struct pieces {
	struct cost *v;
	size_t len;
	const struct strs *paths; /* as given: [i] is v[i]'s until they are sorted */
};

static const struct fact *find_fact(const struct facts *l, const char *name)
{
	for (size_t i = 0; i < l->len; i++)
		if (str_eq(l->v[i].name, name))
			return &l->v[i];
	return NULL;
}

static int check_inputs(const struct pieces *l, size_t i, struct diags *d)
{
	const struct facts *first = &l->v[0].piece.inputs, *own = &l->v[i].piece.inputs;

	for (size_t k = 0; k < first->len; k++) {
		const struct fact *f = find_fact(own, first->v[k].name);

		if (f && str_eq(f->value, first->v[k].value))
			continue;
		(void)diag_error(d, (struct loc){l->paths->v[i], 0, 0},
				 "this piece differs from '%s' in %s", l->paths->v[0],
				 first->v[k].name);
		diag_note(d, loc_none, "'%s' and '%s'", first->v[k].value, f ? f->value : "");
		return diag_hint(d,
				 "measure all pieces of one state; where images differ, with the "
				 "same --seed");
	}
	return own->len == first->len
		       ? 0
		       : diag_error(d, (struct loc){l->paths->v[i], 0, 0},
				    "this piece is of another kind than '%s'", l->paths->v[0]);
}

static bool is_same_list(const struct strs *x, const struct strs *y)
{
	for (size_t i = 0; i < x->len && i < y->len; i++)
		if (!str_eq(x->v[i], y->v[i]))
			return false;
	return x->len == y->len;
}

static bool has_same_names(const struct variant_costs *x, const struct variant_costs *y)
{
	for (size_t i = 0; i < x->len && i < y->len; i++)
		if (!str_eq(x->v[i].name, y->v[i].name))
			return false;
	return x->len == y->len;
}

/* Cells are found by their number, so both must have the same in the same order. */
static bool has_same_cells(const struct cost *x, const struct cost *y)
{
	const struct interactions *p = &x->interactions, *q = &y->interactions;

	if (!str_eq(x->name, y->name) || !str_eq(x->platform, y->platform) ||
	    x->others.len != y->others.len || !has_same_names(&x->variants, &y->variants) ||
	    !is_same_list(&x->piece.programs, &y->piece.programs))
		return false;
	for (size_t i = 0; i < x->others.len; i++)
		if (!str_eq(x->others.v[i].platform, y->others.v[i].platform) ||
		    !has_same_names(&x->others.v[i].variants, &y->others.v[i].variants))
			return false;
	return !p->design == !q->design && has_same_names(&p->points, &q->points) &&
	       (!p->design || str_eq(p->workload, q->workload));
}

static int check_pieces(struct arena *a, const struct pieces *l, struct diags *d)
{
	const char **seen = arena_array(a, l->len + 1, sizeof(*seen));

	for (size_t i = 0; i < l->len; i++) {
		const struct piece *p = &l->v[i].piece;
		const struct loc at = {l->paths->v[i], 0, 0};

		if (!p->shards || !p->shard || p->shard > p->shards)
			return diag_error(d, at, "this is no piece of a measurement");
		if (p->shards != l->v[0].piece.shards)
			return diag_error(d, at, "this is one of %zu pieces, '%s' one of %zu",
					  p->shards, l->paths->v[0], l->v[0].piece.shards);
		if (p->shard <= l->len && seen[p->shard])
			return diag_error(d, at, "this is piece %zu, and so is '%s'", p->shard,
					  seen[p->shard]);
		if (p->shard <= l->len)
			seen[p->shard] = l->paths->v[i];
		if (check_inputs(l, i, d))
			return -1;
		if (!has_same_cells(&l->v[i], &l->v[0]))
			return diag_error(d, at, "this piece is of another measurement than '%s'",
					  l->paths->v[0]);
	}
	if (l->len == l->v[0].piece.shards)
		return 0;
	for (size_t i = 1; i <= l->v[0].piece.shards; i++)
		if (i > l->len || !seen[i])
			return diag_fail(d, DIAG_INPUT, "piece %zu of %zu is missing", i,
					 l->v[0].piece.shards);
	return 0;
}

/* The variants of one part of each piece: a platform's, or a design's. */
typedef const struct variant_costs *(*part_of)(const struct cost *piece, size_t index);

static const struct variant_costs *platform_part(const struct cost *piece, size_t index)
{
	return index ? &piece->others.v[index - 1].variants : &piece->variants;
}

static const struct variant_costs *design_part(const struct cost *piece, size_t index)
{
	(void)index; /* there is one */
	return &piece->interactions.points;
}

static const struct variant_cost *cell(const struct pieces *l, part_of part, size_t index,
				       size_t variant, size_t number)
{
	return &part(&l->v[number % l->len], index)->v[variant];
}

static void take_problem(const char *text, bool is_own, struct variant_cost *ret)
{
	/* "workload X: ..." comes with the workload's cell. */
	if (text && !ret->problem && (is_own || !str_starts(text, "workload ")))
		ret->problem = text;
}

/* One variant from the pieces that have its cells; base: the number of the first of them. */
static void join_variant(struct arena *a, const struct pieces *l, part_of part, size_t index,
			 size_t variant, const struct strs *programs, size_t base,
			 struct variant_cost *ret)
{
	*ret = *cell(l, part, index, variant, base);
	ret->problem = NULL;
	ret->workloads = (struct workload_costs){0};
	take_problem(cell(l, part, index, variant, base)->problem, false, ret);
	for (size_t k = 1; k < programs->len; k++) {
		const struct variant_cost *from = cell(l, part, index, variant, base + k);
		const struct workload_cost *w = cost_workload(from, programs->v[k]);
		struct workload_cost own;

		if (!w)
			continue;
		own = *w;
		own.native = (struct native_costs){0};
		own.native_overall = (struct estimate){0};
		vec_push(a, &ret->workloads, own);
		if (w->problem)
			take_problem(arena_printf(a, "workload %s: %s", w->name, w->problem), true,
				     ret);
	}
}

static void join_part(struct arena *a, const struct pieces *l, part_of part, size_t index,
		      const struct strs *programs, size_t base, struct variant_costs *ret)
{
	const size_t len = part(&l->v[0], index)->len;

	*ret = (struct variant_costs){0};
	for (size_t i = 0; i < len; i++) {
		struct variant_cost v;

		join_variant(a, l, part, index, i, programs, base + i * programs->len, &v);
		vec_push(a, ret, v);
	}
}

/* Native time of a workload: all of it is in one piece. */
static void join_native(const struct pieces *l, const char *workload, size_t number,
			struct cost *ret)
{
	for (size_t i = 0; i < ret->variants.len; i++) {
		const struct variant_cost *from = cell(l, platform_part, 0, i, number);
		const struct workload_cost *timed = cost_workload(from, workload);
		struct variant_cost *v = &ret->variants.v[i];

		if (from->problem && str_starts(from->problem, "workload ") &&
		    strstr(from->problem, " on "))
			take_problem(from->problem, true, v);
		for (size_t k = 0; timed && k < v->workloads.len; k++)
			if (str_eq(v->workloads.v[k].name, workload)) {
				v->workloads.v[k].native = timed->native;
				v->workloads.v[k].native_overall = timed->native_overall;
			}
	}
}

/* Where machines differed all of them are named. */
static void join_facts(struct arena *a, const struct pieces *l, struct cost *ret)
{
	ret->facts = (struct facts){0};
	for (size_t i = 0; i < l->v[0].facts.len; i++) {
		struct fact f = {l->v[0].facts.v[i].name, NULL};
		struct strs values = {0};

		for (size_t k = 0; k < l->len; k++) {
			const struct fact *own = find_fact(&l->v[k].facts, f.name);

			if (own)
				strs_add(a, &values, own->value);
		}
		f.value = strs_join(a, &values, "; ");
		vec_push(a, &ret->facts, f);
	}
}

/* Its cells are numbered only where there is a platform for it. */
static bool has_native(const struct pieces *l)
{
	const struct fact *f = find_fact(&l->v[0].facts, "native time");

	return f && !str_starts(f->value, "not measured");
}

static void join(struct arena *a, const struct pieces *l, struct cost *ret)
{
	const struct strs *programs = &l->v[0].piece.programs;
	const size_t each = l->v[0].variants.len * programs->len;
	size_t number = 0;

	*ret = l->v[0];
	ret->piece = (struct piece){0};
	ret->others = (struct costs){0};
	join_facts(a, l, ret);
	join_part(a, l, platform_part, 0, programs, number, &ret->variants);
	number += each;
	for (size_t p = 1; p <= l->v[0].others.len; p++) {
		struct cost other = l->v[0].others.v[p - 1];

		join_part(a, l, platform_part, p, programs, number, &other.variants);
		number += each;
		vec_push(a, &ret->others, other);
	}
	if (has_native(l))
		for (size_t k = 1; k < programs->len; k++)
			join_native(l, programs->v[k], number++, ret);
	if (ret->interactions.design) {
		struct strs two = {0};

		strs_push(a, &two, "");
		strs_push(a, &two, ret->interactions.workload);
		join_part(a, l, design_part, 0, &two, number, &ret->interactions.points);
	}
}

static void sort_pieces(struct arena *a, struct pieces *l)
{
	struct cost *sorted = arena_array(a, l->len, sizeof(*sorted));

	for (size_t i = 0; i < l->len; i++)
		sorted[l->v[i].piece.shard - 1] = l->v[i];
	l->v = sorted;
}

int measure_merge(struct ctx *c, const struct strs *paths, struct cost *ret)
{
	struct pieces l = {.v = arena_array(c->a, paths->len, sizeof(struct cost)),
			   .len = paths->len,
			   .paths = paths};

	if (!paths->len)
		return diag_fail(c->d, DIAG_USAGE, "'--merge' takes the pieces as arguments");
	for (size_t i = 0; i < paths->len; i++)
		if (cost_load(c->a, paths->v[i], &l.v[i], c->d))
			return -1;
	if (check_pieces(c->a, &l, c->d))
		return -1;
	sort_pieces(c->a, &l);
	join(c->a, &l, ret);
	return ret->interactions.design ? design_analyse(c, ret) : 0;
}
