/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interactions: which mechanisms are switched together, in which variants, and what the figures of these say. The
 * arithmetic is in design.h; docs/measuring.md tells how to read the result.
 */
#ifndef UKB_MEASURE_DESIGN_H
#define UKB_MEASURE_DESIGN_H

#include "measure.h"

struct arena;
struct matrix;
struct tree;

/* Mechanisms that are switched on and off together: one, or one with all that it needs or that need it. */
struct factor {
	const char *name;   /* "canary", "nullpage+wx" */
	const char *spec;   /* ",nullpage=on,wx=on" */
	struct strs levels; /* "nullpage=on", "wx=on" */
};
struct factors {
	struct factor *v;
	size_t len, cap;
};
/* Factors that can be in one image, with a design of their own. */
struct block {
	size_t *members; /* indexes of factors */
	size_t len;
	bool *is_new; /* members that no block before has */
};
struct blocks {
	struct block *v;
	size_t len, cap;
};

/* Those that the platform lets one choose; the others are in ret_left_out, with the reason. */
int design_factors(struct arena *a, const struct tree *t, const char *platform, struct factors *ret,
		   struct strs *ret_left_out, struct diags *d);
/*
 * Splits factors so that no conflict is in one block: the first has as many as possible, those of the profile
 * default before others; each further one those that are left, with what of the default goes with them.
 */
void design_blocks(struct arena *a, const struct tree *t, const struct factors *factors,
		   struct blocks *ret);
/* Builds and counts the points of the design, and finds the effects. After the variants of cost. */
int design_measure(struct matrix *x, struct cost *cost);
/* The effects, from the points in cost: also of a measurement that was joined from pieces. */
int design_analyse(struct ctx *c, struct cost *cost);

#endif
