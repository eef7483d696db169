/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is undefined behaviour of integers checked? A check that fails branches to ud1 with the number of its kind
 * (libs/plat/include/uk/ud.h). Counted are
 * - these traps in C code: to each a branch must lead, or what stands before runs on into it. A check that was
 *   cut off leaves a trap out of reach;
 * - in sources of the tree, the calls of functions that never return, such as uk_trap(): the trap of a place
 *   that is never reached must stand behind each. So a source that was compiled without the checks shows.
 *   Link-time optimisation finds out that these calls never return and drops what is behind: there this
 *   second half does not count.
 *
 * A signed addition or shift looks like one that cannot go wrong, so how many checks are missing is not in
 * machine code: a source without such a call, compiled without the checks, does not show. Nor does one check
 * that was cut off where several of a function share one trap.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <stdint.h>

/* Of a place that is never reached. */
#define UNREACHABLE 0x01

/* Unreachable is the first: the numbers of clang's handlers, as <uk/ud.h> names them. */
static const uint8_t kinds[] = {UNREACHABLE, 0x00, 0x03, 0x08, 0x0c, 0x0d, 0x14, 0x15, 0x18};

struct tally {
	size_t covered, total, branches, calls;
	const char *problem;
	struct strs exempt_names;
	struct strs sources; /* in which a missing check would show */
};

static bool is_check(const struct image *img, const struct insn *i)
{
	if (i->kind != INSN_TRAP)
		return false;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		if (code_is_trap(img, i->addr, kinds[k]))
			return true;
	return false;
}

/* Where files of the tree lie: those of the C library have its name in front. */
static bool is_of_tree(const struct image_func *f)
{
	return str_starts(f->object, "libs/") || str_starts(f->object, "platforms/") ||
	       str_starts(f->object, "hardening/");
}

/* The linker's map has no name for what link-time optimisation made of local functions. */
static bool is_link_time(const struct image *img)
{
	for (size_t i = 0; i < img->funcs_len; i++)
		if (str_eq(img->funcs[i].object, "lto"))
			return true;
	return false;
}

/* Those that <uk/trap.h>, <uk/plat.h> and <uk/platform.h> declare as such. */
static bool never_returns(const struct code *c, uint64_t target)
{
	static const char *const names[] = {"uk_trap", "uk_plat_halt", "uk_plat_stop", "uk_fault"};
	const struct image_func *f = target ? image_func_at(c->image, target) : NULL;

	for (size_t i = 0; f && f->addr == target && i < ARRAY_LEN(names); i++)
		if (str_eq(f->name, names[i]))
			return true;
	return false;
}

/* Whether what follows instruction `at` is the trap of a place that is never reached, or a jump there. */
static bool ends_in_trap(const struct code *c, const struct code_insns *f, size_t at)
{
	const struct insn *next = at + 1 < f->len ? &f->v[at + 1] : NULL;

	return next && code_is_trap(c->image, next->kind == INSN_JUMP ? next->target : next->addr,
				    UNREACHABLE);
}

static void miss(const struct code *c, struct tally *t, const struct image_func *func,
		 uint64_t addr, const char *what)
{
	if (!t->problem)
		t->problem =
			arena_printf(c->arena, "'%s' (%s) has %s, at +0x%llx", func->name,
				     func->object, what, (unsigned long long)(addr - func->addr));
}

static void count_trap(const struct code *c, const struct image_func *func,
		       const struct code_insns *f, size_t at, struct tally *t)
{
	/* What a call that never returns would come back to is a check of that. */
	const bool is_behind_call = at > 0 && f->v[at - 1].kind == INSN_CALL &&
				    code_is_trap(c->image, f->v[at].addr, UNREACHABLE);

	t->total++;
	for (size_t i = 0; i < f->len; i++)
		t->branches += f->v[i].kind == INSN_JUMP_COND && f->v[i].target == f->v[at].addr;
	if (is_behind_call || code_is_trap_reached(c, f, at))
		t->covered++;
	else
		miss(c, t, func, f->v[at].addr, "a trap that no check leads to");
}

static void count_call(const struct code *c, const struct image_func *func,
		       const struct code_insns *f, size_t at, struct tally *t)
{
	strs_add(c->arena, &t->sources, func->object);
	t->calls++;
	if (ends_in_trap(c, f, at))
		return;
	t->total++;
	miss(c, t, func, f->v[at].addr, "a call that never returns and no trap behind it");
}

static void count(const struct code *c, const struct image_func *func, bool with_calls,
		  struct tally *t)
{
	const char *reason = image_func_exempt(func, "ubsan");
	struct code_insns f;

	if (reason) {
		strs_pushf(c->arena, &t->exempt_names, "%s: %s", func->name, reason);
		return;
	}
	code_function(c, func, &f);
	for (size_t at = 0; at < f.len; at++) {
		if (is_check(c->image, &f.v[at]))
			count_trap(c, func, &f, at, t);
		else if (with_calls && is_of_tree(func) && f.v[at].kind == INSN_CALL &&
			 never_returns(c, f.v[at].target))
			count_call(c, func, &f, at, t);
	}
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	bool with_calls = !is_link_time(img);
	struct tally t = {0};

	for (size_t i = 0; i < img->funcs_len; i++)
		if (!img->funcs[i].is_asm && img->funcs[i].object[0] != '\0')
			count(c, &img->funcs[i], with_calls, &t);
	v->covered = t.covered;
	v->total = t.total;
	if (t.covered > 0) {
		v->level = "on";
		v->problem = t.problem;
		v->exempt = t.exempt_names;
		v->state = t.problem ? VERDICT_PARTIAL : VERDICT_ON;
		strs_pushf(a, &v->facts, "%zu conditional branches lead to them", t.branches);
		if (with_calls)
			strs_pushf(a, &v->facts,
				   "%zu calls that never return have the trap behind them, in %zu "
				   "sources",
				   t.calls, t.sources.len);
		else
			strs_push(a, &v->facts,
				  "link-time optimisation: a source without the checks would not "
				  "show");
	}
}

extern const struct mechanism mech_ubsan;
const struct mechanism mech_ubsan = {
	.name = "ubsan", .what = "traps of checked arithmetic", .verify = verify};
