/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is each jump buffer sealed and checked? Read from the finished code:
 *   - boot code draws the key with the image's random generator;
 *   - each setjmp of the image leads to uk_setjmp_seal(), which uses the key and stores its result;
 *   - each longjmp calls uk_setjmp_check() before it jumps through a register or memory;
 *   - uk_setjmp_check() uses the key, compares and on one side of the branch ends in uk_trap().
 * A setjmp or longjmp that does not go there (the C library's own) is not covered.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"

static const char *const savers[] = {"setjmp", "_setjmp", "__setjmp", "sigsetjmp", "__sigsetjmp"};
static const char *const jumpers[] = {"longjmp", "_longjmp"};

/* A compare, directly before a branch of which one side is the trap. */
static bool compares_or_traps(const struct code *c, const struct code_insns *f)
{
	for (size_t i = 1; i < f->len; i++)
		if (f->v[i - 1].is_compare && code_is_trap_branch(c, f, i))
			return true;
	return false;
}

static bool stores_result(const struct code_insns *f)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->v[i].stores_register && !f->v[i].takes_stack_address)
			return true;
	return false;
}

static const char *seal_problem(const struct code *c)
{
	const struct image_func *seal = image_func_named(c->image, "uk_setjmp_seal");
	const struct image_func *check = image_func_named(c->image, "uk_setjmp_check");
	struct code_insns insns;

	if (!code_boot_calls(c, "uk_setjmp_draw_key") ||
	    !code_reaches(c, "uk_setjmp_draw_key", "uk_random_bytes"))
		return "the boot does not draw a key";
	if (seal) {
		code_function(c, seal, &insns);
		if (!stores_result(&insns))
			return "'uk_setjmp_seal' stores no seal";
	}
	if (check) {
		code_function(c, check, &insns);
		if (!compares_or_traps(c, &insns))
			return "'uk_setjmp_check' does not trap on a wrong seal";
	}
	return NULL;
}

/* The way through f: does it call `check` on each way to its indirect jump? Assembly without branches. */
static bool checks_before_jump(const struct code *c, const struct image_func *f, uint64_t check)
{
	struct code_insns insns;

	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++) {
		if (insns.v[i].kind == INSN_CALL && insns.v[i].target == check)
			return true;
		if (insns.v[i].kind != INSN_OTHER)
			return false;
	}
	return false;
}

static void count_functions(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	uint64_t check = UINT64_MAX;

	(void)image_symbol(img, "uk_setjmp_check", &check); /* absent: nothing is checked */
	for (size_t i = 0; i < ARRAY_LEN(savers); i++) {
		const struct image_func *f = image_func_named(img, savers[i]);

		if (!f)
			continue;
		v->total++;
		if (code_reaches(c, savers[i], "uk_setjmp_seal"))
			v->covered++;
		else if (!v->problem)
			v->problem = arena_printf(c->arena, "'%s' does not seal", f->name);
	}
	for (size_t i = 0; i < ARRAY_LEN(jumpers); i++) {
		const struct image_func *f = image_func_named(img, jumpers[i]);

		if (!f)
			continue;
		v->total++;
		if (checks_before_jump(c, f, check))
			v->covered++;
		else if (!v->problem)
			v->problem = arena_printf(c->arena, "'%s' jumps without a check", f->name);
	}
}

static void verify(const struct code *c, struct verdict *v)
{

	count_functions(c, v);
	v->is_vacuous = v->total == 0;
	if (v->covered) {
		const char *problem = seal_problem(c);

		v->problem = v->problem ? v->problem : problem;
		v->level = "on";
		v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
	} else {
		v->problem = NULL;
	}
}

extern const struct mechanism mech_setjmp;
const struct mechanism mech_setjmp = {
	.name = "setjmp", .what = "functions that save or jump", .verify = verify};
