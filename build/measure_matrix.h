/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of one measurement share. Only measure*.c. */
#ifndef UKB_MEASURE_MATRIX_H
#define UKB_MEASURE_MATRIX_H

#include "measure.h"
#include <stdbool.h>
#include <stddef.h>

struct ctx;
struct manifest;
struct pool;
struct task;
struct tree;
struct variant;
struct variants;

/* A program that is built in every variant, and how it is run. */
struct program {
	const char *workload;     /* NULL: the application */
	const struct manifest *m; /* its 'test' is the run that is measured */
};
struct programs {
	struct program *v;
	size_t len, cap;
};

struct matrix {
	struct ctx *c;
	const struct manifest *app;
	const struct measure_opts *opts;
	const struct tree *tree;
	struct programs programs; /* the application first */
	const char *scratch_dir, *results_dir;
	struct pool *pool;
	struct {
		struct task **v;
		size_t len, cap;
	} tasks;      /* begun, not yet collected */
	size_t cells; /* numbered so far: variants of a program on a platform, then native times */
	size_t done, total;       /* for the progress line */
	const struct diag *cause; /* the first failure of a variant, or NULL */
};

/* Whether this shard measures the cell of that number. */
bool matrix_is_mine(const struct matrix *x, size_t cell);
/* What is built of a program in a variant: v->spec goes on top of it. */
const struct manifest *matrix_manifest(struct arena *a, const struct matrix *x,
				       const struct program *g, const struct variant *v);
/* All programs in these variants on one platform, each in ret with its figures or its problem. */
int matrix_measure(struct matrix *x, const struct variants *variants, const char *platform,
		   struct variant_costs *ret);

#endif
