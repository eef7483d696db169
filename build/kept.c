/* SPDX-License-Identifier: BSD-2-Clause */
#include "kept.h"

#include "base/arena.h"
#include "code.h"

enum {
	WORD_BYTES = 8,
};

struct walk {
	const struct code_insns *f;
	const struct frame_regs *regs;
	kept_source *is_source;
	const void *arg;
	struct kept *states, after;
	size_t *work, work_len;
	uint8_t *is_waiting;
};

static bool has_slot(const struct kept *k, int64_t at)
{
	for (size_t i = 0; i < k->slots_len; i++)
		if (k->slots[i] == at)
			return true;
	return false;
}

bool kept_in_operand(const struct kept *k, const struct frame_regs *before, const struct insn *i)
{
	const int64_t at = i->has_memory && !i->is_by_fs ? frame_operand(before, i) : FRAME_UNKNOWN;

	return at != FRAME_UNKNOWN && has_slot(k, at);
}

bool kept_is_vague(const struct code_insns *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->len; i++)
		n += f->v[i].kind == INSN_JUMP_INDIRECT;
	return n > 1;
}

/* A write of any size: the words it touches have something else. */
static void forget_slots(struct kept *k, int64_t at, int64_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < k->slots_len; i++)
		if (k->slots[i] + WORD_BYTES <= at || k->slots[i] >= at + bytes)
			k->slots[n++] = k->slots[i];
	k->slots_len = n;
}

static void step(const struct walk *w, size_t at, struct kept *k)
{
	const struct insn *i = &w->f->v[at];
	const bool is_source = w->is_source(w->arg, i) && i->dst != REG_NONE;
	const bool is_load = i->effect == EFFECT_OTHER && i->dst != REG_NONE &&
			     i->mem_bytes == WORD_BYTES && !i->is_compare && !i->writes_memory &&
			     kept_in_operand(k, &w->regs[at], i);
	const bool is_copy = i->effect == EFFECT_COPY && k->regs >> i->src & 1;
	/* What it stores: the registers that it reads, but for the one that says where. */
	const uint16_t address = i->mem_base == REG_NONE ? 0 : (uint16_t)(1u << i->mem_base);
	const bool is_store = i->stores_register && k->regs & i->reads & (uint16_t)~address;
	const int64_t to = i->writes_memory ? frame_operand(&w->regs[at], i) : FRAME_UNKNOWN;

	if (i->kind == INSN_CALL || i->kind == INSN_CALL_INDIRECT)
		for (int r = 0; r < REG_COUNT; r++)
			k->regs &= (uint16_t)~(frame_is_call_used(r) ? 1u << r : 0);
	else
		k->regs &= (uint16_t)~i->writes;
	if (is_source || is_load || is_copy)
		k->regs |= (uint16_t)(1u << i->dst);
	if (to == FRAME_UNKNOWN)
		return;
	forget_slots(k, to, i->mem_bytes);
	if (is_store && i->mem_bytes == WORD_BYTES && k->slots_len < KEPT_SLOTS)
		k->slots[k->slots_len++] = to;
}

/* What not every path has is not kept. */
static void merge(void *ctx, size_t next)
{
	struct walk *w = ctx;
	struct kept *to = &w->states[next];
	const struct kept before = *to;
	size_t n = 0;

	if (!to->is_reached)
		*to = w->after;
	to->is_reached = true;
	to->regs &= w->after.regs;
	for (size_t i = 0; i < to->slots_len; i++)
		if (has_slot(&w->after, to->slots[i]))
			to->slots[n++] = to->slots[i];
	to->slots_len = n;
	if (before.is_reached && before.regs == to->regs && before.slots_len == n)
		return;
	if (w->is_waiting[next])
		return;
	w->is_waiting[next] = 1;
	w->work[w->work_len++] = next;
}

const struct kept *kept_values(const struct code *c, const struct code_insns *f,
			       const uint8_t *tables, const struct frame_regs *regs,
			       kept_source *is_source, const void *arg)
{
	struct walk w = {.f = f, .regs = regs, .is_source = is_source, .arg = arg};

	w.states = arena_array(c->arena, f->len, sizeof(*w.states));
	w.work = arena_array(c->arena, f->len, sizeof(*w.work));
	w.is_waiting = arena_alloc(c->arena, f->len);
	if (f->len)
		merge(&w, 0);
	while (w.work_len > 0) {
		const size_t at = w.work[--w.work_len];

		w.is_waiting[at] = 0;
		w.after = w.states[at];
		step(&w, at, &w.after);
		if (f->v[at].kind == INSN_CALL && code_never_returns(c, f->v[at].target))
			continue;
		frame_each_next(f, tables, at, merge, &w);
	}
	return w.states;
}
