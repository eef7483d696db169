/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of measuring that takes time instead of counting. See native.h and docs/measuring.md. */
#ifndef UKB_MEASURE_NATIVE_H
#define UKB_MEASURE_NATIVE_H

#include "measure.h"

struct probe;
struct tree;
struct variants;

/* The platform whose images run on the processor itself, or NULL where there is none. */
const char *measure_native_platform(const struct tree *t);
/*
 * Adds native figures to the variants of cost that could be built, when none is among them. p describes
 * how the bench image runs there. -1 when a run fails.
 */
int measure_native(struct ctx *c, const struct manifest *bench, const char *platform,
		   const struct variants *variants, const struct probe *p, struct cost *cost);

#endif
