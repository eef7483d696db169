/* SPDX-License-Identifier: BSD-2-Clause */
#include "pointers.h"

#include "base/arena.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* Words that one bitmap of packed relocations covers (gABI, SHT_RELR). */
#define RELR_BITS 63

struct range {
	uint64_t start, end;
};

static bool bounds(const struct image *img, const char *start, const char *end, struct range *ret)
{
	return image_symbol(img, start, &ret->start) && image_symbol(img, end, &ret->end) &&
	       ret->start < ret->end;
}

static void add_word(struct arena *a, const struct image *img, const struct range *text,
		     uint64_t place, struct pointers *ret)
{
	const uint8_t *p = elf_at(&img->stripped, place, sizeof(uint64_t));
	uint64_t word;

	if (!p)
		return;
	memcpy(&word, p, sizeof(word));
	if (word >= text->start && word < text->end)
		vec_push(a, ret, word);
}

/* An even entry is a place, an odd one says which of the next words are: gABI, SHT_RELR. */
static void add_relocated(struct arena *a, const struct image *img, const struct range *text,
			  const struct range *relr, struct pointers *ret)
{
	uint64_t place = 0;

	for (uint64_t at = relr->start; at + sizeof(uint64_t) <= relr->end;
	     at += sizeof(uint64_t)) {
		const uint8_t *p = elf_at(&img->stripped, at, sizeof(uint64_t));
		uint64_t entry;

		if (!p)
			return;
		memcpy(&entry, p, sizeof(entry));
		if (!(entry & 1)) {
			add_word(a, img, text, entry, ret);
			place = entry + sizeof(uint64_t);
			continue;
		}
		for (unsigned int i = 0; i < RELR_BITS; i++)
			if (entry >> (i + 1) & 1)
				add_word(a, img, text, place + i * sizeof(uint64_t), ret);
		place += RELR_BITS * sizeof(uint64_t);
	}
}

static void add_all(struct arena *a, const struct image *img, struct pointers *ret)
{
	const struct elf *e = &img->stripped;

	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type != PT_LOAD || s->flags & PF_X)
			continue;
		for (uint64_t at = 0; at + sizeof(uint64_t) <= s->filesz; at += sizeof(uint64_t)) {
			uint64_t word;

			memcpy(&word, e->bytes + s->offset + at, sizeof(word));
			if (image_func_at(img, word))
				vec_push(a, ret, word);
		}
	}
}

static int compare_words(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

struct pointers image_pointers(struct arena *a, const struct image *img)
{
	struct pointers ret = {0};
	struct range relr, text;

	ret.is_exact = bounds(img, "__relr_start", "__relr_end", &relr) &&
		       bounds(img, "__text_start", "__text_end", &text);
	if (ret.is_exact)
		add_relocated(a, img, &text, &relr, &ret);
	else
		add_all(a, img, &ret);
	if (ret.len)
		qsort(ret.v, ret.len, sizeof(*ret.v), compare_words);
	return ret;
}

bool pointers_have(const struct pointers *p, uint64_t addr)
{
	size_t low = 0, high = p->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->v[mid] < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->len && p->v[low] == addr;
}
