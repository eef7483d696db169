/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does each function keep a copy of its return address and compare it? A function is covered when it loads
 * the distance of the shadow, copies the word at its return address that far away, and on every path
 * compares the two, in the same way, before it returns or leaves by a tail call, with no call and no write to
 * memory in between. The other side of the compare is ud1 with our number.
 *
 * Counted: functions in C outside the boot that return and either call something or write memory that is not
 * a fixed slot of their frame. In the others nothing happens that could change their return address.
 *
 * Besides, boot code must call the layout function that asks for shadows and then store a distance.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include "ways.h"
#include <stdint.h>

enum {
	TRAP_NUMBER = 0x53, /* pass.c */
	RETURN_BY_RBP = 8,  /* behind the saved %rbp: System V ABI AMD64, 3.2.2 */
};

struct checker {
	struct code code;
	uint64_t distance; /* address of uk_shadow_distance */
	uint64_t fail;     /* __stack_chk_fail: the code generator's own call never comes back */
	/* Called first where a structure that was handed over in memory goes to an unsafe stack (safestack). */
	uint64_t memcpy;
};

/* What one function's checks are compared with. */
struct subject {
	const struct checker *checker;
	bool has_frame_pointer, by_rbp;
	int64_t slot; /* of the return address, from %rsp or %rbp in the body of the function */
};

struct finding {
	bool counts, has_trace;
	const char *missing;
};

/* Whether the distance is loaded before `at`, with no branch or call in between. */
static bool follows_distance(const struct checker *c, const struct code_insns *f, size_t at)
{
	for (size_t back = 1; back <= at; back++) {
		const struct insn *i = &f->v[at - back];

		if (i->memory == c->distance)
			return true;
		if (i->kind != INSN_OTHER)
			return false;
	}
	return false;
}

/* Whether i reaches N bytes above %rsp or %rbp plus the distance. */
static bool reaches_copy(const struct insn *i, bool by_rbp, int64_t slot)
{
	return i->indexes_stack && i->by_rbp == by_rbp && i->stack_disp == slot;
}

static bool is_check(const void *arg, const struct code_insns *f, size_t at)
{
	const struct subject *s = arg;

	for (size_t back = 1; back <= at; back++) {
		const struct insn *i = &f->v[at - back];

		if (i->kind != INSN_OTHER)
			return false;
		if (i->is_compare)
			return reaches_copy(i, s->by_rbp, s->slot) &&
			       follows_distance(s->checker, f, at - back);
	}
	return false;
}

/* The compiler may clear the floating-point stack in front of the trap. */
static bool is_failure(const void *arg, const struct code_insns *f, size_t at)
{
	const struct subject *s = arg;

	while (at < f->len && f->v[at].kind == INSN_OTHER)
		at++;
	return at < f->len && code_is_trap(s->checker->code.image, f->v[at].addr, TRAP_NUMBER);
}

static bool calls(const struct checker *c, const struct insn *i)
{
	return (i->kind == INSN_CALL && i->target != c->fail) || i->kind == INSN_CALL_INDIRECT;
}

/* Other memory than a fixed slot of the frame. */
static bool writes(const struct insn *i, bool has_frame_pointer)
{
	const bool is_slot = !i->mem_has_index && (i->mem_base == REG_RSP ||
						   (i->mem_base == REG_RBP && has_frame_pointer));

	return i->writes_memory && !is_slot;
}

static bool undoes(const void *arg, const struct code_insns *f, size_t at)
{
	const struct subject *s = arg;

	return calls(s->checker, &f->v[at]) || writes(&f->v[at], s->has_frame_pointer);
}

/*
 * The index of the instruction that makes the copy, or SIZE_MAX. Where it stands the frame is complete, and
 * the return address is above all that was pushed or taken so far, or above the saved %rbp.
 */
static size_t find_copy(const struct code_insns *f, struct subject *s)
{
	int64_t frame_bytes = 0;

	for (size_t i = 0; i < f->len; i++) {
		const struct insn *insn = &f->v[i];

		if ((calls(s->checker, insn) && insn->target != s->checker->memcpy) ||
		    insn->kind == INSN_RET)
			return SIZE_MAX;
		if (insn->stores_register && insn->indexes_stack &&
		    follows_distance(s->checker, f, i)) {
			s->by_rbp = insn->by_rbp;
			s->slot = insn->by_rbp ? RETURN_BY_RBP : frame_bytes;
			return reaches_copy(insn, s->by_rbp, s->slot) ? i : SIZE_MAX;
		}
		frame_bytes += code_frame_bytes(f, i);
	}
	return SIZE_MAX;
}

static void examine(const struct checker *c, const struct image_func *func, struct finding *ret)
{
	struct subject s = {.checker = c};
	const struct ways_rule rule = {
		.arg = &s,
		.is_check = is_check,
		.is_failure = is_failure,
		.undoes = undoes,
		.no_return = c->fail,
	};
	struct code_insns f;
	bool acts = false;
	size_t copy;

	*ret = (struct finding){0};
	code_function(&c->code, func, &f);
	for (size_t i = 0; i < f.len; i++)
		s.has_frame_pointer |= f.v[i].sets_rbp;
	for (size_t i = 0; i < f.len; i++) {
		acts |= calls(c, &f.v[i]) || writes(&f.v[i], s.has_frame_pointer);
		ret->has_trace |= f.v[i].memory == c->distance;
	}
	ret->counts = ways_returns(&f) && (acts || ret->has_trace);
	if (!ret->counts)
		return;
	copy = find_copy(&f, &s);
	if (copy == SIZE_MAX)
		ret->missing = ret->has_trace ? "never copies its return address"
					      : "has no copy of its return address";
	else
		ret->missing = ways_unchecked(&c->code, &f, copy + 1, &rule);
}

static void look_at(struct arena *a, const struct checker *c, struct verdict *v)
{
	for (size_t i = 0; i < c->code.image->funcs_len; i++) {
		const struct image_func *f = &c->code.image->funcs[i];
		struct finding found;

		if (f->is_asm || f->is_boot || f->object[0] == '\0')
			continue;
		examine(c, f, &found);
		if (!found.counts)
			continue;
		code_count(a, f, "shadowstack", found.missing, v);
	}
}

/* Whether boot code has a store to the distance at all: it is zero in the file. */
static bool is_distance_set(const struct checker *c)
{
	for (size_t i = 0; i < c->code.image->funcs_len; i++) {
		const struct image_func *f = &c->code.image->funcs[i];
		struct code_insns insns;

		if (!f->is_boot)
			continue;
		code_function(&c->code, f, &insns);
		for (size_t k = 0; k < insns.len; k++)
			if (insns.v[k].memory == c->distance && insns.v[k].stores_register)
				return true;
	}
	return false;
}

static void verify(const struct code *code, struct verdict *v)
{
	const struct image *img = code->image;
	struct arena *a = code->arena;
	struct checker c = {.code = *code};

	if (!image_symbol(img, "uk_shadow_distance", &c.distance))
		c.distance = UINT64_MAX;                      /* absent: no instruction names it */
	(void)image_symbol(img, "__stack_chk_fail", &c.fail); /* absent: no function calls it */
	if (!code_asks_layout(code, "uk_safestack_layout", 1) ||
	    !image_symbol(img, "memcpy", &c.memcpy))
		c.memcpy = UINT64_MAX;
	look_at(a, &c, v);
	if (v->covered == 0) {
		*v = (struct verdict){.state = VERDICT_OFF, .what = v->what, .total = v->total};
	} else {
		if (!code_asks_layout(&c.code, "uk_shadowstack_layout", 1))
			v->problem = "boot code does not ask for shadows";
		else if (!is_distance_set(&c))
			v->problem = "boot code does not set the distance";
		v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
		v->level = "on";
	}
}

extern const struct mechanism mech_shadowstack;
const struct mechanism mech_shadowstack = {.name = "shadowstack",
					   .what = "functions in C that call or write memory",
					   .verify = verify};
