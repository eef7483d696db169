/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native time of the bench kernels, on a platform whose images run on the processor itself. Variants are
 * run in turn on one pinned processor; each is linked several times in different orders, because where
 * code happens to lie shifts timings by more than most mechanisms cost. docs/measuring.md has the method.
 */
#ifndef UKB_NATIVE_H
#define UKB_NATIVE_H

#include "probe.h"
#include "stats.h"
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;

/* Independent links of each variant: the replicates of every estimate. */
#define NATIVE_LAYOUTS 5
/* Runs of each link; of their ratios the median counts. */
#define NATIVE_ROUNDS 5

/* Nanoseconds of one kernel: ns[(variant * layouts + layout) * rounds + round]. */
struct native_samples {
	const char *name;
	double *ns;
};
struct native {
	size_t variants, layouts, rounds; /* variant 0 is what the others are compared with */
	struct native_samples *v;         /* one for each kernel */
	size_t len, cap;
};

/* Every image of images[variant * layouts + layout] rounds times; p describes a run but for the image. */
int native_run(const struct probe *p, const char *const *images, size_t variants, size_t layouts,
	       size_t rounds, struct native *ret, struct diags *d);
/* What one variant's runs say of one kernel. */
void native_kernel_of(struct arena *a, const struct native *n, size_t kernel, size_t variant,
		      struct native_cost *ret);
/*
 * Geometric mean over the kernels of a variant's ratios, those that churn malloc left out: one for each
 * layout, and of these the estimate.
 */
struct estimate native_overall(struct arena *a, const struct native *n, size_t variant);
/* The processor that measured runs are pinned to, or -1; for the report. */
int native_processor(void);

#endif
