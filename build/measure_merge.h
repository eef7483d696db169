/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A measurement in pieces, for several machines: which cells (a program in a variant on a platform, or all native
 * times of a program) belong to a piece depends on their number alone, so the pieces need not know of each other.
 */
#ifndef UKB_MEASURE_MERGE_H
#define UKB_MEASURE_MERGE_H

#include "measure.h"

struct matrix;
struct strs;
struct variants;

/* Says in ret what x measures a piece of, and from what: another piece must have been made from the same. */
int measure_piece(const struct matrix *x, const struct variants *variants, struct cost *ret);
/*
 * All pieces of one measurement as the whole that an undivided run would have found. Missing, doubled and foreign
 * pieces are errors that say what differs.
 */
int measure_merge(struct ctx *c, const struct strs *paths, struct cost *ret);
/* Keeps cost where `ukbuild report` looks for it, or a piece beside it. */
int measure_keep(struct ctx *c, const struct cost *cost);

#endif
