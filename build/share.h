/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What images of one program have in common: how many places (a function or a gadget at an address)
 * hold in two of them, in all, in how many at most. Knows nothing of how the images came about.
 */
#ifndef UKB_SHARE_H
#define UKB_SHARE_H

#include "base/json.h"
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Something at an address; id stands for what it is: the same in two images when they have the same. */
struct share_place {
	uint64_t addr, id;
};
struct share_places {
	struct share_place *v;
	size_t len, cap;
};

/* Over all pairs of images; counts of places. */
struct share_pairs {
	size_t images, pairs;
	double in_one;       /* mean over the images */
	double mean, median; /* places that two images have in common */
	size_t most;         /* the same, of the pair that has most */
	double percent;      /* mean over in_one */
	size_t in_all;       /* places that hold in every image */
	size_t widest;       /* images in which the most common place holds */
};

/* An id from text or bytes: 62 bits of their hash, so that it is a number in JSON. */
uint64_t share_id(const void *p, size_t len);
/* Sorts each list. Fewer than two images have no pairs. */
struct share_pairs share_count(struct arena *a, struct share_places *images, size_t len);
json_t *share_json(const struct share_pairs *p);

#endif
