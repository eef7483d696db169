/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one function that fills descriptors in: no path leads from its entry to a store but through two
 * comparisons, a lower and an upper bound, that call uk_dma_refused() when they fail. One of them removed
 * from the finished file shows.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "harden.h"
#include <stdint.h>

enum {
	CHECKS = 2,
	/* From a failed comparison to the call: at most an aligned stack. */
	NEAR_INSNS = 4,
};

/* True when the instructions from index `at` call the refusal and do nothing else before. */
static bool is_refusal(const struct code_insns *f, size_t at, uint64_t refused)
{
	for (size_t steps = 0; steps < NEAR_INSNS && at < f->len; steps++, at++) {
		if (f->v[at].target == refused)
			return true;
		if (f->v[at].kind != INSN_OTHER || f->v[at].stores_register ||
		    f->v[at].stores_number)
			return false;
	}
	return false;
}

/* A store that is not the canary's into the function's own frame. */
static bool is_store(const struct code_insns *f, size_t at)
{
	if (f->v[at].stores_number)
		return true;
	return f->v[at].stores_register && !(at && f->v[at - 1].reads_fs28);
}

struct walk {
	const struct code_insns *f;
	uint64_t refused;
	uint8_t *seen; /* [index * (CHECKS + 1) + checks passed] */
	struct {
		size_t *v;
		size_t len, cap;
	} open;
	struct arena *arena;
};

static void reach(struct walk *w, size_t at, size_t checks)
{
	const size_t state = at * (CHECKS + 1) + checks;

	if (at >= w->f->len || w->seen[state])
		return;
	w->seen[state] = 1;
	vec_push(w->arena, &w->open, state);
}

/* The fewest checks on a path from the entry to a store; CHECKS when there are no fewer. */
static size_t fewest_checks(struct arena *a, const struct code_insns *f, uint64_t refused)
{
	struct walk w = {.f = f, .refused = refused, .arena = a};
	size_t fewest = CHECKS;

	w.seen = arena_alloc(a, f->len * (CHECKS + 1));
	reach(&w, 0, 0);
	while (w.open.len) {
		const size_t state = w.open.v[--w.open.len];
		const size_t at = state / (CHECKS + 1), checks = state % (CHECKS + 1);
		const struct insn *i = &f->v[at];
		const size_t to = i->target ? code_index(f, i->target) : SIZE_MAX;

		if (is_store(f, at) && checks < fewest)
			fewest = checks;
		if (i->kind == INSN_JUMP_COND && to != SIZE_MAX && is_refusal(f, to, refused)) {
			reach(&w, at + 1, checks < CHECKS ? checks + 1 : checks);
			continue;
		}
		if ((i->kind == INSN_JUMP || i->kind == INSN_JUMP_COND) && to != SIZE_MAX)
			reach(&w, to, checks);
		if (i->kind == INSN_OTHER || i->kind == INSN_JUMP_COND ||
		    (i->kind == INSN_CALL && i->target != refused))
			reach(&w, at + 1, checks);
	}
	return fewest;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	const struct image_func *f, *refused;
	struct code_insns insns;

	v->total = CHECKS;
	f = image_func_named(img, "uk_virtio_describe");
	refused = image_func_named(img, "uk_dma_refused");
	if (!f) {
		v->total = 0;
		v->is_vacuous = true;
		return;
	}
	code_function(c, f, &insns);
	if (refused && insns.is_whole)
		v->covered = fewest_checks(a, &insns, refused->addr);
	if (v->covered) {
		v->level = "on";
		v->state = v->covered == v->total ? VERDICT_ON : VERDICT_PARTIAL;
	}
	if (v->state == VERDICT_PARTIAL)
		v->problem = "uk_virtio_describe stores without having compared both bounds";
}

extern const struct mechanism mech_dma;
const struct mechanism mech_dma = {
	.name = "dma", .what = "bounds of a descriptor", .verify = verify};
