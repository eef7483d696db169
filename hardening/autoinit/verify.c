/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Are local variables set before anyone sees them? Counted are slots of a frame whose address a function
 * in C hands to a function it calls, in an argument register, if that one may read through it or the
 * function itself reads it back. A slot is covered when on every path to every such call something was
 * stored to its first byte, or memset and its like filled it. A program sets many of them itself. What
 * tells an image with the mechanism from one without is one slot that every image has and that no program
 * sets: the text that is handed to uk_put_digits (libs/plat/put.c).
 *
 * The size of a slot is not in machine code. It ends where the next one begins that is handed out, so one
 * with more than 128 bytes up to there may be a large variable: level capped leaves those as they are,
 * and for it they do not count.
 *
 * The optimiser takes out stores of which it knows that nobody reads them, on the paths where that is so;
 * and a part of a large variable can be handed out as a slot of its own. Both look like a slot that was
 * forgotten. Up to one in twenty is therefore told but taken for that: in an image with many slots one
 * store that was cut off does not show. Link-time optimisation sees all callees and takes out more: there it is
 * one in twelve, and one in an image with few slots too.
 *
 * Not seen: slots handed to a call through a pointer and not read back; slots whose address is first
 * stored to memory or computed with an index; variables that the function alone reads; bytes behind the
 * first; frames of variable size; a slot that another variable has used before; and what looks unset
 * behind a switch: of a function with several, it is not known which table has which targets.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "frame.h"
#include "harden.h"
#include <stdint.h>
#include <string.h>

/* -ftrivial-auto-var-init-max-size of level capped. */
#define CAP_BYTES 128
/* More slots than this in one function are looked at in groups. */
#define GROUP_SLOTS 64
#define SLOTS_MAX 1024
/* How far before a call its arguments are set, in instructions. */
#define NEAR_INSNS 8

/* One slot in this many may look unset: see above. */
#define OPTIMISED_OF 20
#define OPTIMISED_LTO_OF 12

struct slots {
	int64_t at[SLOTS_MAX];
	bool is_bare[SLOTS_MAX]; /* handed out on some path before anything was stored */
	size_t len;
};

/* What a function does with the addresses it gets. */
struct callee {
	bool is_known;
	uint8_t uses;  /* may read what argument n points to, keep it or pass it on: bit n */
	uint8_t fills; /* begins by storing to the first byte there, on every path: bit n */
	bool returns_first; /* returns the first one: it has filled what is there, as memset and functions
			     * that return a structure do */
};

struct callees {
	struct code code;
	struct callee *v; /* parallel to the image's functions */
};

struct look {
	struct callees *callees;
	struct code code;
	struct code_insns insns;
	const uint8_t *tables;
	const struct frame_regs *regs;
	struct slots slots;
};

static bool is_call(const struct insn *i)
{
	return i->kind == INSN_CALL || i->kind == INSN_CALL_INDIRECT;
}

static const struct callee *callee_at(struct callees *c, uint64_t addr);

/* Arguments of the function that instruction i passes on to another one which uses them. */
static uint8_t passed_on(struct callees *c, const struct code_insns *f, const struct insn *i,
			 const struct frame_regs *r)
{
	bool leaves = is_call(i) || (i->target && code_index(f, i->target) == SIZE_MAX);
	const struct callee *to = i->target ? callee_at(c, i->target) : NULL;
	uint8_t uses = 0;

	for (int n = 0; n < FRAME_ARGUMENTS && leaves; n++) {
		int argument = frame_argument_of(r->at[frame_arguments[n]]);

		/* Of a call through a pointer nobody knows which registers are its arguments. */
		if (argument >= 0 && to && to->uses & 1u << n)
			uses |= (uint8_t)(1u << argument);
	}
	return uses;
}

/* Arguments that instruction i reads through, or stores to memory. */
static uint8_t used_by(const struct insn *i, const struct frame_regs *r)
{
	bool is_load = i->has_memory && i->mem_base != REG_NONE && !i->writes_memory;
	uint8_t uses = 0;

	for (int reg = 0; reg < REG_COUNT; reg++) {
		int argument = frame_argument_of(r->at[reg]);
		/* Spilled to the own frame it is lost from view. */
		bool is_kept = i->writes_memory && i->reads & 1u << reg && reg != i->mem_base &&
			       i->mem_base != REG_RSP && i->mem_base != REG_RBP;

		/* An index or a sum makes an address that is not followed. */
		is_kept |= i->reads & 1u << reg && i->writes & ~(1u << REG_RSP) &&
			   i->effect == EFFECT_OTHER && !is_load;
		if (argument >= 0 && (is_kept || (is_load && i->mem_base == reg)))
			uses |= (uint8_t)(1u << argument);
	}
	return uses;
}

/*
 * Arguments through which the function stores before it does anything else with them, in front of its first branch or
 * call. LLVM 20 and later know it of a function (attribute `initializes`) and take the caller's own stores out.
 */
static uint8_t filled_at_once(const struct code_insns *f, const struct frame_regs *regs)
{
	uint8_t fills = 0, used = 0;

	for (size_t at = 0; at < f->len && f->v[at].kind == INSN_OTHER; at++) {
		const struct insn *i = &f->v[at];
		const int64_t stored =
			i->writes_memory ? frame_operand(&regs[at], i) : FRAME_UNKNOWN;

		used |= used_by(i, &regs[at]);
		for (int n = 0; n < FRAME_ARGUMENTS; n++)
			if (stored == FRAME_ARGUMENT(n) && !(used & 1u << n))
				fills |= (uint8_t)(1u << n);
	}
	return fills;
}

static bool returns_first(const struct code_insns *f, const struct frame_regs *regs)
{
	bool returns = false;

	for (size_t at = 0; at < f->len; at++) {
		const struct insn *i = &f->v[at];

		if (!regs[at].is_reached)
			continue;
		if (i->target && !is_call(i) && code_index(f, i->target) == SIZE_MAX)
			return false;
		if (i->kind != INSN_RET)
			continue;
		if (regs[at].at[REG_RAX] != FRAME_ARGUMENT(0))
			return false;
		returns = true;
	}
	return returns;
}

/* What the function at addr does; NULL when there is none. A cycle of calls uses nothing by itself. */
static const struct callee *callee_at(struct callees *c, uint64_t addr)
{
	const struct image *img = c->code.image;
	const struct image_func *func = image_func_at(img, addr);
	struct callee *callee = func && func->addr == addr ? &c->v[func - img->funcs] : NULL;
	const struct frame_regs *regs;
	struct code own = c->code;
	struct code_insns f;

	if (!callee || callee->is_known)
		return callee;
	callee->is_known = true;
	own.arena = arena_new();
	code_function(&own, func, &f);
	regs = frame_regs(&own, &f, code_table_targets(&own, &f));
	callee->returns_first = returns_first(&f, regs);
	callee->fills = filled_at_once(&f, regs);
	for (size_t at = 0; at < f.len; at++)
		if (regs[at].is_reached)
			callee->uses |= used_by(&f.v[at], &regs[at]) |
					passed_on(c, &f, &f.v[at], &regs[at]);
	arena_free(own.arena);
	return callee;
}

/* Whether instruction i reads at the slot, or makes an address of it with an index. */
static bool is_reader(const struct frame_regs *r, const struct insn *i, int64_t slot)
{
	if (i->mem_base != REG_NONE && !i->writes_memory && r->at[i->mem_base] != FRAME_UNKNOWN &&
	    r->at[i->mem_base] + i->mem_disp == slot && (i->has_memory || i->mem_has_index))
		return true;
	for (int reg = 0; reg < REG_COUNT; reg++)
		if (i->reads & 1u << reg && r->at[reg] == slot && reg != REG_RSP &&
		    i->mem_base == REG_NONE && i->effect == EFFECT_OTHER && !is_call(i))
			return true;
	return false;
}

/*
 * Whether the function reads the slot itself. One that nobody reads may stay as it is: the compiler
 * takes such stores out, also its own.
 */
static bool reads_back(const struct look *l, int64_t slot)
{
	for (size_t at = 0; at < l->insns.len; at++)
		if (l->regs[at].is_reached && is_reader(&l->regs[at], &l->insns.v[at], slot))
			return true;
	return false;
}

/*
 * A call that is handed the slot that every image has. It is read behind the call, by addresses that the
 * compiler may compute in ways that reads_back() does not follow.
 */
static bool takes_mark(const struct look *l, const struct insn *call)
{
	const struct image_func *to =
		call->target ? image_func_at(l->code.image, call->target) : NULL;

	return is_call(call) && to && to->addr == call->target && str_eq(to->name, "uk_put_digits");
}

/* The slot handed out in argument register n at instruction `at`, or FRAME_UNKNOWN. */
static int64_t handed_out(const struct look *l, size_t at, size_t n)
{
	const struct insn *i = &l->insns.v[at];
	const struct frame_regs *r = &l->regs[at];
	int64_t slot = r->at[frame_arguments[n]];
	const struct callee *callee;

	if (!r->is_reached || !is_call(i) || slot >= 0 || r->at[REG_RSP] == FRAME_UNKNOWN ||
	    slot < r->at[REG_RSP])
		return FRAME_UNKNOWN;
	callee = i->target ? callee_at(l->callees, i->target) : NULL;
	if (callee && n == 0 && callee->returns_first)
		return FRAME_UNKNOWN;
	if (n == 0 && takes_mark(l, i))
		return slot;
	if (callee && callee->fills & 1u << n)
		return FRAME_UNKNOWN;
	return (callee && callee->uses & 1u << n) || reads_back(l, slot) ? slot : FRAME_UNKNOWN;
}

/* How much of a slot in %rdi the call at `at` fills: the length that memset and memcpy are given, or 1. */
static int64_t filled_bytes(const struct look *l, size_t at)
{
	const struct insn *call = &l->insns.v[at];
	const struct image_func *f = image_func_at(l->code.image, call->target);

	if (!f || f->addr != call->target ||
	    !(str_eq(f->name, "memset") || str_eq(f->name, "memcpy") || str_eq(f->name, "memmove")))
		return 1;
	for (size_t back = 1; back <= at && back <= NEAR_INSNS; back++) {
		const struct insn *i = &l->insns.v[at - back];

		if (i->effect == EFFECT_NUMBER && i->dst == REG_RDX)
			return i->imm;
		if (i->kind != INSN_OTHER || i->writes & 1u << REG_RDX)
			break;
	}
	return 1;
}

static void collect_slots(struct look *l)
{
	for (size_t at = 0; at < l->insns.len; at++) {
		for (size_t n = 0; n < FRAME_ARGUMENTS; n++) {
			int64_t slot = handed_out(l, at, n);
			size_t k = 0;

			while (k < l->slots.len && l->slots.at[k] != slot)
				k++;
			if (slot != FRAME_UNKNOWN && k == l->slots.len && k < SLOTS_MAX)
				l->slots.at[l->slots.len++] = slot;
		}
	}
}

/* Bytes from a slot to the next one, or to the saved registers above them all. */
static int64_t slot_bytes(const struct look *l, int64_t slot)
{
	int64_t end = 0;

	for (size_t k = 0; k < l->slots.len; k++)
		if (l->slots.at[k] > slot && l->slots.at[k] < end)
			end = l->slots.at[k];
	for (size_t at = 0; at < l->insns.len; at++) {
		int64_t pushed = l->regs[at].is_reached && l->insns.v[at].is_push
					 ? l->regs[at].at[REG_RSP]
					 : FRAME_UNKNOWN;

		if (pushed > slot && pushed < end)
			end = pushed;
	}
	return end - slot;
}

/* Which slots of a group are set before each instruction, on all paths. */
struct walk {
	struct look *look;
	size_t first, len; /* the group */
	uint64_t *set, after;
	uint8_t *is_known, *is_waiting;
	size_t *work, work_len;
};

static bool covers(int64_t from, int64_t bytes, int64_t slot)
{
	return from != FRAME_UNKNOWN && slot >= from && slot < from + bytes;
}

/* The slots of the group that instruction `at` sets. */
static uint64_t sets(const struct walk *w, size_t at)
{
	const struct look *l = w->look;
	const struct insn *i = &l->insns.v[at];
	const struct frame_regs *r = &l->regs[at];
	int64_t stored = i->writes_memory ? frame_operand(r, i) : FRAME_UNKNOWN;
	const struct callee *callee =
		is_call(i) && i->target ? callee_at(l->callees, i->target) : NULL;
	int64_t filled = callee && callee->returns_first ? r->at[REG_RDI] : FRAME_UNKNOWN;
	int64_t filled_len = filled != FRAME_UNKNOWN ? filled_bytes(l, at) : 0;
	uint64_t mask = 0;

	for (size_t k = 0; k < w->len; k++) {
		int64_t slot = l->slots.at[w->first + k];
		bool is_set = covers(stored, i->mem_bytes, slot);

		is_set |= covers(filled, filled_len, slot);
		for (size_t n = 0; n < FRAME_ARGUMENTS; n++) {
			is_set |= handed_out(l, at, n) == slot;
			is_set |= callee && callee->fills & 1u << n &&
				  r->at[frame_arguments[n]] == slot;
		}
		if (is_set)
			mask |= 1ull << k;
	}
	return mask;
}

static void merge(void *ctx, size_t next)
{
	struct walk *w = ctx;
	uint64_t was = w->set[next];

	w->set[next] = w->is_known[next] ? was & w->after : w->after;
	if (w->is_known[next] && w->set[next] == was)
		return;
	w->is_known[next] = 1;
	if (w->is_waiting[next])
		return;
	w->is_waiting[next] = 1;
	w->work[w->work_len++] = next;
}

static void look_at_group(struct look *l, size_t first, size_t len)
{
	struct arena *a = l->code.arena;
	struct walk w = {.look = l, .first = first, .len = len};

	w.set = arena_array(a, l->insns.len, sizeof(*w.set));
	w.work = arena_array(a, l->insns.len, sizeof(*w.work));
	w.is_known = arena_alloc(a, l->insns.len);
	w.is_waiting = arena_alloc(a, l->insns.len);
	merge(&w, 0);
	while (w.work_len > 0) {
		size_t at = w.work[--w.work_len];

		w.is_waiting[at] = 0;
		w.after = w.set[at] | sets(&w, at);
		frame_each_next(&l->insns, l->tables, at, merge, &w);
	}
	for (size_t at = 0; at < l->insns.len; at++) {
		for (size_t n = 0; n < FRAME_ARGUMENTS && w.is_known[at]; n++) {
			int64_t slot = handed_out(l, at, n);

			for (size_t k = 0; k < len; k++)
				if (l->slots.at[first + k] == slot && !(w.set[at] & 1ull << k))
					l->slots.is_bare[first + k] = true;
		}
	}
}

/* What the image's slots are, by size. */
struct tally {
	size_t small, small_bare, small_exempt;
	size_t lto; /* slots of code that was optimised when it was linked */
	size_t large, large_bare, large_exempt;
	size_t unfollowed; /* behind switches, where paths are not known well enough */
	bool has_mark, is_mark_bare, is_pattern;
	const char *problem, *large_problem;
	struct strs exempt;
};

/* movl $0xaaaaaaaa to the frame: what LLVM's pattern is for integers (CGDecl.cpp, initializationPatternFor). */
static bool has_pattern(const struct look *l)
{
	for (size_t at = 0; at < l->insns.len; at++)
		if (l->insns.v[at].stores_number && l->insns.v[at].mem_bytes == 4 &&
		    (uint32_t)l->insns.v[at].number == 0xaaaaaaaau &&
		    frame_operand(&l->regs[at], &l->insns.v[at]) < 0)
			return true;
	return false;
}

/* The slot that every image has. */
static void look_for_mark(const struct look *l, struct tally *t)
{
	for (size_t at = 0; at < l->insns.len; at++) {
		int64_t slot = handed_out(l, at, 0);

		if (!takes_mark(l, &l->insns.v[at]))
			continue;
		for (size_t k = 0; k < l->slots.len; k++) {
			if (l->slots.at[k] != slot)
				continue;
			t->has_mark = true;
			t->is_mark_bare |= l->slots.is_bare[k];
			t->is_pattern |= has_pattern(l);
		}
	}
}

static bool has_switch(const struct look *l)
{
	for (size_t at = 0; at < l->insns.len; at++)
		if (l->insns.v[at].kind == INSN_JUMP_INDIRECT)
			return true;
	return false;
}

static void count(struct arena *a, const struct image_func *f, const struct look *l,
		  struct tally *t)
{
	const char *reason = image_func_exempt(f, "autoinit");
	bool is_left_out = false, is_lost = has_switch(l);

	for (size_t k = 0; k < l->slots.len; k++) {
		int64_t bytes = slot_bytes(l, l->slots.at[k]);
		bool is_large = bytes > CAP_BYTES, is_bare = l->slots.is_bare[k];
		const char **problem = is_large ? &t->large_problem : &t->problem;

		if (is_bare && is_lost && !reason) {
			t->unfollowed++;
			continue;
		}
		*(is_large ? &t->large : &t->small) += 1;
		if (!is_bare)
			continue;
		is_left_out |= reason != NULL;
		if (reason)
			*(is_large ? &t->large_exempt : &t->small_exempt) += 1;
		else if (!*problem)
			*problem = arena_printf(
				a,
				"'%s' (%s) hands out %lld bytes of its frame before it sets them",
				f->name, f->object, (long long)bytes);
		*(is_large ? &t->large_bare : &t->small_bare) += !reason;
		t->lto += str_eq(f->object, "lto");
	}
	if (is_left_out)
		strs_pushf(a, &t->exempt, "%s: %s", f->name, reason);
}

static void examine(struct arena *a, struct callees *callees, const struct image_func *func,
		    struct tally *t)
{
	struct arena *own = arena_new();
	struct look *l = arena_alloc(own, sizeof(*l));

	l->callees = callees;
	l->code = callees->code;
	l->code.arena = own;
	code_function(&l->code, func, &l->insns);
	if (l->insns.len) {
		l->tables = code_table_targets(&l->code, &l->insns);
		l->regs = frame_regs(&l->code, &l->insns, l->tables);
		collect_slots(l);
	}
	for (size_t i = 0; i < l->slots.len; i += GROUP_SLOTS)
		look_at_group(l, i,
			      l->slots.len - i < GROUP_SLOTS ? l->slots.len - i : GROUP_SLOTS);
	look_for_mark(l, t);
	count(a, func, l, t);
	arena_free(own);
}

static void decide(struct arena *a, const struct tally *t, struct verdict *v)
{
	const size_t optimised_of = t->lto ? OPTIMISED_LTO_OF : OPTIMISED_OF;
	bool is_capped = t->large_bare > 0;

	v->total = t->small + (is_capped ? 0 : t->large);
	v->covered = v->total - t->small_bare - t->small_exempt - (is_capped ? 0 : t->large_exempt);
	if (!t->has_mark || t->is_mark_bare) {
		v->state = VERDICT_OFF;
		return;
	}
	v->exempt = t->exempt;
	v->level = t->is_pattern ? "pattern" : is_capped ? "capped" : "zero";
	v->implied = t->is_pattern || is_capped ? NULL : "capped";
	v->problem = t->is_pattern && !t->problem ? t->large_problem : t->problem;
	if (v->problem && ((v->total - v->covered) * optimised_of <= v->total ||
			   (t->lto && v->total - v->covered == 1))) {
		strs_pushf(a, &v->facts, "%zu slots look unset, as the optimiser leaves some",
			   v->total - v->covered);
		v->problem = NULL;
	}
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
	if (t->unfollowed)
		strs_pushf(a, &v->facts,
			   "%zu slots behind switches are not followed and not counted",
			   t->unfollowed);
	if (is_capped)
		strs_pushf(a, &v->facts, "%zu of %zu slots of more than %d bytes start as they are",
			   t->large_bare, t->large, CAP_BYTES);
}

static void verify(const struct code *code, struct verdict *v)
{
	const struct image *img = code->image;
	struct arena *a = code->arena;
	struct callees c = {.code = *code};
	struct tally t = {0};

	c.v = arena_array(a, img->funcs_len, sizeof(*c.v));
	for (size_t i = 0; i < img->funcs_len; i++)
		if (!img->funcs[i].is_asm && img->funcs[i].object[0] != '\0')
			examine(a, &c, &img->funcs[i], &t);
	decide(a, &t, v);
}

extern const struct mechanism mech_autoinit;
const struct mechanism mech_autoinit = {
	.name = "autoinit", .what = "slots whose address C hands to a function", .verify = verify};
