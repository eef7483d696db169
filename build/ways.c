/* SPDX-License-Identifier: BSD-2-Clause */
#include "ways.h"

#include "base/arena.h"
#include <stdint.h>

/* How a path reached an instruction; each instruction is looked at once for each. */
enum {
	UNCHECKED = 1,
	CHECKED = 2,
};

struct step {
	size_t at;
	uint8_t how;
};

struct walk {
	const struct code *c;
	const struct code_insns *f;
	const struct ways_rule *rule;
	uint8_t *seen;
	const uint8_t *is_table_target;
	struct step *work;
	size_t work_len;
};

static void walk_to(struct walk *w, size_t at, uint8_t how)
{
	if (at >= w->f->len || w->seen[at] & how)
		return;
	w->seen[at] |= how;
	w->work[w->work_len++] = (struct step){at, how};
}

/* The side of the check at `at` that goes on, or SIZE_MAX when it is none. */
static size_t side_that_goes_on(const struct walk *w, size_t at)
{
	const struct ways_rule *r = w->rule;
	const size_t to = code_index(w->f, w->f->v[at].target);

	if (!r->is_check(r->arg, w->f, at))
		return SIZE_MAX;
	if (to != SIZE_MAX && r->is_failure(r->arg, w->f, to))
		return at + 1;
	return r->is_failure(r->arg, w->f, at + 1) ? to : SIZE_MAX;
}

static const char *leave(uint8_t how, const char *problem)
{
	return how == UNCHECKED ? problem : NULL;
}

static const char *walk_one(struct walk *w, struct step s)
{
	static const char tail_call[] = "leaves by a tail call without a check";
	const struct insn *i = &w->f->v[s.at];
	const size_t to = i->target ? code_index(w->f, i->target) : SIZE_MAX;
	size_t on;

	if (w->rule->undoes && w->rule->undoes(w->rule->arg, w->f, s.at))
		s.how = UNCHECKED;
	switch (i->kind) {
	case INSN_RET:
		return leave(s.how, "returns without a check");
	case INSN_JUMP:
		if (w->rule->no_return && i->target == w->rule->no_return)
			return NULL;
		if (to == SIZE_MAX)
			return leave(s.how, tail_call);
		walk_to(w, to, s.how);
		return NULL;
	case INSN_JUMP_COND:
		on = side_that_goes_on(w, s.at);
		if (on != SIZE_MAX) {
			walk_to(w, on, CHECKED);
			return NULL;
		}
		if (to == SIZE_MAX && s.how == UNCHECKED)
			return tail_call;
		walk_to(w, to, s.how);
		walk_to(w, s.at + 1, s.how);
		return NULL;
	case INSN_JUMP_INDIRECT:
		if (!code_is_switch(w->c, w->f, s.at))
			return leave(s.how, tail_call);
		for (size_t k = 0; k < w->f->len; k++)
			if (w->is_table_target[k])
				walk_to(w, k, s.how);
		return NULL;
	case INSN_TRAP:
		return NULL;
	case INSN_CALL:
		if (w->rule->no_return && i->target == w->rule->no_return)
			return NULL;
		if (!w->rule->never_returns || !w->rule->never_returns(w->rule->arg, i->target))
			walk_to(w, s.at + 1, s.how);
		return NULL;
	default:
		walk_to(w, s.at + 1, s.how);
		return NULL;
	}
}

const char *ways_unchecked(const struct code *c, const struct code_insns *f, size_t start,
			   const struct ways_rule *rule)
{
	struct walk w = {.c = c, .f = f, .rule = rule};
	const char *missing = NULL;

	w.is_table_target = code_table_targets(c, f);
	w.seen = arena_alloc(c->arena, f->len);
	w.work = arena_array(c->arena, 2 * f->len, sizeof(*w.work));
	walk_to(&w, start, UNCHECKED);
	while (w.work_len > 0 && !missing)
		missing = walk_one(&w, w.work[--w.work_len]);
	return missing;
}

bool ways_returns(const struct code_insns *f)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->v[i].kind == INSN_RET ||
		    (f->v[i].kind == INSN_JUMP && code_index(f, f->v[i].target) == SIZE_MAX))
			return true;
	return false;
}
