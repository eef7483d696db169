/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does each function check its canary? A function is covered when it copies %fs:0x28 to its frame and
 * no path from there to a return or a tail call misses the check: a compare with %fs:0x28 and a branch
 * to a call of __stack_chk_fail. So one compare, load or branch removed from the finished file shows.
 *
 * Counted for level strong: functions in C that return and
 *   - reach their frame with an index register, or
 *   - put the address of a slot of their frame into a register and call something, or
 *   - touch %fs:0x28 or call __stack_chk_fail.
 * That is what is left in machine code of "owns an array or takes the address of a local". Counted for
 * level all: all functions in C that return.
 *
 * Besides, the function that sets up a thread's control block must draw the reference from the image's
 * random generator (unless optimisation has dissolved that function).
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include "ways.h"
#include <stdint.h>
#include <string.h>

/* How far the compiler's scheduler moves the parts of one set-up or check apart, in instructions. */
#define NEAR_INSNS 12

struct checker {
	struct code code;
	uint64_t fail; /* address of __stack_chk_fail */
};

struct finding {
	bool returns;     /* by ret or by a tail call */
	bool owns_memory; /* by the rule above */
	bool has_trace;   /* any sign of a canary */
	bool is_covered;
	const char *missing;
};

/* True when the instructions from index at lead to a call of __stack_chk_fail and nowhere else. */
static bool leads_to_fail(const struct checker *c, const struct code_insns *f, size_t at)
{
	for (size_t steps = 0; steps < NEAR_INSNS && at < f->len; steps++) {
		const struct insn *i = &f->v[at];

		switch (i->kind) {
		case INSN_CALL:
			return i->target == c->fail;
		case INSN_JUMP:
			if (i->target == c->fail)
				return true;
			at = code_index(f, i->target);
			break;
		case INSN_OTHER:
			at++;
			break;
		default:
			return false;
		}
	}
	return false;
}

/* The index of the instruction that copies the canary loaded at `at` to memory, or SIZE_MAX. */
static size_t setup_store(const struct code_insns *f, size_t at)
{
	for (size_t k = at + 1; k < f->len && k <= at + NEAR_INSNS; k++) {
		if (f->v[k].is_compare && f->v[k].has_memory)
			return SIZE_MAX;
		if (f->v[k].stores_register)
			return k;
		if (f->v[k].kind != INSN_OTHER)
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

/* A conditional jump that is decided by a compare of memory with the canary. */
static bool is_check(const void *arg, const struct code_insns *f, size_t at)
{
	bool has_compare = false;

	(void)arg;
	for (size_t back = 1; back <= at && back <= NEAR_INSNS; back++) {
		const struct insn *i = &f->v[at - back];

		if (i->kind != INSN_OTHER)
			return false;
		if (i->is_compare && i->has_memory)
			has_compare = true;
		if (i->reads_fs28)
			return has_compare;
	}
	return false;
}

static bool is_failure(const void *arg, const struct code_insns *f, size_t at)
{
	return leads_to_fail(arg, f, at);
}

/* A path that has passed one check needs no other: nothing stores a second canary. */
static const char *unchecked_way_out(const struct checker *c, const struct code_insns *f,
				     size_t start)
{
	const struct ways_rule rule = {
		.arg = c,
		.is_check = is_check,
		.is_failure = is_failure,
		.no_return = c->fail,
	};

	return ways_unchecked(&c->code, f, start, &rule);
}

/* True when i forms an address in the function's own frame; its arguments lie above frame_bytes. */
static bool names_own_slot(const struct insn *i, bool has_frame_pointer, int64_t frame_bytes)
{
	if (i->by_rbp)
		return has_frame_pointer && i->stack_disp < 0;
	return i->stack_disp < frame_bytes;
}

static void look_for_memory(const struct code_insns *f, struct finding *ret)
{
	bool has_frame_pointer = false, takes_address = false, calls = false;
	int64_t frame_bytes = 0;

	for (size_t i = 0; i < f->len; i++) {
		const struct insn *insn = &f->v[i];

		has_frame_pointer |= insn->sets_rbp;
		frame_bytes += insn->sub_rsp + (insn->is_push ? 8 : 0);
		calls |= insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT;
		if (!names_own_slot(insn, has_frame_pointer, frame_bytes))
			continue;
		takes_address |= insn->takes_stack_address;
		ret->owns_memory |= insn->indexes_stack;
	}
	ret->returns = ways_returns(f);
	ret->owns_memory |= takes_address && calls;
}

static void examine(const struct checker *c, const struct image_func *func, struct finding *ret)
{
	struct code_insns f;
	size_t setup = SIZE_MAX;

	*ret = (struct finding){0};
	code_function(&c->code, func, &f);
	look_for_memory(&f, ret);
	for (size_t i = 0; i < f.len; i++) {
		if (f.v[i].target && f.v[i].target == c->fail)
			ret->has_trace = true;
		if (!f.v[i].reads_fs28)
			continue;
		ret->has_trace = true;
		if (setup == SIZE_MAX)
			setup = setup_store(&f, i);
	}
	if (setup == SIZE_MAX) {
		ret->missing = ret->has_trace ? "never stores its canary" : "has no canary";
		return;
	}
	ret->missing = unchecked_way_out(c, &f, setup + 1);
	ret->is_covered = !ret->missing;
}

/* Coverage of one level. */
struct tally {
	size_t covered, total, exempt;
	const char *problem;
};

static void count(struct arena *a, struct tally *t, const struct image_func *f,
		  const struct finding *found, bool is_exempt)
{
	t->total++;
	if (found->is_covered)
		t->covered++;
	else if (is_exempt)
		t->exempt++;
	else if (!t->problem)
		t->problem = arena_printf(a, "'%s' (%s) %s", f->name, f->object, found->missing);
}

static void decide(struct verdict *v, const struct tally *strong, const struct tally *all)
{
	const struct tally *t = strong;

	v->what = "functions in C with memory on the stack";
	v->level = "strong";
	if (all->covered > 0 && all->covered + all->exempt == all->total) {
		t = all;
		v->what = "functions in C";
		v->level = "all";
		v->implied = "strong";
	}
	v->covered = t->covered;
	v->total = t->total;
	v->problem = t->problem;
	v->state = t->covered + t->exempt == t->total ? VERDICT_ON : VERDICT_PARTIAL;
	if (all->covered == 0) {
		v->state = VERDICT_OFF;
		v->is_vacuous = strong->total == strong->exempt;
		v->level = NULL;
		v->implied = NULL;
		v->problem = NULL;
		v->exempt.len = 0;
	}
}

static void verify(const struct code *code, struct verdict *v)
{
	const struct image *img = code->image;
	struct arena *a = code->arena;
	struct tally strong = {0}, all = {0};
	struct checker c = {.code = *code, .fail = UINT64_MAX};
	bool is_drawn;

	(void)image_symbol(img, "__stack_chk_fail", &c.fail); /* absent: no function calls it */
	for (size_t i = 0; i < img->funcs_len; i++) {
		const struct image_func *f = &img->funcs[i];
		const char *reason = image_func_exempt(f, "canary");
		struct finding found;

		if (f->is_asm || f->object[0] == '\0')
			continue;
		examine(&c, f, &found);
		if (!found.returns)
			continue;
		count(a, &all, f, &found, reason != NULL);
		if (found.owns_memory || found.has_trace)
			count(a, &strong, f, &found, reason != NULL);
		if (reason && !found.is_covered && (found.owns_memory || found.has_trace))
			strs_pushf(a, &v->exempt, "%s: %s", f->name, reason);
	}
	is_drawn = !image_func_named(img, "uk_tcb_init") ||
		   code_reaches(&c.code, "uk_tcb_init", "uk_random_bytes");
	strs_pushf(a, &v->facts, "%zu of %zu functions in C that return have a canary", all.covered,
		   all.total);
	decide(v, &strong, &all);
	if (v->state == VERDICT_ON && !is_drawn) {
		v->state = VERDICT_PARTIAL;
		v->problem = "'uk_tcb_init' does not draw the reference value";
	}
}

extern const struct mechanism mech_canary;
const struct mechanism mech_canary = {.name = "canary", .what = "functions", .verify = verify};
