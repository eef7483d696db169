/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each return and indirect jump of a C function has int3 directly behind it, inside the function: the
 * padding between functions, which the linker fills with the same byte, does not count. Assembly is counted
 * apart.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"
#include <stdint.h>

#define INT3 0xcc

struct ends {
	size_t total, covered, exempt, in_assembly;
	struct strs exempt_names;
	const char *problem;
};

static bool is_way_out(const struct insn *i)
{
	return i->kind == INSN_RET || i->kind == INSN_JUMP_INDIRECT;
}

static bool has_trap_behind(const struct code *c, const struct image_func *f, const struct insn *i)
{
	const uint64_t next = i->addr + i->size;
	const uint8_t *p = elf_at(&c->image->stripped, next, 1);

	return next < f->addr + f->size && p && *p == INT3;
}

static void count(const struct code *c, const struct image_func *f, struct ends *e)
{
	const char *reason = image_func_exempt(f, "sls");
	struct code_insns insns;

	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++) {
		if (!is_way_out(&insns.v[i]))
			continue;
		if (f->is_asm) {
			e->in_assembly++;
			continue;
		}
		e->total++;
		if (has_trap_behind(c, f, &insns.v[i])) {
			e->covered++;
		} else if (reason) {
			e->exempt++;
			strs_add(c->arena, &e->exempt_names,
				 arena_printf(c->arena, "%s: %s", f->name, reason));
		} else if (!e->problem) {
			e->problem = arena_printf(
				c->arena, "'%s' (%s) has nothing behind its way out at +0x%llx",
				f->name, f->object,
				(unsigned long long)(insns.v[i].addr - f->addr));
		}
	}
	if (!f->is_asm && !insns.is_whole && !e->problem)
		e->problem = arena_printf(c->arena, "'%s' (%s) cannot be read as instructions",
					  f->name, f->object);
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	struct ends e = {0};

	for (size_t i = 0; i < img->funcs_len; i++)
		if (img->funcs[i].object[0] != '\0')
			count(c, &img->funcs[i], &e);
	v->covered = e.covered;
	v->total = e.total;
	/* Assembly inside C has a few by hand. */
	if (e.covered > e.total / 2) {
		v->level = "on";
		v->problem = e.problem;
		v->exempt = e.exempt_names;
		v->state = e.problem ? VERDICT_PARTIAL : VERDICT_ON;
		strs_pushf(a, &v->facts,
			   "%zu returns and indirect jumps in assembly are not covered",
			   e.in_assembly);
	}
}

extern const struct mechanism mech_sls;
const struct mechanism mech_sls = {
	.name = "sls", .what = "returns and indirect jumps in C", .verify = verify};
