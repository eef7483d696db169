/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One of many images that are linked from the same objects in different drawn orders. The parent writes
 * down once what all have in common (the base); each image is then made by a command of its own, so that
 * make runs as many at once as it may.
 */
#ifndef UKB_DIVERSIFY_H
#define UKB_DIVERSIFY_H

#include "share.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;
struct pipeline;

/* Where things of one set lie; all absolute. */
struct diverse_set {
	const char *base; /* JSON: how to link */
	const char *work; /* folder of traits, named after the seed */
	const char *dir;  /* folder of the images */
	const char *name; /* of the application */
	uint8_t master[32];
};

/* What a finished image is told from the others by. */
struct diverse_traits {
	char sha256[65];
	uint64_t bytes;
	struct share_places functions; /* that stay mapped */
	struct share_places gadgets;
};

/* The layout seed of an image: a function of the master seed and its number alone. */
void diverse_seed(const uint8_t master[32], size_t index, uint8_t ret[32]);
/* "DIR/hello-0007.elf" */
const char *diverse_image(struct arena *a, const struct diverse_set *s, size_t index);
const char *diverse_traits_path(struct arena *a, const struct diverse_set *s, size_t index);

/* Writes s->base from a plan whose objects are made and whose order is drawn. */
int diverse_write_base(struct arena *a, const struct pipeline *p, const struct diverse_set *s,
		       struct diags *d);
/*
 * Links the image of that number, finishes and verifies it as a build does, puts it at path with its sidecar,
 * and then its traits at traits_path. An image that lies there and has other bytes is an error unless
 * force is set.
 */
int diverse_make(struct arena *a, const char *base, size_t index, const char *path,
		 const char *traits_path, bool force, struct diags *d);
/* False when they are not there or not whole. */
bool diverse_read_traits(struct arena *a, const char *path, struct diverse_traits *ret);

#endif
