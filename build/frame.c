/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame.h"

#include "base/arena.h"
#include "code.h"
#include <string.h>

const int frame_arguments[FRAME_ARGUMENTS] = {REG_RDI, REG_RSI, REG_RDX, REG_RCX, 8, 9};

int frame_argument_of(int64_t value)
{
	/* No structure is larger than this. */
	const int64_t near = (int64_t)1 << 31;

	for (int i = 0; i < FRAME_ARGUMENTS; i++)
		if (value > FRAME_ARGUMENT(i) - near && value < FRAME_ARGUMENT(i) + near)
			return i;
	return -1;
}

bool frame_is_call_used(int reg)
{
	return reg == REG_RAX || reg == REG_RCX || reg == REG_RDX || reg == REG_RSI ||
	       reg == REG_RDI || (reg >= 8 && reg <= 11);
}

void frame_each_next(const struct code_insns *f, const uint8_t *tables, size_t at,
		     frame_visit *visit, void *ctx)
{
	const struct insn *i = &f->v[at];
	size_t to = i->target ? code_index(f, i->target) : SIZE_MAX;

	switch (i->kind) {
	case INSN_RET:
	case INSN_TRAP:
		return;
	case INSN_JUMP:
		break;
	case INSN_JUMP_INDIRECT:
		for (size_t k = 0; k < f->len; k++)
			if (tables[k])
				visit(ctx, k);
		return;
	case INSN_JUMP_COND:
	default:
		if (at + 1 < f->len)
			visit(ctx, at + 1);
	}
	if (to != SIZE_MAX && i->kind != INSN_CALL)
		visit(ctx, to);
}

int64_t frame_operand(const struct frame_regs *before, const struct insn *i)
{
	if (i->mem_base == REG_NONE || i->mem_has_index || before->at[i->mem_base] == FRAME_UNKNOWN)
		return FRAME_UNKNOWN;
	return before->at[i->mem_base] + i->mem_disp;
}

static int64_t moved(int64_t at, int64_t by)
{
	return at == FRAME_UNKNOWN ? at : at + by;
}

static void forget(struct frame_regs *r, uint16_t mask)
{
	for (int i = 0; i < REG_COUNT; i++)
		if (mask & 1u << i)
			r->at[i] = FRAME_UNKNOWN;
}

static void forget_call_used(struct frame_regs *r)
{
	for (int i = 0; i < REG_COUNT; i++)
		if (frame_is_call_used(i))
			r->at[i] = FRAME_UNKNOWN;
}

/* r: before i, becomes after i. */
static void step(struct frame_regs *r, const struct insn *i)
{
	struct frame_regs before = *r;

	if (i->kind == INSN_CALL || i->kind == INSN_CALL_INDIRECT) {
		forget_call_used(r);
		return;
	}
	forget(r, i->writes);
	if (i->is_push)
		r->at[REG_RSP] = moved(before.at[REG_RSP], -8);
	switch (i->effect) {
	case EFFECT_COPY:
		r->at[i->dst] = before.at[i->src];
		break;
	case EFFECT_ADDRESS:
		r->at[i->dst] = frame_operand(&before, i);
		break;
	case EFFECT_ADD:
		r->at[i->dst] = moved(before.at[i->dst], i->imm);
		break;
	case EFFECT_ALIGN:
		/* Lower by an unknown amount. Slots below are reached from %rsp alone: any origin does. */
		r->at[i->dst] = i->dst == REG_RSP ? before.at[REG_RSP] : FRAME_UNKNOWN;
		break;
	case EFFECT_POP:
		r->at[REG_RSP] = moved(before.at[REG_RSP], 8);
		break;
	case EFFECT_LEAVE:
		r->at[REG_RSP] = moved(before.at[REG_RBP], 8);
		break;
	default:
		break;
	}
}

struct walk {
	const struct code_insns *f;
	struct frame_regs *states, after;
	size_t *work, work_len;
	uint8_t *is_waiting;
};

/* Merges w->after into the state before `next`; what differs is unknown. */
static void merge(void *ctx, size_t next)
{
	struct walk *w = ctx;
	struct frame_regs *to = &w->states[next];
	bool has_changed = !to->is_reached;

	if (has_changed)
		*to = w->after;
	to->is_reached = true;
	for (int i = 0; i < REG_COUNT; i++) {
		if (to->at[i] == w->after.at[i] || to->at[i] == FRAME_UNKNOWN)
			continue;
		to->at[i] = FRAME_UNKNOWN;
		has_changed = true;
	}
	if (!has_changed || w->is_waiting[next])
		return;
	w->is_waiting[next] = 1;
	w->work[w->work_len++] = next;
}

/*
 * The loop that touches each page of a large frame ends with cmp REG, %rsp; jne: behind it %rsp is what
 * REG was set to (LLVM, X86FrameLowering::emitStackProbeInlineGenericLoop).
 */
static bool ends_probe_loop(const struct walk *w, size_t at)
{
	const struct insn *i = at > 0 ? &w->f->v[at - 1] : NULL;

	return i && w->f->v[at].kind == INSN_JUMP_COND && i->effect == EFFECT_COMPARE &&
	       i->dst == REG_RSP && w->states[at].at[i->src] != FRAME_UNKNOWN;
}

const struct frame_regs *frame_regs(const struct code *c, const struct code_insns *f,
				    const uint8_t *tables)
{
	struct walk w = {.f = f};

	w.states = arena_array(c->arena, f->len, sizeof(*w.states));
	w.work = arena_array(c->arena, f->len, sizeof(*w.work));
	w.is_waiting = arena_alloc(c->arena, f->len);
	for (int i = 0; i < REG_COUNT; i++)
		w.after.at[i] = FRAME_UNKNOWN;
	w.after.at[REG_RSP] = 0;
	for (int i = 0; i < FRAME_ARGUMENTS; i++)
		w.after.at[frame_arguments[i]] = FRAME_ARGUMENT(i);
	if (f->len)
		merge(&w, 0);
	while (w.work_len > 0) {
		size_t at = w.work[--w.work_len];

		w.is_waiting[at] = 0;
		w.after = w.states[at];
		step(&w.after, &f->v[at]);
		if (ends_probe_loop(&w, at)) {
			size_t loop = code_index(f, f->v[at].target);

			if (loop != SIZE_MAX)
				merge(&w, loop);
			w.after.at[REG_RSP] = w.after.at[f->v[at - 1].src];
			if (at + 1 < f->len)
				merge(&w, at + 1);
			continue;
		}
		frame_each_next(f, tables, at, merge, &w);
	}
	return w.states;
}
