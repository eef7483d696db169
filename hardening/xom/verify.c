/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Can text be read, and does the program itself try to? Conditions, from the finished file:
 *   - boot code calls the layout function, which asks for text that cannot be read;
 *   - the one segment with code is executable and nothing else;
 *   - the boot writes the register of protection keys, where the platform is ring 0;
 *   - text that stays mapped has no bytes, at any offset, that write it or that take the rights away from it.
 * Counted are functions of permanent text: covered is one that is code from its first byte to its last, and
 * that neither names a byte of text as an operand in memory nor forms an address in text that is no
 * function's. Bytes between functions are looked at in the same way. Addresses that data holds are not, nor
 * are plain numbers, which only look like addresses in an image that moves.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdint.h>

struct text {
	const struct code *code;
	uint64_t start, end;
	size_t total, covered;
	const char *problem;
};

static bool is_in_text(const struct text *t, uint64_t addr)
{
	return addr >= t->start && addr < t->end;
}

static bool is_function(const struct text *t, uint64_t addr)
{
	const struct image_func *f = image_func_at(t->code->image, addr);
	const struct elf *e = &t->code->image->sidecar;

	if (f && f->addr == addr)
		return true;
	/* An entry of a jump table of cfi has the name of the function it leads to. */
	for (size_t i = 0; i < e->symbols_len; i++)
		if (e->symbols[i].value == addr && e->symbols[i].type == STT_FUNC)
			return true;
	return false;
}

/* What lea computes from the place of the code; 0 for all else. A plain number may be anything. */
static uint64_t formed_address(const struct insn *i)
{
	return i->memory && !i->has_memory ? i->memory : 0;
}

/* What is wrong with one instruction, as a predicate, or NULL. */
static const char *misuse(const struct text *t, const struct image_func *f, const struct insn *i)
{
	uint64_t addr = formed_address(i);

	if (i->has_memory && i->memory && is_in_text(t, i->memory))
		return "reads text";
	/* The ends of text are bounds to compare with; labels of a function's own are where it jumps to. */
	if (!addr || !is_in_text(t, addr) || addr == t->start || is_function(t, addr) ||
	    (f && f->is_asm))
		return NULL;
	return f && addr - f->addr < f->size ? NULL : "takes the address of what is no function";
}

static const char *look_at(const struct text *t, const struct image_func *f,
			   const struct code_insns *insns, uint64_t *ret_at)
{
	for (size_t i = 0; i < insns->len; i++) {
		const char *problem = misuse(t, f, &insns->v[i]);

		if (!problem)
			continue;
		*ret_at = insns->v[i].addr;
		return problem;
	}
	*ret_at = insns->len ? insns->v[insns->len - 1].addr : 0;
	return insns->is_whole ? NULL : "has bytes that are no code";
}

static void count(struct text *t, const struct image_func *f)
{
	struct code_insns insns;
	const char *problem;
	uint64_t at;

	code_function(t->code, f, &insns);
	problem = look_at(t, f, &insns, &at);
	t->total++;
	if (!problem)
		t->covered++;
	else if (!t->problem)
		t->problem = arena_printf(t->code->arena, "'%s' (%s) %s at +0x%llx", f->name,
					  f->object, problem, (unsigned long long)(at - f->addr));
}

/* Bytes without a name: fillings, and assembly that nobody calls. */
static void look_between(struct text *t, uint64_t from, uint64_t to)
{
	const struct image_func gap = {
		.name = "", .object = "", .addr = from, .size = to - from, .is_asm = true};
	struct code_insns insns;
	const char *problem;
	uint64_t at;

	if (to <= from)
		return;
	code_function(t->code, &gap, &insns);
	problem = look_at(t, &gap, &insns, &at);
	if (problem && !t->problem)
		t->problem = arena_printf(t->code->arena, "text between functions %s, at 0x%llx",
					  problem, (unsigned long long)at);
}

static void look_at_functions(struct text *t)
{
	const struct image *img = t->code->image;
	uint64_t seen = t->start;

	for (size_t i = 0; i < img->funcs_len; i++) {
		const struct image_func *f = &img->funcs[i];

		if (!is_in_text(t, f->addr))
			continue;
		look_between(t, seen, f->addr);
		count(t, f);
		if (f->addr + f->size > seen)
			seen = f->addr + f->size;
	}
	look_between(t, seen, t->end);
}

static bool is_segment_hidden(const struct text *t)
{
	const struct elf *e = &t->code->image->stripped;
	bool is_any = false;

	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type != PT_LOAD || s->vaddr >= t->end || s->vaddr + s->memsz <= t->start)
			continue;
		if (s->flags != PF_X)
			return false;
		is_any = true;
	}
	return is_any;
}

/* The first of some instructions in [start, end), at any offset or where one begins only; NULL when none is. */
static const char *find_bytes(const struct code *c, uint64_t start, uint64_t end, bool is_aligned,
			      const char *const *names)
{
	const uint8_t *text = elf_at(&c->image->stripped, start, end - start);
	struct priv_hits hits = {0};

	if (!text)
		return NULL;
	disasm_scan_privileged(c->arena, c->disasm, text, end - start, start, &hits);
	for (size_t i = 0; i < hits.len; i++)
		for (const char *const *name = names; *name; name++)
			if (str_eq(hits.v[i].name, *name) && (hits.v[i].aligned || !is_aligned))
				return *name;
	return NULL;
}

/* The boot sets the keys, in a process Linux has done so; what comes after it has nothing that would. */
static const char *keys_problem(const struct text *t)
{
	static const char *const set[] = {"wrpkru", NULL};
	static const char *const unset[] = {"wrpkru", "xrstor", NULL};
	static const char *const unset_ring0[] = {"wrpkru", "xrstor", "xrstors", "mov-to-cr", NULL};
	const struct code *c = t->code;
	bool is_process = code_is_process(c);
	uint64_t boot;
	const char *name;

	if (!is_process && (!image_symbol(c->image, "__boot_text_start", &boot) ||
			    boot >= t->start || !find_bytes(c, boot, t->start, true, set)))
		return "the boot does not set the protection keys";
	name = find_bytes(c, t->start, t->end, false, is_process ? unset : unset_ring0);
	return name ? arena_printf(c->arena, "text has the bytes of '%s'", name) : NULL;
}

static const char *first_problem(const struct text *t)
{
	if (!code_asks_layout(t->code, "uk_xom_layout", 1))
		return "the boot does not ask for text that cannot be read";
	if (!is_segment_hidden(t))
		return "the segment with code can be read";
	return keys_problem(t);
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct text t = {0};

	if (!image_func_named(img, "uk_xom_layout") ||
	    !image_symbol(img, "__text_start", &t.start) ||
	    !image_symbol(img, "__text_end", &t.end))
		return;
	t.code = c;
	v->problem = first_problem(&t);
	look_at_functions(&t);
	if (!v->problem)
		v->problem = t.problem;
	v->covered = t.covered;
	v->total = t.total;
	v->level = "on";
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
}

extern const struct mechanism mech_xom;
const struct mechanism mech_xom = {
	.name = "xom", .what = "functions that are nothing but code", .verify = verify};
