/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does each function check its canary? A function is covered when it copies %fs:0x28 to its frame and
 * no path from there to a return or a tail call misses the check: a compare with %fs:0x28 and a branch
 * to a call of __stack_chk_fail. So one compare, load or branch removed from the finished file shows. The compare may
 * also be with what was loaded from %fs:0x28 before and is kept since: that is what the compiler does where the
 * canary lies on an unsafe stack (hardening/safestack). In a function with several switches it may then be with
 * anything: what is kept there is not known.
 *
 * Counted for level strong: functions in C that return and
 *   - reach their frame with an index register, or
 *   - put the address of a slot of their frame into a register and call something, or
 *   - touch %fs:0x28 or call __stack_chk_fail.
 * Where boot code asks for unsafe stacks the first does not count: what stays in a frame then are arrays of which
 * the compiler knows that every index is in range, and it gives those no canary.
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
#include "kept.h"
#include "ways.h"
#include <stdint.h>
#include <string.h>

/* How far the compiler's scheduler moves the parts of one set-up or check apart, in instructions. */
#define NEAR_INSNS 12

struct checker {
	struct code code;
	uint64_t fail; /* address of __stack_chk_fail */
	bool has_unsafe_stacks;
};

/* One function; the last two only where the canary may be kept. */
struct subject {
	const struct checker *checker;
	const struct frame_regs *regs;
	const struct kept *kept;
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

static bool loads_canary(const void *arg, const struct insn *i)
{
	(void)arg;
	return i->reads_fs28 && !i->is_compare && !i->writes_memory;
}

/* A register with the kept value and memory are compared, or memory that has it and what came from no frame. */
static bool is_with_kept(const struct subject *s, const struct code_insns *f, size_t at)
{
	const struct insn *compare = &f->v[at];

	if (!s->kept || compare->dst == REG_NONE || compare->is_by_fs)
		return false;
	if (s->kept[at].regs >> compare->dst & 1 || kept_is_vague(f))
		return true;
	if (!kept_in_operand(&s->kept[at], &s->regs[at], compare))
		return false;
	for (size_t i = at; i-- > 0 && f->v[i].kind == INSN_OTHER;)
		if (f->v[i].writes >> compare->dst & 1)
			return f->v[i].has_memory && f->v[i].mem_base != REG_NONE &&
			       frame_operand(&s->regs[i], &f->v[i]) == FRAME_UNKNOWN;
	return false;
}

/* A conditional jump that is decided by a compare of memory with the canary. */
static bool is_check(const void *arg, const struct code_insns *f, size_t at)
{
	const struct subject *s = arg;
	bool has_compare = false;

	for (size_t back = 1; back <= at && back <= NEAR_INSNS; back++) {
		const struct insn *i = &f->v[at - back];

		if (i->kind != INSN_OTHER)
			return false;
		if (i->is_compare && i->has_memory) {
			if (is_with_kept(s, f, at - back))
				return true;
			has_compare = true;
		}
		if (i->reads_fs28)
			return has_compare;
	}
	return false;
}

static bool is_failure(const void *arg, const struct code_insns *f, size_t at)
{
	const struct subject *s = arg;

	return leads_to_fail(s->checker, f, at);
}

static bool never_returns(const void *arg, uint64_t target)
{
	const struct subject *s = arg;

	return code_never_returns(&s->checker->code, target);
}

/* A path that has passed one check needs no other: nothing stores a second canary. */
static const char *unchecked_way_out(const struct checker *c, const struct code_insns *f,
				     size_t start)
{
	struct subject s = {.checker = c};
	struct ways_rule rule = {
		.arg = &s,
		.is_check = is_check,
		.is_failure = is_failure,
		.no_return = c->fail,
	};
	const char *missing = ways_unchecked(&c->code, f, start, &rule);
	const uint8_t *tables;

	if (!missing)
		return NULL;
	if (!c->has_unsafe_stacks)
		return missing;
	/* Dear: only where it is needed. */
	rule.never_returns = never_returns;
	tables = code_table_targets(&c->code, f);
	s.regs = frame_regs(&c->code, f, tables);
	s.kept = kept_values(&c->code, f, tables, s.regs, loads_canary, NULL);
	return ways_unchecked(&c->code, f, start, &rule);
}

/* True when i forms an address in the function's own frame; its arguments lie above frame_bytes. */
static bool names_own_slot(const struct insn *i, bool has_frame_pointer, int64_t frame_bytes)
{
	if (i->by_rbp)
		return has_frame_pointer && i->stack_disp < 0;
	return i->stack_disp < frame_bytes;
}

static void look_for_memory(const struct checker *c, const struct code_insns *f,
			    struct finding *ret)
{
	bool has_frame_pointer = false, takes_address = false, calls = false;
	int64_t frame_bytes = 0;

	for (size_t i = 0; i < f->len; i++) {
		const struct insn *insn = &f->v[i];

		has_frame_pointer |= insn->sets_rbp;
		frame_bytes += code_frame_bytes(f, i);
		calls |= insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT;
		if (!names_own_slot(insn, has_frame_pointer, frame_bytes))
			continue;
		takes_address |= insn->takes_stack_address;
		ret->owns_memory |= insn->indexes_stack && !c->has_unsafe_stacks;
	}
	ret->returns = ways_returns(f);
	ret->owns_memory |= takes_address && calls;
}

/*
 * Nothing behind the set-up writes memory, but at fixed places beside the canary, or calls: then a compiler that may
 * take the canary for any other variable, as on an unsafe stack, knows how the compare ends.
 */
static bool is_left_alone(const struct checker *c, const struct code_insns *f, size_t setup)
{
	for (size_t i = setup + 1; i < f->len; i++) {
		const struct insn *insn = &f->v[i];

		if (insn->kind == INSN_CALL_INDIRECT ||
		    (insn->kind == INSN_CALL && insn->target != c->fail))
			return false;
		if (insn->writes_memory &&
		    (insn->mem_has_index || insn->mem_base != f->v[setup].mem_base))
			return false;
	}
	return true;
}

static void examine(const struct checker *c, const struct image_func *func, struct finding *ret)
{
	struct code_insns f;
	size_t setup = SIZE_MAX;

	*ret = (struct finding){0};
	code_function(&c->code, func, &f);
	look_for_memory(c, &f, ret);
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
	if (c->has_unsafe_stacks && is_left_alone(c, &f, setup))
		ret->missing = NULL;
	else
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
	c.has_unsafe_stacks = code_asks_layout(code, "uk_safestack_layout", 1);
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
