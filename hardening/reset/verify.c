/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Can the guest end without memory having been cleared? In permanent code, whoever calls uk_plat_stop(), which
 * ends the machine, gets there only on the side of a comparison of uk_is_up where the boot is not over yet; the
 * other side calls uk_wipe(), which leads to uk_wipe_memory(). Nothing takes the address of uk_plat_stop(), and
 * no other function has a hlt. uk_wipe_memory() has a fill for each kind of memory, and an image with an
 * allocator tells what was handed out.
 *
 * Not seen: what the fills' bounds are computed from, other ways to end the machine than hlt and uk_plat_stop()
 * (a port, a triple fault), and a program's own allocator over uk_plat_ram().
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <stdint.h>
#include <string.h>

enum {
	/* Slots of the stack area, the image's data, the stack it runs on; memory handed out, where there is any. */
	FILLS = 3,
	FILLS_HEAP = 4,
	/* From a comparison to the call: the argument at most. */
	NEAR_INSNS = 3,
	OPCODE_HLT = 0xf4,
	/* je and jne, short and long: Intel SDM vol. 2, Jcc. */
	OPCODE_JE = 0x74,
	OPCODE_JNE = 0x75,
	OPCODE_LONG = 0x0f,
	LONG_OFFSET = 0x10,
};

struct checker {
	struct code code;
	uint64_t stop, wipe, is_up;
};

static bool leads_to_wipe(const struct checker *c, const struct code_insns *f, size_t at)
{
	for (size_t n = 0; n < NEAR_INSNS && at < f->len; n++, at++) {
		if (f->v[at].target == c->wipe)
			return true;
		if (f->v[at].kind != INSN_OTHER)
			return false;
	}
	return false;
}

/* The jump at `at` compares uk_is_up, and the side where it is true calls uk_wipe(). */
static bool is_guard(const struct checker *c, const struct code_insns *f, size_t at)
{
	const struct insn *cmp = at ? &f->v[at - 1] : NULL, *jump = &f->v[at];
	const uint8_t *bytes, *opcode;
	bool taken_when_equal;
	size_t up;

	if (!cmp || jump->kind != INSN_JUMP_COND || !cmp->is_compare || cmp->memory != c->is_up)
		return false;
	bytes = elf_at(&c->code.image->stripped, cmp->addr, cmp->size);
	opcode = elf_at(&c->code.image->stripped, jump->addr, jump->size);
	if (!bytes || !opcode)
		return false;
	if (opcode[0] == OPCODE_JE || opcode[0] == OPCODE_JNE)
		taken_when_equal = opcode[0] == OPCODE_JE;
	else if (opcode[0] == OPCODE_LONG && (opcode[1] | 1) == OPCODE_JNE + LONG_OFFSET)
		taken_when_equal = opcode[1] == OPCODE_JE + LONG_OFFSET;
	else
		return false;
	/* cmpb $0 or $1: the number is the last byte. */
	up = taken_when_equal == (bytes[cmp->size - 1] == 1) ? code_index(f, jump->target) : at + 1;
	return leads_to_wipe(c, f, up);
}

static bool is_stop(const struct checker *c, const struct insn *i)
{
	return i->target == c->stop || i->memory == c->stop;
}

/* Marks what is reached from the function's entry without a guard. */
static const uint8_t *reach_unguarded(const struct checker *c, const struct code_insns *f)
{
	uint8_t *seen = arena_alloc(c->code.arena, f->len);
	const uint8_t *tables = code_table_targets(&c->code, f);
	size_t *work = arena_array(c->code.arena, f->len, sizeof(*work)), work_len = 0;

#define REACH(n)                                  \
	do {                                      \
		const size_t to_ = (n);           \
		if (to_ < f->len && !seen[to_]) { \
			seen[to_] = 1;            \
			work[work_len++] = to_;   \
		}                                 \
	} while (0)
	REACH((size_t)0);
	while (work_len > 0) {
		const size_t at = work[--work_len];
		const struct insn *i = &f->v[at];

		if (is_guard(c, f, at))
			continue;
		if (i->target && (i->kind == INSN_JUMP || i->kind == INSN_JUMP_COND))
			REACH(code_index(f, i->target));
		if (i->kind == INSN_JUMP_INDIRECT)
			for (size_t k = 0; k < f->len; k++)
				if (tables[k])
					REACH(k);
		if (i->kind == INSN_OTHER || i->kind == INSN_JUMP_COND || i->kind == INSN_CALL ||
		    i->kind == INSN_CALL_INDIRECT)
			REACH(at + 1);
	}
#undef REACH
	return seen;
}

/* The ways out of the machine in one function, and whether each is guarded. */
static void count_ways(const struct checker *c, const struct image_func *func, struct verdict *v)
{
	struct code_insns f;
	const uint8_t *unguarded = NULL;

	code_function(&c->code, func, &f);
	for (size_t k = 0; k < f.len; k++) {
		const struct insn *i = &f.v[k];
		const uint8_t *byte = elf_at(&c->code.image->stripped, i->addr, 1);
		const bool is_halt =
			i->kind == INSN_TRAP && i->size == 1 && byte && *byte == OPCODE_HLT;

		if (!is_halt && !is_stop(c, i))
			continue;
		if (!unguarded)
			unguarded = reach_unguarded(c, &f);
		v->total++;
		if (!is_halt && i->target == c->stop && !unguarded[k])
			v->covered++;
		else if (!v->problem)
			v->problem = arena_printf(
				c->code.arena,
				"'%s' (%s) ends the machine at +0x%llx with memory as it is",
				func->name, func->object,
				(unsigned long long)(i->addr - func->addr));
	}
}

/* How many rep stosq there are: REX.W, F3 and AB in the order F3 48 AB. */
static size_t count_fills(const struct checker *c, const struct image_func *func)
{
	static const uint8_t fill[] = {0xf3, 0x48, 0xab};
	struct code_insns f;
	size_t n = 0;

	code_function(&c->code, func, &f);
	for (size_t k = 0; k < f.len; k++) {
		const uint8_t *p = elf_at(&c->code.image->stripped, f.v[k].addr, f.v[k].size);

		n += p && f.v[k].size == sizeof(fill) && memcmp(p, fill, sizeof(fill)) == 0;
	}
	return n;
}

static void check_wipe(const struct checker *c, const struct image_func *memory, struct verdict *v)
{
	const struct image *img = c->code.image;
	uint64_t used;
	const size_t wanted = image_symbol(img, "uk_ram_used", &used) ? FILLS_HEAP : FILLS;
	const size_t fills = count_fills(c, memory);

	v->total += wanted;
	v->covered += fills < wanted ? fills : wanted;
	if (fills < wanted && !v->problem)
		v->problem = arena_printf(c->code.arena,
					  "uk_wipe_memory clears %zu of %zu kinds of memory", fills,
					  wanted);
	if (image_func_named(img, "uk_pages_alloc") || image_func_named(img, "uk_heap_alloc")) {
		v->total++;
		if (image_func_named(img, "uk_plat_ram_used"))
			v->covered++;
		else if (!v->problem)
			v->problem = "nothing tells which memory was handed out";
	}
}

static void examine(const struct checker *c, struct verdict *v)
{
	const struct image *img = c->code.image;
	const struct image_func *memory = image_func_named(img, "uk_wipe_memory");

	for (size_t i = 0; i < img->funcs_len; i++) {
		const struct image_func *f = &img->funcs[i];

		/* Before the boot is over there is nothing of the program's. */
		if (f != memory && f->addr != c->stop && !f->is_boot)
			count_ways(c, f, v);
	}
	if (!v->total)
		v->problem = "nothing leads to the end of the machine";
	v->total++;
	if (code_reaches(&c->code, "uk_wipe", "uk_wipe_memory"))
		v->covered++;
	else if (!v->problem)
		v->problem = "uk_wipe does not lead to uk_wipe_memory";
	check_wipe(c, memory, v);
}

static void verify(const struct code *code, struct verdict *v)
{
	const struct image *img = code->image;
	struct checker c = {.code = *code};

	if (!image_func_named(img, "uk_wipe_memory") ||
	    !image_symbol(img, "uk_plat_stop", &c.stop) || !image_symbol(img, "uk_wipe", &c.wipe) ||
	    !image_symbol(img, "uk_is_up", &c.is_up))
		return;
	examine(&c, v);
	v->level = "on";
	v->state = v->covered == v->total ? VERDICT_ON : VERDICT_PARTIAL;
}

extern const struct mechanism mech_reset;
const struct mechanism mech_reset = {
	.name = "reset", .what = "ways to the end and what is cleared", .verify = verify};
