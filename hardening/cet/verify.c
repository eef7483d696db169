/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is everything there for a processor with Intel CET? Read from the finished code:
 *   - the boot asks the processor (CPUID) and stores the answer in the layout; uk_pvh_prepare_cet() sets
 *     %cr4, and uk_boot_leave() writes the register that turns it on;
 *   - shadow: two more registers tell where shadow stacks are, the boot's end switches to one (setssbsy),
 *     and longjmp() takes off what it leaves (incsspq);
 *   - ibt: counted is each place that a pointer can lead to: words of data that point into text, functions whose
 *     address code takes, the first instruction behind a call of setjmp(), the entries of faults. Each must be an
 *     endbr64. No indirect branch of text goes unwatched (notrack) but for switches, whose tables are constants, and
 *     no bytes inside an instruction are an endbr64 by chance.
 * Not seen: pages that the tables mark as shadow stacks (hardening/wx audits them at boot), addresses that code
 * computes, text's first function when only code takes its address, a function at a multiple of 4 KiB when an image
 * that cannot move takes its address as a number, and whether the machine has the feature.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"
#include "pointers.h"
#include <stdlib.h>
#include <string.h>

enum {
	ENDBR_BYTES = 4,
	FAULT_VECTORS = 32,
	FAULT_STUB_BYTES = 9, /* libs/pvh/pvh.h: an endbr64 and a call */
	NOTRACK = 0x3e,
	ROUND_BYTES = 4096,
};

static const uint8_t endbr[ENDBR_BYTES] = {0xf3, 0x0f, 0x1e, 0xfa};

struct tally {
	const struct code *code;
	struct arena *arena;
	struct verdict *v;
	uint64_t start, end; /* permanent text */
	bool can_move;       /* the image has relocations */
	size_t switches;
	struct {
		uint64_t *v;
		size_t len, cap;
	} places;
};

/* How often the bytes stand in the function; `any` bits of the last byte may be what they like. */
static size_t count_bytes(const struct image *img, const char *name, const uint8_t *bytes,
			  size_t len, uint8_t any)
{
	const struct image_func *f = image_func_named(img, name);
	const uint8_t *p = f ? elf_at(&img->stripped, f->addr, f->size) : NULL;
	size_t n = 0;

	for (size_t at = 0; p && at + len <= f->size; at++)
		n += memcmp(p + at, bytes, len - 1) == 0 &&
		     (p[at + len - 1] | any) == (bytes[len - 1] | any);
	return n;
}

static void check(struct verdict *v, bool holds, const char *problem)
{
	v->total++;
	v->covered += holds;
	if (!holds && !v->problem)
		v->problem = problem;
}

/* Intel SDM vol. 2: CPUID, WRMSR, MOV to %cr4 (any register), SETSSBSY. */
static const uint8_t cpuid[] = {0x0f, 0xa2}, wrmsr[] = {0x0f, 0x30}, set_cr4[] = {0x0f, 0x22, 0xe0},
		     setssbsy[] = {0xf3, 0x0f, 0x01, 0xe8};

/* How many answers of the processor, no constants, the layout function stores. */
static size_t asked(const struct code *c)
{
	const struct image_func *f = image_func_named(c->image, "uk_cet_layout");
	struct code_insns insns;
	size_t n = 0;

	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++)
		n += insns.v[i].stores_register && insns.v[i].mem_base != REG_RSP;
	return n;
}

/* Either half of what the boot does for shadow stacks: the other one may have been taken out. */
static bool is_for_shadow(const struct image *img)
{
	return count_bytes(img, "uk_pvh_prepare_cet", wrmsr, sizeof(wrmsr), 0) ||
	       count_bytes(img, "uk_boot_leave", setssbsy, sizeof(setssbsy), 0);
}

/* Most of the entries of faults begin with an endbr64. */
static bool is_for_branches(const struct image *img)
{
	return count_bytes(img, "uk_pvh_stubs", endbr, sizeof(endbr), 0) > FAULT_VECTORS / 2;
}

static void check_boot(const struct code *c, bool has_shadow, struct verdict *v)
{
	const struct image *img = c->image;

	check(v,
	      code_boot_calls(c, "uk_cet_layout") &&
		      count_bytes(img, "uk_cet_layout", cpuid, sizeof(cpuid), 0) >= 2,
	      "the boot does not ask the processor what it has");
	check(v,
	      code_boot_calls(c, "uk_pvh_prepare_cet") &&
		      count_bytes(img, "uk_pvh_prepare_cet", set_cr4, sizeof(set_cr4), 7),
	      "the boot does not set the bit in %cr4");
	check(v, count_bytes(img, "uk_boot_leave", wrmsr, sizeof(wrmsr), 0) == 1,
	      "the boot's end does not write the register that turns it on");
	check(v, code_ends_boot_with_tables(c), "the boot does not end by loading its page tables");
	if (!has_shadow)
		return;
	check(v, count_bytes(img, "uk_pvh_prepare_cet", wrmsr, sizeof(wrmsr), 0) >= 2,
	      "the boot does not say where shadow stacks are");
	check(v, count_bytes(img, "uk_boot_leave", setssbsy, sizeof(setssbsy), 0) == 1,
	      "the boot's end does not switch to a shadow stack");
}

/* A jump takes off the shadow stack what it leaves behind: incsspq with any register. */
static void check_jumps(const struct image *img, struct verdict *v)
{
	static const uint8_t incsspq[] = {0xf3, 0x48, 0x0f, 0xae, 0xe8};

	if (image_func_named(img, "longjmp"))
		check(v, count_bytes(img, "longjmp", incsspq, sizeof(incsspq), 7) > 0,
		      "longjmp() leaves the shadow stack as it is");
}

/* Only what stays mapped counts; the same place may be found in several ways. */
static void add_place(struct tally *t, uint64_t addr)
{
	if (addr >= t->start && addr < t->end)
		vec_push(t->arena, &t->places, addr);
}

static bool is_jump_table(const struct image *img, uint64_t addr)
{
	for (size_t i = 0; i < img->pieces_len; i++)
		if (addr >= img->pieces[i].addr && addr - img->pieces[i].addr < img->pieces[i].size)
			return strstr(img->pieces[i].section, ".cfi.jumptable") != NULL;
	return false;
}

/*
 * An address as code has it: of a function's beginning, or an entry of a table that checks of calls use. What names
 * text's beginning means all of text: who maps and audits it does.
 */
static void add_address(struct tally *t, uint64_t addr)
{
	const struct image *img = t->code->image;
	const struct image_func *f;

	if (addr <= t->start || addr >= t->end)
		return;
	f = image_func_at(img, addr);
	if (f ? f->addr == addr : is_jump_table(img, addr))
		add_place(t, addr);
}

/*
 * A number in an instruction is no address where the image can move: that would be wrong anywhere else. Where it cannot,
 * round numbers are sizes and limits (0x110000 ends Unicode), and one in some hundred images has a function there.
 */
static void add_number(struct tally *t, uint64_t number)
{
	if (!t->can_move && number % ROUND_BYTES)
		add_address(t, number);
}

static void add_places_of_data(struct tally *t)
{
	const struct pointers p = image_pointers(t->arena, t->code->image);

	t->can_move = p.is_exact;
	for (size_t i = 0; i < p.len; i++) {
		if (p.is_exact)
			add_place(t, p.v[i]);
		else
			add_address(t, p.v[i]);
	}
}

static bool is_setjmp(const struct image *img, uint64_t addr)
{
	static const char *const names[] = {"setjmp", "_setjmp", "__setjmp", "sigsetjmp",
					    "__sigsetjmp"};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (image_symbol(img, names[i], &value) && value == addr)
			return true;
	return false;
}

static bool is_untracked(const struct image *img, const struct insn *i)
{
	const uint8_t *p = elf_at(&img->stripped, i->addr, i->size);

	return (i->kind == INSN_CALL_INDIRECT || i->kind == INSN_JUMP_INDIRECT) && p &&
	       p[0] == NOTRACK;
}

static const char *place_name(struct arena *a, const struct image *img, uint64_t addr)
{
	const struct image_func *f = image_func_at(img, addr);

	if (!f)
		return "a table of jumps";
	return arena_printf(a, "'%s' (%s) at +0x%llx", f->name, f->object,
			    (unsigned long long)(addr - f->addr));
}

/* Places that the code of f names. Boot code names some of permanent text too: the entries of faults. */
static void look_at(struct tally *t, const struct image_func *f)
{
	const struct image *img = t->code->image;
	struct code_insns insns;

	code_function(t->code, f, &insns);
	for (size_t i = 0; i < insns.len; i++) {
		const struct insn *insn = &insns.v[i];

		if (!insn->has_memory)
			add_address(t, insn->memory);
		if (insn->effect == EFFECT_NUMBER)
			add_number(t, (uint64_t)insn->imm);
		if (insn->stores_number)
			add_number(t, (uint64_t)insn->number);
		if (insn->kind == INSN_CALL && is_setjmp(img, insn->target))
			add_place(t, insn->addr + insn->size);
		if (f->is_boot || !is_untracked(img, insn))
			continue;
		if (insn->kind == INSN_JUMP_INDIRECT && code_is_switch(t->code, &insns, i))
			t->switches++;
		else if (!t->v->problem)
			t->v->problem = arena_printf(t->arena, "a branch that is not watched in %s",
						     place_name(t->arena, img, insn->addr));
	}
}

static int compare_places(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static void count_places(struct tally *t)
{
	const struct image *img = t->code->image;

	if (t->places.len)
		qsort(t->places.v, t->places.len, sizeof(*t->places.v), compare_places);
	for (size_t i = 0; i < t->places.len; i++) {
		const uint64_t addr = t->places.v[i];
		const uint8_t *p = elf_at(&img->stripped, addr, ENDBR_BYTES);

		if (i > 0 && addr == t->places.v[i - 1])
			continue;
		check(t->v, p && memcmp(p, endbr, ENDBR_BYTES) == 0,
		      arena_printf(t->arena, "a pointer leads to %s, where no endbr64 is",
				   place_name(t->arena, img, addr)));
	}
}

/* Every endbr64 of permanent text, at any offset: in an instruction, or one that the processor takes. */
static void count_landings(struct tally *t)
{
	const struct image *img = t->code->image;
	const uint8_t *text = elf_at(&img->stripped, t->start, t->end - t->start);
	size_t landings = 0, hidden = 0;

	for (uint64_t at = 0; text && at + ENDBR_BYTES <= t->end - t->start; at++) {
		const uint64_t addr = t->start + at;
		const struct image_func *f;
		struct code_insns insns;

		if (memcmp(text + at, endbr, ENDBR_BYTES) != 0)
			continue;
		landings++;
		f = image_func_at(img, addr);
		if (!f || f->addr == addr)
			continue;
		code_function(t->code, f, &insns);
		if (!insns.is_whole || code_index(&insns, addr) != SIZE_MAX)
			continue;
		hidden++;
		if (!t->v->problem)
			t->v->problem = arena_printf(t->arena,
						     "bytes inside an instruction are endbr64: %s",
						     place_name(t->arena, img, addr));
	}
	strs_pushf(t->arena, &t->v->facts,
		   "%zu places in text where an indirect branch may end, %zu of them inside an "
		   "instruction; %zu jumps to tables of switches are not watched",
		   landings, hidden, t->switches);
}

static void verify_branches(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct tally t = {.code = c, .arena = c->arena, .v = v};
	uint64_t stubs;

	if (!image_symbol(img, "__text_start", &t.start) ||
	    !image_symbol(img, "__text_end", &t.end) || t.end < t.start) {
		check(v, false, "permanent text cannot be found");
		return;
	}
	add_places_of_data(&t);
	for (size_t i = 0; i < img->funcs_len; i++)
		look_at(&t, &img->funcs[i]);
	for (unsigned int i = 0; i < FAULT_VECTORS && image_symbol(img, "uk_pvh_stubs", &stubs);
	     i++)
		add_place(&t, stubs + (uint64_t)i * FAULT_STUB_BYTES);
	count_places(&t);
	count_landings(&t);
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	bool has_shadow, has_branch;

	if (!image_func_named(img, "uk_cet_layout"))
		return;
	has_shadow = is_for_shadow(img);
	has_branch = is_for_branches(img);
	v->level = has_shadow && has_branch ? "full" : has_branch ? "ibt" : "shadow";
	check(v, asked(c) == (size_t)has_shadow + has_branch && (has_shadow || has_branch),
	      "the boot's layout asks for something else than the image has code for");
	check_boot(c, has_shadow, v);
	if (has_shadow)
		check_jumps(img, v);
	if (has_branch)
		verify_branches(c, v);
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
}

extern const struct mechanism mech_cet;
const struct mechanism mech_cet = {
	.name = "cet", .what = "conditions and places that pointers lead to", .verify = verify};
