/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do the arrays of each function lie in one block, at drawn places? The pass leaves records in the sidecar
 * (pass.c: record_text): a place in the code, the block as the code generator addresses it there, and the
 * offset and size of each array. A record is a claim; what counts is what the code does with the frame:
 *
 *   - the block lies inside of the frame of the function that has the record;
 *   - an instruction addresses one of its arrays;
 *   - none reads or writes a gap, nor forms an address in one. The address of the block itself is none: the
 *     compiler may add the rest later;
 *   - none reaches the frame with an index register outside of the block: that would be an array elsewhere.
 *     Addresses, with an index or without, may lie a few bytes beside: of a[i - 1] the compiler takes the 1 out.
 *
 * Counted are functions in C outside the boot that have a record or reach their own frame with an index
 * register. Besides, the gaps of an image with enough blocks differ from block to block.
 *
 * Not seen: an array outside of any block that is reached by a pointer only.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "frame.h"
#include "harden.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* With so many blocks all first gaps are alike by chance once in 2^28 images: 16 steps each. */
	BLOCKS_MIN = 8,
	/* What the compiler takes out of an index, in bytes. */
	BESIDE_BYTES = 16,
};

struct slot {
	uint32_t offset, bytes;
};

/* One record of the section. */
struct block {
	uint64_t addr; /* of the code that it was written for */
	uint32_t bytes, slots_len;
	const uint8_t *slots; /* pairs of 32-bit numbers */
	const char *place;    /* "48(%rsp)" */
};
struct blocks {
	struct block *v;
	size_t len, cap;
};

struct look {
	struct code_insns f;
	const struct frame_regs *regs;
	const struct block **own; /* records of this function */
	int64_t *at;              /* parallel: where the block begins, as frame.h counts */
	size_t own_len;
	bool *is_used; /* parallel: an instruction addresses an array of it */
};

static struct slot slot_of(const struct block *b, size_t i)
{
	struct slot s;

	memcpy(&s, b->slots + i * sizeof(s), sizeof(s));
	return s;
}

static bool is_well_formed(const struct block *b)
{
	uint64_t end = 0;

	for (size_t i = 0; i < b->slots_len; i++) {
		const struct slot s = slot_of(b, i);

		if (s.bytes == 0 || s.offset < end)
			return false;
		end = (uint64_t)s.offset + s.bytes;
	}
	return b->slots_len > 0 && end <= b->bytes;
}

/* False when the section is not a sequence of records. */
static bool read_blocks(struct arena *a, const struct elf_section *s, struct blocks *ret)
{
	const uint8_t *p = s->data, *end = s->data + s->size;
	const size_t head = sizeof(uint64_t) + 2 * sizeof(uint32_t);

	while (p < end) {
		struct block b;
		const uint8_t *zero;

		if ((size_t)(end - p) < head)
			return false;
		memcpy(&b.addr, p, sizeof(b.addr));
		memcpy(&b.bytes, p + 8, sizeof(b.bytes));
		memcpy(&b.slots_len, p + 12, sizeof(b.slots_len));
		p += head;
		if (b.slots_len > (size_t)(end - p) / sizeof(struct slot))
			return false;
		b.slots = p;
		p += b.slots_len * sizeof(struct slot);
		zero = memchr(p, '\0', (size_t)(end - p));
		if (!zero || !is_well_formed(&b))
			return false;
		b.place = (const char *)p;
		p = zero + 1;
		vec_push(a, ret, b);
	}
	return true;
}

/* The value of "48(%rsp)" before an instruction, or FRAME_UNKNOWN. */
static int64_t place_of(const char *text, const struct frame_regs *r)
{
	static const struct {
		const char *text;
		int reg;
	} bases[] = {{"(%rsp)", REG_RSP}, {"(%rbp)", REG_RBP}, {"(%rbx)", REG_RBX}};
	char *end;
	const int64_t disp = strtoll(text, &end, 10);

	for (size_t i = 0; i < ARRAY_LEN(bases); i++)
		if (str_eq(end, bases[i].text) && r->is_reached &&
		    r->at[bases[i].reg] != FRAME_UNKNOWN)
			return r->at[bases[i].reg] + disp;
	return FRAME_UNKNOWN;
}

enum where {
	OUTSIDE,
	IN_GAP,
	IN_SLOT,
};

/* Where the slot with offset `at` ends, with so many bytes beside it; `at` when there is none. */
static int64_t end_of_slot(const struct block *b, int64_t at, int64_t beside)
{
	for (size_t k = 0; k < b->slots_len; k++) {
		const struct slot s = slot_of(b, k);
		const int64_t end = (int64_t)s.offset + s.bytes + beside;

		if (at >= s.offset - beside && at < end)
			return end;
	}
	return at;
}

/* Where bytes from `at` on lie in the block. A pointer is one byte, and may stand beside an array. */
static enum where where_is(const struct look *l, size_t i, int64_t at, uint32_t bytes,
			   bool is_pointer)
{
	const struct block *b = l->own[i];
	const int64_t from = at - l->at[i], beside = is_pointer ? BESIDE_BYTES : 0;

	if (from + bytes <= 0 || from >= b->bytes)
		return OUTSIDE;
	if (is_pointer && from == 0 && slot_of(b, 0).offset)
		return OUTSIDE;
	/* One store may clear two slots that have no gap between them. */
	for (int64_t next = from, end; next < from + bytes; next = end) {
		end = end_of_slot(b, next, beside);
		if (end == next)
			return IN_GAP;
	}
	return IN_SLOT;
}

/* lock orl $0, (%rsp): a barrier, which leaves the word as it is (musl, arch/x86_64/atomic_arch.h). */
static bool is_barrier(const struct code *c, const struct insn *i)
{
	static const uint8_t barrier[] = {0xf0, 0x83, 0x0c, 0x24, 0x00};
	const uint8_t *p = elf_at(&c->image->stripped, i->addr, sizeof(barrier));

	return p && memcmp(p, barrier, sizeof(barrier)) == 0;
}

/*
 * guard's probe of a page that the frame has just grown by: sub $N, %rsp; movq $0, (%rsp). It happens before the frame
 * holds anything.
 */
static bool is_probe(const struct look *l, size_t at)
{
	return at > 0 && l->f.v[at].touches_stack_page && l->f.v[at - 1].sub_rsp;
}

/* What the instruction at `at` does to the frame at a fixed place: its address, or FRAME_UNKNOWN. */
static int64_t touched(const struct look *l, size_t at, uint32_t *ret_bytes, bool *ret_is_pointer)
{
	const struct insn *i = &l->f.v[at];
	const struct frame_regs *r = &l->regs[at];

	*ret_is_pointer = !i->has_memory;
	*ret_bytes = i->has_memory && i->mem_bytes ? i->mem_bytes : 1;
	if (i->kind == INSN_CALL || i->kind == INSN_CALL_INDIRECT || i->is_push)
		return FRAME_UNKNOWN;
	if (i->has_memory || i->effect == EFFECT_ADDRESS)
		return i->dst == REG_RSP && i->effect == EFFECT_ADDRESS ? FRAME_UNKNOWN
									: frame_operand(r, i);
	if (i->effect == EFFECT_COPY && i->src == REG_RSP && i->dst != REG_RBP)
		return r->at[REG_RSP];
	return FRAME_UNKNOWN;
}

/* The frame that the instruction reaches with an index register: where its base points. */
static int64_t indexed(const struct look *l, size_t at)
{
	const struct insn *i = &l->f.v[at];
	const struct frame_regs *r = &l->regs[at];
	int64_t base;

	if (!i->has_memory || !i->mem_has_index || i->mem_base == REG_NONE)
		return FRAME_UNKNOWN;
	base = r->at[i->mem_base];
	/* Arguments on the stack lie above. */
	return base == FRAME_UNKNOWN || base + i->mem_disp >= 0 ||
			       r->at[REG_RSP] == FRAME_UNKNOWN || frame_argument_of(base) >= 0
		       ? FRAME_UNKNOWN
		       : base + i->mem_disp;
}

static const char *check_fixed(struct look *l, size_t at)
{
	uint32_t bytes;
	bool is_pointer;
	const int64_t to = touched(l, at, &bytes, &is_pointer);

	for (size_t i = 0; i < l->own_len && to != FRAME_UNKNOWN; i++) {
		const enum where where = where_is(l, i, to, bytes, is_pointer);

		if (where == IN_GAP)
			return "uses what its record says is a gap";
		l->is_used[i] |= where == IN_SLOT;
	}
	return NULL;
}

static const char *check_indexed(struct look *l, size_t at)
{
	const int64_t to = indexed(l, at);
	bool is_inside = to == FRAME_UNKNOWN;

	for (size_t i = 0; i < l->own_len && to != FRAME_UNKNOWN; i++) {
		const bool is_here = to >= l->at[i] - BESIDE_BYTES &&
				     to < l->at[i] + l->own[i]->bytes + BESIDE_BYTES;

		is_inside |= is_here;
		l->is_used[i] |= is_here;
	}
	return is_inside ? NULL : "has an array outside of its block";
}

/* The block of record i must lie in what the function takes from the stack. */
static const char *check_place(struct look *l, size_t i)
{
	const size_t at = code_index(&l->f, l->own[i]->addr);
	const struct frame_regs *r = at == SIZE_MAX ? NULL : &l->regs[at];

	l->at[i] = r ? place_of(l->own[i]->place, r) : FRAME_UNKNOWN;
	if (l->at[i] == FRAME_UNKNOWN)
		return "has a block that its code does not place";
	if (l->at[i] < r->at[REG_RSP] || l->at[i] + l->own[i]->bytes > 0)
		return "has a block that is not in its frame";
	return NULL;
}

/* What is wrong with function f, or NULL. *ret_counts: it belongs to the total. */
static const char *examine(const struct code *c, const struct image_func *func,
			   const struct blocks *all, bool *ret_counts)
{
	struct look l = {.own_len = 0};
	const char *problem = NULL;

	code_function(c, func, &l.f);
	l.own = arena_array(c->arena, all->len, sizeof(*l.own));
	l.at = arena_array(c->arena, all->len, sizeof(*l.at));
	l.is_used = arena_array(c->arena, all->len, sizeof(*l.is_used));
	for (size_t i = 0; i < all->len; i++)
		if (all->v[i].addr >= func->addr && all->v[i].addr < func->addr + func->size)
			l.own[l.own_len++] = &all->v[i];
	l.regs = frame_regs(c, &l.f, code_table_targets(c, &l.f));
	for (size_t i = 0; i < l.own_len && !problem; i++)
		problem = check_place(&l, i);
	*ret_counts = l.own_len > 0;
	for (size_t at = 0; at < l.f.len && !problem; at++) {
		if (!l.regs[at].is_reached)
			continue;
		*ret_counts |= indexed(&l, at) != FRAME_UNKNOWN;
		problem =
			is_barrier(c, &l.f.v[at]) || is_probe(&l, at) ? NULL : check_fixed(&l, at);
		if (!problem)
			problem = check_indexed(&l, at);
	}
	for (size_t i = 0; i < l.own_len && !problem; i++)
		if (!l.is_used[i])
			problem = "does not use its block";
	return problem;
}

static void look_at(struct arena *a, const struct code *c, const struct blocks *all,
		    struct verdict *v)
{
	struct code own = *c;

	for (size_t i = 0; i < c->image->funcs_len; i++) {
		const struct image_func *f = &c->image->funcs[i];
		const char *problem;
		bool counts;

		if (f->is_asm || f->is_boot || f->object[0] == '\0')
			continue;
		own.arena = arena_new();
		problem = examine(&own, f, all, &counts);
		arena_free(own.arena);
		if (!counts)
			continue;
		code_count(a, f, "stackshuffle", problem, v);
	}
}

static void say_gaps(struct arena *a, const struct blocks *all, struct verdict *v)
{
	uint64_t bytes = 0, arrays = 0;
	size_t slots = 0;

	for (size_t i = 0; i < all->len; i++) {
		bytes += all->v[i].bytes;
		slots += all->v[i].slots_len;
		for (size_t k = 0; k < all->v[i].slots_len; k++)
			arrays += slot_of(&all->v[i], k).bytes;
	}
	strs_pushf(a, &v->facts,
		   "%zu arrays in %zu blocks, %llu bytes of gaps in a frame on average", slots,
		   all->len, (unsigned long long)((bytes - arrays) / all->len));
}

static bool is_drawn(const struct blocks *all)
{
	for (size_t i = 1; i < all->len; i++)
		if (slot_of(&all->v[i], 0).offset != slot_of(&all->v[0], 0).offset)
			return true;
	return all->len < BLOCKS_MIN;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	const struct elf_section *s;
	struct blocks all = {0};
	bool is_whole;

	s = elf_find_section(&img->sidecar, ".stackshuffle");
	is_whole = !s || !s->data || read_blocks(a, s, &all);
	look_at(a, c, &all, v);
	v->is_vacuous = v->total == 0;
	if (all.len == 0 && is_whole) {
		*v = (struct verdict){.state = VERDICT_OFF,
				      .is_vacuous = v->is_vacuous,
				      .what = v->what,
				      .total = v->total};
		return;
	}
	if (!is_whole)
		v->problem = "the records of blocks are not whole";
	else if (!is_drawn(&all))
		v->problem = "all blocks begin with the same gap";
	if (all.len)
		say_gaps(a, &all, v);
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
	v->level = "on";
}

extern const struct mechanism mech_stackshuffle;
const struct mechanism mech_stackshuffle = {
	.name = "stackshuffle", .what = "functions in C with arrays", .verify = verify};
