/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does each function in C leave zero in the registers that it changed and that are nobody's afterwards?
 * Counted are functions that return and on the way change a call-used general register other than %rax
 * and %rdx, which may hold a result. One is covered when on every path to a return the last value of each
 * such register is zero.
 *
 * Not counted: main, which the compiler leaves out, and functions that end in a jump to another one on some
 * path: the compiler leaves what the other one may get as arguments as it is, and that on every path.
 * Not seen: what a function called in between has left, %rax and %rdx, vector registers, %r10 and %r11,
 * which checks of control flow use behind the compiler's back, and a register into which the word that
 * aligned the stack is popped: it holds what %rax was on entry.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "frame.h"
#include "harden.h"
#include <stdint.h>

/* Registers, as bits, that a caller does not expect to be kept and that carry no result. */
#define SCRATCH ((uint16_t)(1u << REG_RCX | 1u << REG_RSI | 1u << REG_RDI | 1u << 8 | 1u << 9))

struct walk {
	uint16_t *dirty, after; /* not zero, on some path, and changed by the function */
	uint8_t *is_known, *is_waiting;
	size_t *work, work_len;
};

struct finding {
	bool counts, is_covered;
	bool ends_in_jump; /* to another function */
	int reg;           /* of the first that is left */
	uint64_t at;
};

static void merge(void *ctx, size_t next)
{
	struct walk *w = ctx;
	uint16_t was = w->dirty[next];

	w->dirty[next] |= w->after;
	if (w->is_known[next] && w->dirty[next] == was)
		return;
	w->is_known[next] = 1;
	if (w->is_waiting[next])
		return;
	w->is_waiting[next] = 1;
	w->work[w->work_len++] = next;
}

static uint16_t step(uint16_t dirty, const struct insn *i)
{
	if (i->kind == INSN_CALL || i->kind == INSN_CALL_INDIRECT)
		return dirty;
	if (i->effect == EFFECT_POP)
		return dirty;
	if (i->effect == EFFECT_NUMBER && i->imm == 0)
		return dirty & (uint16_t)~i->writes;
	return dirty | i->writes;
}

static bool is_jump_out(const struct code *c, const struct code_insns *f, size_t at)
{
	const struct insn *i = &f->v[at];

	/* A table in memory has an index, a pointer has none. */
	if (i->kind == INSN_JUMP_INDIRECT)
		return i->reg < 0 ? !i->mem_has_index : !code_is_switch(c, f, at);
	return (i->kind == INSN_JUMP || i->kind == INSN_JUMP_COND) &&
	       code_index(f, i->target) == SIZE_MAX;
}

static void examine(const struct code *c, const struct image_func *func, struct finding *ret)
{
	struct walk w = {0};
	struct code_insns f;
	const uint8_t *tables;
	uint16_t changed = 0;
	bool returns = false;

	*ret = (struct finding){.is_covered = true};
	code_function(c, func, &f);
	if (!f.len)
		return;
	tables = code_table_targets(c, &f);
	w.dirty = arena_array(c->arena, f.len, sizeof(*w.dirty));
	w.work = arena_array(c->arena, f.len, sizeof(*w.work));
	w.is_known = arena_alloc(c->arena, f.len);
	w.is_waiting = arena_alloc(c->arena, f.len);
	merge(&w, 0);
	while (w.work_len > 0) {
		size_t at = w.work[--w.work_len];

		w.is_waiting[at] = 0;
		w.after = step(w.dirty[at], &f.v[at]);
		frame_each_next(&f, tables, at, merge, &w);
	}
	for (size_t at = 0; at < f.len; at++) {
		uint16_t left = w.dirty[at] & SCRATCH;

		if (!w.is_known[at])
			continue;
		changed |= f.v[at].writes;
		ret->ends_in_jump |= is_jump_out(c, &f, at);
		if (f.v[at].kind != INSN_RET)
			continue;
		returns = true;
		if (!left || !ret->is_covered)
			continue;
		ret->is_covered = false;
		ret->at = f.v[at].addr;
		while (!(left & 1u << ret->reg))
			ret->reg++;
	}
	ret->counts = returns && changed & SCRATCH && !ret->ends_in_jump;
}

struct tally {
	size_t covered, total, exempt, jumps;
	struct strs exempt_names;
	const char *problem;
};

static void count(struct arena *a, const struct code *c, const struct image_func *f,
		  struct tally *t)
{
	static const char *const names[REG_COUNT] = {
		[REG_RCX] = "rcx", [REG_RSI] = "rsi", [REG_RDI] = "rdi", [8] = "r8", [9] = "r9"};
	const char *reason = image_func_exempt(f, "zeroregs");
	struct code own = *c;
	struct finding found;

	own.arena = arena_new();
	examine(&own, f, &found);
	arena_free(own.arena);
	t->jumps += found.ends_in_jump;
	if (!found.counts)
		return;
	t->total++;
	if (found.is_covered) {
		t->covered++;
	} else if (reason) {
		t->exempt++;
		strs_pushf(a, &t->exempt_names, "%s: %s", f->name, reason);
	} else if (!t->problem) {
		t->problem = arena_printf(a, "'%s' (%s) returns with something in %%%s, at +0x%llx",
					  f->name, f->object, names[found.reg],
					  (unsigned long long)(found.at - f->addr));
	}
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	struct tally t = {0};

	for (size_t i = 0; i < img->funcs_len; i++)
		if (!img->funcs[i].is_asm && img->funcs[i].object[0] != '\0' &&
		    !str_eq(img->funcs[i].name, "main"))
			count(a, c, &img->funcs[i], &t);
	v->covered = t.covered;
	v->total = t.total;
	/* Without the mechanism a last value is zero by chance, in few functions. */
	if (t.covered * 2 > t.total) {
		v->problem = t.problem;
		v->level = "on";
		v->exempt = t.exempt_names;
		v->state = t.problem ? VERDICT_PARTIAL : VERDICT_ON;
		strs_pushf(a, &v->facts,
			   "%zu functions that end in a jump to another are not counted", t.jumps);
	}
	v->is_vacuous = t.total == t.exempt;
}

extern const struct mechanism mech_zeroregs;
const struct mechanism mech_zeroregs = {
	.name = "zeroregs", .what = "functions in C that return", .verify = verify};
