/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Are indices checked? A failed check of an index branches to ud1 with number 0x12, which nothing else
 * uses; counted are these traps in C code. To each a branch must lead, or the instruction before it where
 * the compiler has proven that the index is wrong: a check that was cut off leaves a trap out of reach.
 *
 * How many indices there are is not in machine code: an access with a constant index, or with one that
 * the compiler has proven, has no check and needs none. So the figures say how many checks there are, not
 * how many are missing. Where a function's checks share one trap, one that is cut off does not show.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <stdint.h>

struct tally {
	size_t covered, total, functions; /* functions: with such a trap */
	const char *problem;
	struct strs exempt_names;
};

/* libs/plat/include/uk/ud.h: UK_CHECK_OUT_OF_BOUNDS */
#define OUT_OF_BOUNDS 0x12

static bool is_bounds_trap(const struct image *img, const struct insn *i)
{
	return i->kind == INSN_TRAP && code_is_trap(img, i->addr, OUT_OF_BOUNDS);
}

static void count(const struct code *c, const struct image_func *func, struct tally *t)
{
	const char *reason = image_func_exempt(func, "bounds");
	struct code_insns f;
	size_t before = t->total;

	if (reason) {
		strs_pushf(c->arena, &t->exempt_names, "%s: %s", func->name, reason);
		return;
	}
	code_function(c, func, &f);
	for (size_t at = 0; at < f.len; at++) {
		if (!is_bounds_trap(c->image, &f.v[at]))
			continue;
		t->total++;
		if (code_is_trap_reached(c, &f, at))
			t->covered++;
		else if (!t->problem)
			t->problem = arena_printf(
				c->arena, "'%s' (%s) has a trap that no check leads to, at +0x%llx",
				func->name, func->object,
				(unsigned long long)(f.v[at].addr - func->addr));
	}
	t->functions += t->total > before;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	struct tally t = {0};

	for (size_t i = 0; i < img->funcs_len; i++)
		if (!img->funcs[i].is_asm && img->funcs[i].object[0] != '\0')
			count(c, &img->funcs[i], &t);
	v->covered = t.covered;
	v->total = t.total;
	if (t.total > 0) {
		v->level = "on";
		v->problem = t.problem;
		v->exempt = t.exempt_names;
		v->state = t.problem ? VERDICT_PARTIAL : VERDICT_ON;
		strs_pushf(a, &v->facts, "%zu functions check an index", t.functions);
	}
}

extern const struct mechanism mech_bounds;
const struct mechanism mech_bounds = {
	.name = "bounds", .what = "traps of checked indices", .verify = verify};
