/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do the decoys that pass.c put in stay in their pads? The sidecar says where each decoy is (section .chaff) and
 * where pads are (symbols uk_chaff_pad); the proof is in the bytes that boot. They are run through with a range
 * for each register: known is an address that lea makes of the place of the code, what `and` with a number leaves,
 * and what `cmp` with a number and `ja` to the decoy's end let pass. With these ranges each access to memory
 * must lie in one pad, DEAD_BYTES from both ends. An instruction or a jump that no decoy has is no proof.
 *
 * Besides, no jump leads into the middle of a decoy; pads lie in the zeros of the image, under rights to write
 * and not to execute, share no byte with another variable, and no other instruction names them.
 *
 * Not seen: code that reaches a pad through a pointer, as by an overflow of what lies beside it; whether decoys
 * look like anything to anybody. Whoever has control of the processor can jump to a decoy's last instruction.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEAD_BYTES = 16, /* pass.c */
	/*
	 * One of eight larger functions has a decoy (pass.c, FEW_SHARE): with so many of them none has
	 * once in 2^24 images. With fewer there may be nothing to see.
	 */
	LARGE_BYTES = 128,
	LARGE_LEAST = 128,
};

static const char pad_name[] = "uk_chaff_pad";

struct pad {
	uint64_t addr, size;
};
struct pads {
	struct pad *v;
	size_t len, cap;
};

/* One record of the section. */
struct decoy {
	uint64_t addr, size;
};
struct decoys {
	const struct decoy *v; /* sorted by address */
	size_t len;
};

struct range {
	bool is_known;
	uint64_t least, most;
};

struct run {
	const struct pads *pads;
	const struct decoy *decoy;
	struct range regs[REG_COUNT];
	int compared; /* with `limit` by the instruction before, or REG_NONE */
	uint64_t limit;
	bool has_overflow; /* it has the write that it is made for */
};

static int compare_decoys(const void *x, const void *y)
{
	const struct decoy *a = x, *b = y;

	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

/* False when the section is not a sequence of records. */
static bool read_decoys(struct arena *a, const struct elf_section *s, struct decoys *ret)
{
	struct decoy *v;

	*ret = (struct decoys){0};
	if (!s || !s->data || s->size % sizeof(*v))
		return !s || s->size == 0;
	v = (void *)arena_memdup(a, s->data, s->size);
	ret->len = s->size / sizeof(*v);
	qsort(v, ret->len, sizeof(*v), compare_decoys);
	ret->v = v;
	return true;
}

static void find_pads(struct arena *a, const struct elf *e, struct pads *ret)
{
	for (size_t i = 0; i < e->symbols_len; i++) {
		const struct elf_symbol *s = &e->symbols[i];

		if (s->type == STT_OBJECT && str_starts(s->name, pad_name))
			vec_push(a, ret, (struct pad){s->value, s->size});
	}
}

static const struct pad *pad_at(const struct pads *pads, uint64_t addr)
{
	for (size_t i = 0; i < pads->len; i++)
		if (addr - pads->v[i].addr < pads->v[i].size)
			return &pads->v[i];
	return NULL;
}

static bool is_fixed(const struct range *r)
{
	return r->is_known && r->least == r->most;
}

static const char *check_access(struct run *r, const struct insn *i)
{
	struct range index = {.is_known = true};
	const struct pad *pad;
	uint64_t base;

	if (i->mem_base == REG_NONE || !is_fixed(&r->regs[i->mem_base]))
		return "reaches memory that it does not name";
	base = r->regs[i->mem_base].least;
	if (i->mem_has_index && i->mem_index != REG_NONE)
		index = r->regs[i->mem_index];
	if (!index.is_known || (i->mem_has_index && i->mem_index == REG_NONE))
		return "has an index without a bound";
	pad = pad_at(r->pads, base);
	if (!pad)
		return "reaches memory that is no pad";
	/* The last byte: a limit has 32 bits, so nothing here runs over. */
	base += (uint64_t)i->mem_disp;
	if (base + index.least * i->mem_scale < pad->addr + DEAD_BYTES ||
	    base + index.most * i->mem_scale + i->mem_bytes > pad->addr + pad->size - DEAD_BYTES ||
	    pad->size < 2 * (uint64_t)DEAD_BYTES)
		return "reaches beyond its pad";
	r->has_overflow |= i->writes_memory && index.least != index.most;
	return NULL;
}

/* Not "rep stos" or another that reaches more than its operand says. */
static bool is_of_a_decoy(const struct insn *i)
{
	static const char *const known[] = {"lea", "mov", "and", "add", "inc", "cmp"};

	for (size_t k = 0; k < ARRAY_LEN(known); k++)
		if (str_eq(i->mnemonic, known[k]))
			return (i->dst != REG_NONE || i->has_memory) &&
			       !(i->writes & 1u << REG_RSP);
	return false;
}

/* REX.W: the operands have 64 bits (Intel SDM vol. 2, 2.2.1.2). */
static bool is_wide(const uint8_t *bytes)
{
	return (*bytes & 0xf8) == 0x48;
}

static void follow(struct run *r, const struct insn *i, const uint8_t *bytes)
{
	for (int k = 0; k < REG_COUNT; k++)
		if (i->writes >> k & 1)
			r->regs[k].is_known = false;
	if (str_eq(i->mnemonic, "lea") && i->memory && is_wide(bytes))
		r->regs[i->dst] = (struct range){true, i->memory, i->memory};
	else if (i->effect == EFFECT_ALIGN && i->imm >= 0)
		r->regs[i->dst] = (struct range){true, 0, (uint64_t)i->imm};
	r->compared = REG_NONE;
	if (str_eq(i->mnemonic, "cmp") && !i->has_memory && i->src == REG_NONE && i->imm >= 0 &&
	    is_wide(bytes)) {
		r->compared = i->dst;
		r->limit = (uint64_t)i->imm;
	}
}

static const char *step(struct run *r, const struct insn *i, const uint8_t *bytes)
{
	const uint64_t end = r->decoy->addr + r->decoy->size;
	const char *problem;

	if (i->kind == INSN_JUMP_COND && i->target == end) {
		if (r->compared != REG_NONE && str_eq(i->mnemonic, "ja"))
			r->regs[r->compared] = (struct range){true, 0, r->limit};
		r->compared = REG_NONE;
		return NULL;
	}
	if (i->kind != INSN_OTHER || !is_of_a_decoy(i))
		return "has an instruction that no decoy has";
	problem = i->has_memory ? check_access(r, i) : NULL;
	follow(r, i, bytes);
	return problem;
}

/* What is wrong with a decoy, or NULL: it writes to its pad, by an index, and to nothing else. */
static const char *prove(const struct code *c, const struct pads *pads, const struct decoy *d)
{
	const uint8_t *bytes = elf_at(&c->image->stripped, d->addr, d->size);
	struct run r = {.pads = pads, .decoy = d, .compared = REG_NONE};
	const char *problem = NULL;
	struct insn i;

	for (size_t at = 0; bytes && at < d->size && !problem; at += i.size) {
		if (!disasm_one(c->disasm, bytes + at, d->size - at, d->addr + at, &i))
			return "cannot be read as instructions";
		problem = step(&r, &i, bytes + at);
	}
	return problem || r.has_overflow ? problem : "does not write to a pad";
}

/* The decoy whose bytes hold addr, or NULL. */
static const struct decoy *decoy_at(const struct decoys *all, uint64_t addr)
{
	size_t low = 0, high = all->len;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (all->v[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && addr - all->v[low - 1].addr < all->v[low - 1].size ? &all->v[low - 1] : NULL;
}

/* What is wrong with instruction i, which may be of a decoy or of the program. */
static const char *check_other(const struct decoys *all, const struct pads *pads,
			       const struct insn *i)
{
	const struct decoy *to = i->target ? decoy_at(all, i->target) : NULL;

	if (to && to->addr != i->target)
		return "jumps into the middle of a decoy";
	if (i->memory && pad_at(pads, i->memory) && !decoy_at(all, i->addr))
		return "uses a pad";
	return NULL;
}

static void check_function(struct arena *a, const struct code *c, const struct image_func *f,
			   const struct decoys *all, const struct pads *pads, struct verdict *v)
{
	struct code_insns insns;

	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len && !v->problem; i++) {
		const char *problem = check_other(all, pads, &insns.v[i]);

		if (problem)
			v->problem = arena_printf(a, "'%s' (%s) %s at +0x%llx", f->name, f->object,
						  problem,
						  (unsigned long long)(insns.v[i].addr - f->addr));
	}
}

static bool is_plain_data(const struct elf *e, const struct pad *p)
{
	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type == PT_LOAD && p->addr >= s->vaddr + s->filesz &&
		    p->addr + p->size <= s->vaddr + s->memsz)
			return (s->flags & (PF_W | PF_X)) == PF_W;
	}
	return false;
}

static bool is_alone(const struct elf *e, const struct pad *p)
{
	for (size_t i = 0; i < e->symbols_len; i++) {
		const struct elf_symbol *s = &e->symbols[i];
		const bool is_it = s->value == p->addr && str_starts(s->name, pad_name);

		if (!is_it && s->type == STT_OBJECT && s->value < p->addr + p->size &&
		    s->value + s->size > p->addr)
			return false;
	}
	return true;
}

static const char *check_pads(const struct image *img, const struct pads *pads)
{
	for (size_t i = 0; i < pads->len; i++) {
		if (!is_plain_data(&img->stripped, &pads->v[i]))
			return "a pad is not in the zeros of the image, or can be executed";
		if (!is_alone(&img->sidecar, &pads->v[i]))
			return "a pad shares bytes with a variable";
	}
	return NULL;
}

static void prove_all(const struct code *c, const struct decoys *all, const struct pads *pads,
		      struct verdict *v)
{
	for (size_t i = 0; i < all->len; i++) {
		const struct decoy *d = &all->v[i];
		const struct image_func *f = image_func_at(c->image, d->addr);
		const char *problem = f ? prove(c, pads, d) : "is in no function";

		v->total++;
		if (!problem)
			v->covered++;
		else if (!v->problem)
			v->problem = arena_printf(c->arena, "the decoy in '%s' (%s) at +0x%llx %s",
						  f ? f->name : "?", f ? f->object : "?",
						  (unsigned long long)(f ? d->addr - f->addr : 0),
						  problem);
	}
}

/* Functions with a decoy; *ret_more: of these, with more than one. */
static size_t count_functions(const struct image *img, const struct decoys *all, size_t *ret_more)
{
	const struct image_func *last = NULL;
	size_t n = 0, here = 0;

	*ret_more = 0;
	for (size_t i = 0; i < all->len; i++) {
		const struct image_func *f = image_func_at(img, all->v[i].addr);

		here = f == last ? here + 1 : 1;
		n += here == 1;
		*ret_more += here == 2;
		last = f;
	}
	return n;
}

static size_t count_large(const struct image *img)
{
	size_t n = 0;

	for (size_t i = 0; i < img->funcs_len; i++) {
		const struct image_func *f = &img->funcs[i];

		n += !f->is_asm && !f->is_boot && f->object[0] != '\0' && f->size >= LARGE_BYTES;
	}
	return n;
}

static void say_decoys(struct arena *a, const struct decoys *all, const struct pads *pads,
		       size_t functions, struct verdict *v)
{
	uint64_t code = 0, data = 0;

	for (size_t i = 0; i < all->len; i++)
		code += all->v[i].size;
	for (size_t i = 0; i < pads->len; i++)
		data += pads->v[i].size;
	strs_pushf(a, &v->facts,
		   "%zu decoys in %zu functions: %llu bytes of code, %llu bytes of pads", all->len,
		   functions, (unsigned long long)code, (unsigned long long)data);
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct decoys all;
	struct pads pads = {0};
	size_t functions, more;

	if (!read_decoys(c->arena, elf_find_section(&img->sidecar, ".chaff"), &all))
		v->problem = "the records of decoys are not whole";
	v->is_vacuous = !v->problem && all.len == 0 && count_large(img) < LARGE_LEAST;
	if (all.len == 0 && !v->problem)
		return;
	find_pads(c->arena, &img->sidecar, &pads);
	functions = count_functions(img, &all, &more);
	prove_all(c, &all, &pads, v);
	if (!v->problem)
		v->problem = check_pads(img, &pads);
	for (size_t i = 0; i < img->funcs_len && !v->problem; i++)
		check_function(c->arena, c, &img->funcs[i], &all, &pads, v);
	say_decoys(c->arena, &all, &pads, functions, v);
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
	v->level = more > functions / 2 ? "many" : "few";
}

extern const struct mechanism mech_chaff;
const struct mechanism mech_chaff = {.name = "chaff", .what = "decoys", .verify = verify};
