/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is each indirect call in C checked? Counted are calls and tail calls through a register or memory;
 * jumps of switch tables are not calls and are told apart by how their target was computed.
 *
 * kcfi: the check stands directly before the call (see runtime/cfi.c for its bytes), reads the hash of
 * the register that is called, and each C function whose address is taken has a hash in front of it.
 * icall: every path from the function's entry to the call passes a conditional branch to the trap
 * (ud1 with number 2).
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include "pointers.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the kcfi check behind its load: je, displacement, ud2. */
#define KCFI_TAIL_BYTES 4
/* mov $hash, %eax in front of a function. */
#define KCFI_PREFIX_BYTES 5
#define KCFI_PREFIX_OPCODE 0xb8
/* Number of the ud1 behind a failed icall check, in clang. */
#define ICALL_TRAP 2

struct calls {
	size_t total, kcfi, icall, exempt, in_assembly;
	const char *problem;
	struct strs exempt_names;
};

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The kcfi check that ends where the call begins, for a target in register reg. */
static bool has_kcfi_check(const struct image *img, uint64_t call, int reg)
{
	static const uint8_t tail[KCFI_TAIL_BYTES] = {0x74, 0x02, 0x0f, 0x0b};
	/* add -4(reg), %r10d: prefix, 03, ModRM (mod 1), a SIB byte for %r12 and its like, fc. */
	size_t load_bytes = (reg & 7) == 4 ? 5 : 4;
	size_t all = 6 + load_bytes + KCFI_TAIL_BYTES;
	const uint8_t *p = reg < 0 ? NULL : elf_at(&img->stripped, call - all, all);
	const uint8_t *load;

	if (!p || memcmp(p + all - KCFI_TAIL_BYTES, tail, sizeof(tail)) != 0)
		return false;
	if (p[0] != 0x41 || (p[1] != 0xba && p[1] != 0xbb)) /* mov imm32, %r10d or %r11d */
		return false;
	load = p + 6;
	if (load[0] != (reg >= 8 ? 0x45 : 0x44) || load[1] != 0x03 || load[2] >> 6 != 1)
		return false;
	return (load[2] & 7) == (reg & 7) && load[load_bytes - 1] == 0xfc;
}

static bool is_indirect_call(const struct code *c, const struct code_insns *f, size_t at)
{
	if (f->v[at].kind == INSN_CALL_INDIRECT)
		return true;
	return f->v[at].kind == INSN_JUMP_INDIRECT && !code_is_switch(c, f, at);
}

/* Instructions that a path from the entry reaches without a branch to the icall trap. */
struct paths {
	const struct image *image;
	const struct code_insns *f;
	uint8_t *reached;
	size_t *work, work_len;
};

static void path_to(struct paths *p, size_t at)
{
	if (at >= p->f->len || p->reached[at])
		return;
	p->reached[at] = 1;
	p->work[p->work_len++] = at;
}

/* The trap of a failed check, or a jump to it: what lies behind a branch that skips it when far away. */
static bool is_icall_trap(const struct paths *p, uint64_t addr)
{
	const size_t at = code_index(p->f, addr);

	if (at != SIZE_MAX && p->f->v[at].kind == INSN_JUMP)
		addr = p->f->v[at].target;
	return code_is_trap(p->image, addr, ICALL_TRAP);
}

static void path_from(struct paths *p, size_t at, const uint8_t *is_table_target)
{
	const struct insn *i = &p->f->v[at];
	size_t to = i->target ? code_index(p->f, i->target) : SIZE_MAX;

	switch (i->kind) {
	case INSN_JUMP_COND:
		if (is_icall_trap(p, i->target) || is_icall_trap(p, i->addr + i->size))
			return;
		path_to(p, to);
		path_to(p, at + 1);
		return;
	case INSN_JUMP:
		path_to(p, to);
		return;
	case INSN_JUMP_INDIRECT:
		for (size_t k = 0; k < p->f->len; k++)
			if (is_table_target[k])
				path_to(p, k);
		return;
	case INSN_RET:
	case INSN_TRAP:
		return;
	default:
		path_to(p, at + 1);
	}
}

static const uint8_t *reached_unchecked(const struct code *c, const struct code_insns *f)
{
	const uint8_t *is_table_target = code_table_targets(c, f);
	struct paths p = {.image = c->image, .f = f};

	p.reached = arena_alloc(c->arena, f->len);
	p.work = arena_array(c->arena, f->len, sizeof(*p.work));
	path_to(&p, 0);
	while (p.work_len > 0)
		path_from(&p, p.work[--p.work_len], is_table_target);
	return p.reached;
}

static void count_call(struct arena *a, const struct image_func *func, struct calls *t,
		       uint64_t addr)
{
	const char *reason = image_func_exempt(func, "cfi");

	if (reason) {
		t->exempt++;
		strs_pushf(a, &t->exempt_names, "%s: %s", func->name, reason);
		return;
	}
	if (!t->problem)
		t->problem = arena_printf(
			a, "'%s' (%s) calls through a pointer without a check, at +0x%llx",
			func->name, func->object, (unsigned long long)(addr - func->addr));
}

/* True when a branch of f leads into the middle of an instruction: bytes there hide another one. */
static bool is_misread(const struct image_func *func, const struct code_insns *f)
{
	for (size_t i = 0; i < f->len; i++) {
		const struct insn *insn = &f->v[i];

		if (insn->target >= func->addr && insn->target - func->addr < func->size &&
		    code_index(f, insn->target) == SIZE_MAX)
			return true;
	}
	return !f->is_whole;
}

static void count_calls(const struct code *c, const struct image_func *func, struct calls *t)
{
	const uint8_t *unchecked = NULL;
	struct code_insns f;

	code_function(c, func, &f);
	if (!func->is_asm && !t->problem && is_misread(func, &f))
		t->problem = arena_printf(c->arena, "'%s' (%s) cannot be read as instructions",
					  func->name, func->object);
	for (size_t i = 0; i < f.len; i++) {
		if (!is_indirect_call(c, &f, i))
			continue;
		if (func->is_asm) {
			t->in_assembly++;
			continue;
		}
		t->total++;
		if (!unchecked)
			unchecked = reached_unchecked(c, &f);
		if (has_kcfi_check(c->image, f.v[i].addr, f.v[i].reg))
			t->kcfi++;
		else if (!unchecked[i])
			t->icall++;
		else
			count_call(c->arena, func, t, f.v[i].addr);
	}
}

/* The hash in front of a function; false when there is none. */
static bool type_hash(const struct image *img, const struct image_func *f, uint32_t *ret)
{
	const uint8_t *p = elf_at(&img->stripped, f->addr - KCFI_PREFIX_BYTES, KCFI_PREFIX_BYTES);

	if (!p || p[0] != KCFI_PREFIX_OPCODE)
		return false;
	*ret = read32(p + 1);
	return true;
}

static int compare_hashes(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/* Says how many functions a pointer of one type can still reach. */
static void say_classes(struct arena *a, const struct image *img, struct verdict *v)
{
	uint32_t *hashes = arena_array(a, img->funcs_len, sizeof(*hashes));
	size_t len = 0, classes = 0, largest = 0, run = 0;

	for (size_t i = 0; i < img->funcs_len; i++)
		len += type_hash(img, &img->funcs[i], &hashes[len]);
	if (len)
		qsort(hashes, len, sizeof(*hashes), compare_hashes);
	for (size_t i = 0; i < len; i++) {
		bool is_new = i == 0 || hashes[i] != hashes[i - 1];

		classes += is_new;
		run = is_new ? 1 : run + 1;
		largest = run > largest ? run : largest;
	}
	v->largest_class = largest;
	strs_pushf(a, &v->facts, "%zu type classes over %zu functions, largest %zu", classes, len,
		   largest);
}

/* The same from the jump tables: their sizes are symbols, __typeid_NAME_size_m1 (llvm LowerTypeTests). */
static void say_tables(struct arena *a, const struct image *img, struct verdict *v)
{
	size_t classes = 0;

	for (size_t i = 0; i < img->sidecar.symbols_len; i++) {
		const struct elf_symbol *s = &img->sidecar.symbols[i];

		if (!str_starts(s->name, "__typeid_") || !str_ends(s->name, "_size_m1"))
			continue;
		classes++;
		if (s->value + 1 > v->largest_class)
			v->largest_class = (size_t)s->value + 1;
	}
	strs_pushf(a, &v->facts, "%zu type classes that are called, largest %zu", classes,
		   v->largest_class);
}

/* A C function in a table without a hash in front: kcfi would refuse it, so something is wrong. */
static const char *missing_hash(struct arena *a, const struct image *img)
{
	const struct pointers p = image_pointers(a, img);

	for (size_t i = 0; i < img->funcs_len; i++) {
		const struct image_func *f = &img->funcs[i];
		uint32_t hash;

		if (f->is_asm || f->object[0] == '\0' || image_func_exempt(f, "cfi"))
			continue;
		if (pointers_have(&p, f->addr) && !type_hash(img, f, &hash))
			return arena_printf(a, "'%s' (%s) is in a table but has no type hash",
					    f->name, f->object);
	}
	return NULL;
}

/* cfi-icall: f becomes the name of a jump table entry, the function itself becomes f.cfi. */
static bool has_jump_table(const struct image *img)
{
	for (size_t i = 0; i < img->sidecar.symbols_len; i++)
		if (str_ends(img->sidecar.symbols[i].name, ".cfi"))
			return true;
	return false;
}

/* Without link-time optimisation nearly every function has one; by chance hardly any. */
static bool has_hashes(const struct image *img)
{
	size_t hashes = 0;
	uint32_t hash;

	for (size_t i = 0; i < img->funcs_len; i++)
		hashes += type_hash(img, &img->funcs[i], &hash);
	return hashes > img->funcs_len / 2;
}

static void decide(struct arena *a, const struct image *img, const struct calls *t,
		   struct verdict *v)
{
	bool is_kcfi = t->kcfi > 0 || has_hashes(img);
	bool is_icall = !is_kcfi && (t->icall > 0 || has_jump_table(img));

	v->covered = t->kcfi + t->icall;
	v->total = t->total;
	if (!is_kcfi && !is_icall) {
		v->is_vacuous = t->total == t->exempt;
		return;
	}
	v->level = is_kcfi ? "kcfi" : "icall";
	v->problem = t->problem;
	v->exempt = t->exempt_names;
	if (is_icall)
		say_tables(a, img, v);
	if (is_kcfi) {
		say_classes(a, img, v);
		if (!v->problem)
			v->problem = missing_hash(a, img);
	}
	if (t->in_assembly)
		strs_pushf(a, &v->facts, "%zu indirect calls and jumps in assembly are not checked",
			   t->in_assembly);
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	struct calls t = {0};

	for (size_t i = 0; i < img->funcs_len; i++)
		if (img->funcs[i].object[0] != '\0')
			count_calls(c, &img->funcs[i], &t);
	decide(a, img, &t, v);
}

extern const struct mechanism mech_cfi;
const struct mechanism mech_cfi = {.name = "cfi", .what = "indirect calls in C", .verify = verify};
