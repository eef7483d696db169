/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the image's heap the hardened one, with its checks? Counted are checks, each from the finished code of a
 * function with a name:
 *   - uk_heap_free() leads to the check of a slot, of a large block, to the clearing and to the quarantine;
 *   - uk_heap_alloc() leads to the check of a slot that was free, to the random draw and to the metadata region;
 *   - each check has as many branches to the trap as it has conditions.
 * Not seen: what a condition compares, and what a drawn number is used for.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"

static const struct path {
	const char *from, *to;
} paths[] = {
	{"uk_heap_free", "uk_heap_check_live"},
	{"uk_heap_free", "uk_heap_check_large"},
	{"uk_heap_free", "uk_heap_clear"},
	{"uk_heap_free", "uk_heap_hold"},
	{"uk_heap_alloc", "uk_heap_check_untouched"},
	{"uk_heap_alloc", "uk_heap_draw_more"},
	{"uk_heap_alloc", "uk_plat_metadata"},
};

static const struct check {
	const char *function;
	size_t conditions;
} checks[] = {
	{"uk_heap_check_live", 4},
	{"uk_heap_check_untouched", 1},
	{"uk_heap_check_large", 3},
};

static void count_checks(const struct code *c, struct verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (!image_func_named(c->image, paths[i].from))
			continue;
		v->total++;
		if (code_reaches(c, paths[i].from, paths[i].to))
			v->covered++;
		else if (!v->problem)
			v->problem = arena_printf(c->arena, "'%s' does not lead to '%s'",
						  paths[i].from, paths[i].to);
	}
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		const struct image_func *f = image_func_named(c->image, checks[i].function);
		size_t has;

		if (!f)
			continue;
		has = code_trap_branches(c, f);
		v->total += checks[i].conditions;
		v->covered += has < checks[i].conditions ? has : checks[i].conditions;
		if (has < checks[i].conditions && !v->problem)
			v->problem = arena_printf(c->arena, "'%s' traps on %zu of %zu conditions",
						  f->name, has, checks[i].conditions);
	}
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;

	v->is_vacuous =
		!image_func_named(img, "uk_heap_alloc") && !image_func_named(img, "uk_heap_free");
	if (v->is_vacuous || !image_func_named(img, "uk_heap_check_untouched"))
		return;
	count_checks(c, v);
	v->level = "on";
	v->state = v->covered == v->total ? VERDICT_ON : VERDICT_PARTIAL;
}

extern const struct mechanism mech_heap;
const struct mechanism mech_heap = {.name = "heap", .what = "checks", .verify = verify};
