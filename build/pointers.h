/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of an image's data that point into its text: what a call through memory can reach. */
#ifndef UKB_POINTERS_H
#define UKB_POINTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct image;

struct pointers {
	uint64_t *v; /* sorted */
	size_t len, cap;
	/*
	 * The image moves: these are the words that its relocations change, and no others. Else every word
	 * of data that could be an address in a function is here, numbers that look like one too.
	 */
	bool is_exact;
};

struct pointers image_pointers(struct arena *a, const struct image *img);
bool pointers_have(const struct pointers *p, uint64_t addr);

#endif
