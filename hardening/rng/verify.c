/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is what seeds the generator tested, and is a used key gone? Each function of the boot that calls uk_random_seed()
 * gets there only through a call of uk_seed_require(). That calls the three tests, each with a branch to the trap.
 * uk_random_bytes() returns only behind a call of uk_random_replace(), which writes both halves of the key before
 * it returns.
 *
 * Not seen: the numbers that the tests compare with (the unit tests know), seeds that are mixed in after the boot,
 * on top of what was tested.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <stdint.h>

enum {
	KEY_HALF_BYTES = 16,
};

static const char *const tests[] = {"uk_seed_repeats", "uk_seed_runs", "uk_seed_leans"};

/* Where a path ends for good when nothing was wrong on it. */
struct path {
	bool (*passes)(const void *arg, const struct insn *i); /* from here on all is well */
	bool (*fails)(const void *arg, const struct insn *i);  /* must not be reached before that */
	const void *arg;
};

static bool is_ahead(const struct code *c, const struct code_insns *f, const struct path *p)
{
	const uint8_t *tables = code_table_targets(c, f);
	uint8_t *seen = arena_alloc(c->arena, f->len + 1);
	size_t *work = arena_array(c->arena, f->len + 1, sizeof(*work)), work_len = 0;

	if (!f->len)
		return false;
	seen[0] = 1;
	work[work_len++] = 0;
	while (work_len > 0) {
		const size_t at = work[--work_len];
		const struct insn *i = &f->v[at];
		const size_t to = i->target ? code_index(f, i->target) : SIZE_MAX;
		const bool goes_on = i->kind != INSN_JUMP && i->kind != INSN_RET &&
				     i->kind != INSN_JUMP_INDIRECT && i->kind != INSN_TRAP;

		if (p->passes(p->arg, i))
			continue;
		if (p->fails(p->arg, i))
			return false;
		for (size_t k = 0; k < f->len; k++)
			if (!seen[k] &&
			    ((goes_on && k == at + 1) || (i->kind != INSN_CALL && k == to) ||
			     (i->kind == INSN_JUMP_INDIRECT && tables[k]))) {
				seen[k] = 1;
				work[work_len++] = k;
			}
	}
	return true;
}

static bool calls(const struct insn *i, const struct image_func *f)
{
	return f && i->target == f->addr && (i->kind == INSN_CALL || i->kind == INSN_JUMP);
}

struct two {
	const struct image_func *first, *second;
};

static bool calls_first(const void *arg, const struct insn *i)
{
	return calls(i, ((const struct two *)arg)->first);
}

static bool calls_second(const void *arg, const struct insn *i)
{
	return calls(i, ((const struct two *)arg)->second);
}

static bool returns(const void *arg, const struct insn *i)
{
	(void)arg;
	return i->kind == INSN_RET;
}

static bool writes(const void *arg, const struct insn *i)
{
	return i->writes_memory && i->memory == *(const uint64_t *)arg;
}

static void judge(struct verdict *v, bool holds, const char *problem)
{
	v->total++;
	v->covered += holds;
	if (!holds && !v->problem)
		v->problem = problem;
}

/* Every function of the boot that seeds. */
static void examine_seeding(const struct code *c, struct verdict *v)
{
	const struct two seed = {image_func_named(c->image, "uk_seed_require"),
				 image_func_named(c->image, "uk_random_seed")};
	const struct path tested = {calls_first, calls_second, &seed};

	for (size_t i = 0; i < c->image->funcs_len && seed.second; i++) {
		const struct image_func *f = &c->image->funcs[i];
		struct code_insns insns;
		bool seeds = false;

		if (!f->is_boot)
			continue;
		code_function(c, f, &insns);
		for (size_t k = 0; k < insns.len; k++)
			seeds |= calls(&insns.v[k], seed.second);
		if (seeds)
			judge(v, is_ahead(c, &insns, &tested),
			      arena_printf(c->arena,
					   "'%s' seeds the generator with what was not tested",
					   f->name));
	}
	if (!v->total)
		judge(v, false, "the boot never seeds the generator");
}

static void examine_tests(const struct code *c, struct verdict *v)
{
	const struct image_func *require = image_func_named(c->image, "uk_seed_require");
	struct code_insns insns;

	code_function(c, require, &insns);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		const struct two one = {image_func_named(c->image, tests[i]), NULL};
		const struct path made = {calls_first, returns, &one};

		judge(v, one.first && is_ahead(c, &insns, &made),
		      arena_printf(c->arena, "uk_seed_require returns without %s", tests[i]));
	}
	judge(v, code_trap_branches(c, require) >= ARRAY_LEN(tests),
	      "uk_seed_require does not trap for each test");
}

/* Where nothing draws there is no key to erase. */
static void examine_erasure(const struct code *c, struct verdict *v)
{
	const struct image_func *bytes = image_func_named(c->image, "uk_random_bytes");
	const struct two one = {image_func_named(c->image, "uk_random_replace"), NULL};
	const struct path replaced = {calls_first, returns, &one};
	struct code_insns insns;
	uint64_t key;

	if (!bytes)
		return;
	code_function(c, bytes, &insns);
	judge(v, one.first && is_ahead(c, &insns, &replaced),
	      "uk_random_bytes hands out what the key it leaves can make again");
	if (!one.first || !image_symbol(c->image, "uk_random_key", &key))
		return;
	code_function(c, one.first, &insns);
	for (size_t half = 0; half < 2; half++, key += KEY_HALF_BYTES) {
		const struct path written = {writes, returns, &key};

		judge(v, is_ahead(c, &insns, &written),
		      "uk_random_replace leaves a part of the key");
	}
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;

	if (!image_func_named(img, "uk_seed_require")) {
		if (image_func_named(img, "uk_random_bytes"))
			strs_push(
				c->arena, &v->facts,
				"random numbers are drawn, and nothing tests what they come from");
		return;
	}
	examine_seeding(c, v);
	examine_tests(c, v);
	examine_erasure(c, v);
	v->level = "on";
	v->state = v->covered == v->total ? VERDICT_ON : VERDICT_PARTIAL;
}

extern const struct mechanism mech_rng;
const struct mechanism mech_rng = {
	.name = "rng", .what = "tests of sources and erasures", .verify = verify};
