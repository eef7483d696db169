/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions, each from the finished file:
 *   - boot code calls the mechanism's layout function, which asks;
 *   - the boot ends by loading its tables;
 *   - the read-only part begins and ends where a page does, so that no other data shares its pages;
 *   - every piece of relocated constants and of data for the boot alone lies in it.
 * Pointers to code in data are counted on both sides: those that the program changes itself cannot be
 * among the read-only ones, so that is a fact and no condition.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdint.h>
#include <string.h>

#define PAGE_BYTES 4096
#define POINTER_BYTES 8

struct part {
	uint64_t start, end;
};

static bool is_inside(const struct part *p, uint64_t addr)
{
	return addr >= p->start && addr < p->end;
}

static bool is_for_boot_alone(const char *section)
{
	static const char *const prefixes[] = {".data.rel.ro", ".roinit", ".bss.roinit",
					       ".init_array", ".fini_array"};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(section, prefixes[i]))
			return true;
	return false;
}

/* The first piece that should be read-only and is not, or NULL. */
static const char *misplaced(struct arena *a, const struct image *img, const struct part *part)
{
	for (size_t i = 0; i < img->pieces_len; i++) {
		const struct image_piece *p = &img->pieces[i];

		if (p->size && is_for_boot_alone(p->section) && !is_inside(part, p->addr))
			return arena_printf(a, "'%s' of '%s' can be written after the boot",
					    p->section, p->object);
	}
	return NULL;
}

static const struct image_piece *piece_at(const struct image *img, uint64_t addr)
{
	for (size_t i = 0; i < img->pieces_len; i++)
		if (addr >= img->pieces[i].addr && addr - img->pieces[i].addr < img->pieces[i].size)
			return &img->pieces[i];
	return NULL;
}

/* Aligned words of data segments that are the address of a function. */
static void count_pointers(struct arena *a, const struct image *img, const struct part *part,
			   struct verdict *v)
{
	const struct elf *e = &img->stripped;
	size_t sealed = 0, writable = 0;
	struct strs places = {0};

	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type != PT_LOAD || (s->flags & (PF_W | PF_X)) != PF_W)
			continue;
		for (uint64_t at = 0; at + POINTER_BYTES <= s->filesz; at += POINTER_BYTES) {
			const struct image_func *f;
			const struct image_piece *p;
			uint64_t word;

			memcpy(&word, e->bytes + s->offset + at, sizeof(word));
			f = image_func_at(img, word);
			if (!f || f->addr != word || f->is_boot || s->vaddr + at < part->start)
				continue;
			if (is_inside(part, s->vaddr + at)) {
				sealed++;
				continue;
			}
			writable++;
			p = piece_at(img, s->vaddr + at);
			strs_add(a, &places, p ? p->object : "?");
		}
	}
	strs_pushf(a, &v->facts, "pointers to functions in data: %zu sealed, %zu writable%s%s",
		   sealed, writable, places.len ? " in " : "",
		   places.len ? strs_join(a, &places, ", ") : "");
}

static void check(struct verdict *v, bool holds, const char *problem)
{
	v->total++;
	v->covered += holds;
	if (!holds && !v->problem)
		v->problem = problem;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	const char *problem;
	struct part part;

	if (!image_func_named(img, "uk_relro_layout") ||
	    !image_symbol(img, "__roinit_start", &part.start) ||
	    !image_symbol(img, "__data_start", &part.end))
		return;
	check(v, code_asks_layout(c, "uk_relro_layout", 1), "the boot does not ask for it");
	check(v, code_ends_boot_with_tables(c), "the boot does not end by loading its page tables");
	check(v, part.start % PAGE_BYTES == 0 && part.end % PAGE_BYTES == 0,
	      "the read-only part shares a page with other data");
	problem = misplaced(a, img, &part);
	check(v, !problem, problem);
	count_pointers(a, img, &part, v);
	v->level = "on";
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
}

extern const struct mechanism mech_relro;
const struct mechanism mech_relro = {.name = "relro", .what = "conditions", .verify = verify};
