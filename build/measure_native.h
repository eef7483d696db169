/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of measuring that takes time instead of counting. See native.h and docs/measuring.md. */
#ifndef UKB_MEASURE_NATIVE_H
#define UKB_MEASURE_NATIVE_H

#include "measure.h"

struct matrix;
struct probe;
struct program;
struct tree;
struct variants;

/* The platform whose images run on the processor itself, or NULL where there is none. */
const char *measure_native_platform(const struct tree *t);
/*
 * Adds native figures of a program to the variants of cost, when none is among them. p describes how it runs
 * there. A variant that does not build or pass there keeps its reason; -1 when a run fails later.
 */
int measure_native(struct matrix *x, const struct program *g, const struct variants *variants,
		   const struct probe *p, struct cost *cost);

#endif
