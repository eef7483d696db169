/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the order of members drawn? <uk/shuffled.h> leaves a record in the sidecar for each structure that is marked
 * and each source that sees it: the offsets of its members in the order in which they are declared, as the
 * compiler has them there. Each such source also records one structure that all have, the witness. Checked are
 * - code that boots: uk_structlayout_witness() numbers the members of the witness, not in the order of their places;
 * - each source: its witness has the same order as that code, so it was compiled with the same seed;
 * - each structure: all sources that record it have the same offsets.
 *
 * That code of the other sources uses the offsets that their compiler recorded is the compiler's word. A structure
 * that is marked and not recorded is not seen, nor is a source that does not include the header: of structures
 * that have only pointers to functions there is no trace.
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
	WITNESSES = 12, /* members of struct uk_shuffled_witness */
	MEMBERS_MAX = 4096,
};
static const char witness_tag[] = "uk_shuffled_witness";

/* One record, see UK_SHUFFLED_RECORD. */
struct record {
	const uint8_t *offsets; /* uint32_t each, in the file's byte order; not aligned */
	uint32_t count;
	const char *source, *tag;
};
struct records {
	struct record *v;
	size_t len, cap;
};

static uint32_t read_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The next record of the section from at on, or 0 bytes when there is none that is whole. */
static size_t read_record(const uint8_t *p, size_t len, struct record *ret)
{
	uint32_t bytes, count;
	const char *names, *end;

	if (len < 8)
		return 0;
	bytes = read_u32(p);
	count = read_u32(p + 4);
	if (bytes > len || count > MEMBERS_MAX || bytes < 8 + 4 * (size_t)count + 2)
		return 0;
	names = (const char *)p + 8 + 4 * (size_t)count;
	end = (const char *)p + bytes;
	ret->offsets = p + 8;
	ret->count = count;
	ret->source = names;
	ret->tag = memchr(names, '\0', (size_t)(end - names));
	if (!ret->tag || ++ret->tag == end || !memchr(ret->tag, '\0', (size_t)(end - ret->tag)))
		return 0;
	return bytes;
}

/* False: the section has something else than whole records. */
static bool read_records(struct arena *a, const struct elf_section *s, struct records *ret)
{
	size_t at = 0;

	while (s && s->data && at + 4 <= s->size) {
		struct record r;
		size_t bytes = read_record(s->data + at, s->size - at, &r);

		if (!bytes)
			return false;
		vec_push(a, ret, r);
		at = (at + bytes + 3) & ~(size_t)3;
	}
	return true;
}

static bool is_same_order(const struct record *x, const struct record *y)
{
	return x->count == y->count && memcmp(x->offsets, y->offsets, 4 * (size_t)x->count) == 0;
}

static bool is_declared_order(const struct record *r)
{
	for (uint32_t i = 1; i < r->count; i++)
		if (read_u32(r->offsets + 4 * (size_t)i) <
		    read_u32(r->offsets + 4 * (size_t)(i - 1)))
			return false;
	return true;
}

static const struct record *find(const struct records *all, const char *source, const char *tag)
{
	for (size_t i = 0; i < all->len; i++)
		if (str_eq(all->v[i].tag, tag) && (!source || str_eq(all->v[i].source, source)))
			return &all->v[i];
	return NULL;
}

/* The places that the code gives the numbers 1 to WITNESSES, from the lowest on; false when it does not. */
static bool read_code(const struct code *c, uint64_t ret[WITNESSES])
{
	const struct image_func *func = image_func_named(c->image, "uk_structlayout_witness");
	struct code_insns f = {0};
	uint64_t low = UINT64_MAX;
	unsigned seen = 0;

	if (func)
		code_function(c, func, &f);
	for (size_t i = 0; i < f.len; i++) {
		const struct insn *n = &f.v[i];

		if (!n->stores_number || n->number < 1 || n->number > WITNESSES)
			continue;
		ret[n->number - 1] = n->memory;
		seen |= 1u << (n->number - 1);
		low = n->memory < low ? n->memory : low;
	}
	for (size_t i = 0; i < WITNESSES; i++)
		ret[i] -= low;
	return seen == (1u << WITNESSES) - 1;
}

static bool is_rising(const uint64_t places[WITNESSES])
{
	for (size_t i = 1; i < WITNESSES; i++)
		if (places[i] < places[i - 1])
			return false;
	return true;
}

static bool is_code_order(const uint64_t places[WITNESSES], const struct record *r)
{
	for (uint32_t i = 0; i < WITNESSES; i++)
		if (r->count != WITNESSES || read_u32(r->offsets + 4 * (size_t)i) != places[i])
			return false;
	return true;
}

/* What is wrong with a record, or NULL. */
static const char *judge(struct arena *a, const struct records *all, const struct record *r,
			 const uint64_t places[WITNESSES])
{
	const struct record *own = find(all, r->source, witness_tag),
			    *first = find(all, NULL, r->tag);

	if (!own || !is_code_order(places, own))
		return arena_printf(a, "'%s' has another order of members than the code that boots",
				    r->source);
	if (!is_same_order(first, r))
		return arena_printf(a, "'%s' and '%s' do not agree on the order of '%s'",
				    first->source, r->source, r->tag);
	return NULL;
}

static void count(struct arena *a, const struct records *all, const uint64_t places[WITNESSES],
		  struct verdict *v)
{
	struct strs sources = {0}, drawn = {0};

	for (size_t i = 0; i < all->len; i++) {
		const struct record *r = &all->v[i];
		const char *problem = judge(a, all, r, places);

		v->total++;
		v->covered += !problem;
		if (problem && !v->problem)
			v->problem = problem;
		strs_add(a, &sources, r->source);
		if (!str_eq(r->tag, witness_tag) && !is_declared_order(r))
			strs_add(a, &drawn, r->tag);
	}
	strs_pushf(a, &v->facts, "%zu sources, one order; not as declared: %s", sources.len,
		   drawn.len ? strs_join(a, &drawn, " ") : "only the witness");
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	uint64_t places[WITNESSES] = {0};
	struct records all = {0};
	bool is_whole;

	is_whole = read_records(a, elf_find_section(&img->sidecar, ".ukshuffled"), &all);
	if (read_code(c, places)) {
		count(a, &all, places, v);
		v->level = "on";
		if (!is_whole)
			v->problem = "what the sidecar says of structures is damaged";
		v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
		if (is_rising(places)) {
			v->state = VERDICT_OFF;
			v->problem = NULL;
		}
	}
}

extern const struct mechanism mech_structlayout;
const struct mechanism mech_structlayout = {
	.name = "structlayout", .what = "records of structures", .verify = verify};
