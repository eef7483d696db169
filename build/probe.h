/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of one image that each yield a figure: instructions, touched memory, smallest memory. Knows
 * nothing of variants.
 */
#ifndef UKB_PROBE_H
#define UKB_PROBE_H

#include "measure.h"
#include "run.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;

/* Runs of each counted figure: as many boot seeds, so that a random layout shows its spread. */
#define PROBE_SEEDS 5
/* The kernels run a thousand times longer, and little of that is the layout's. */
#define PROBE_KERNEL_SEEDS 3
/* Granularity of the smallest memory; QEMU rounds guest memory to it (hw/core/machine.c). */
#define PROBE_STEP 8192u

struct probe {
	struct arena *arena;
	const char *platform;
	const char *image;
	uint64_t memory_bytes;
	struct strs args;          /* of the guest's own test */
	const char *const *expect; /* texts that mean passed */
	size_t expect_len;
	bool is_whole; /* a program that prints no kernels is one, from main to its end */
	const char *scratch_dir;
	const char *home, *cache_dir; /* as in run.h */
	uint64_t timeout_ms;
};

/* One run as users have it, on the platform's own machine; that it does not pass its test is an error. */
int probe_run(const struct probe *p, struct run *ret, struct diags *d);
/* Instructions to main, of the work, of each phase. */
int probe_boot(const struct probe *p, struct variant_cost *ret, struct diags *d);
/* The guest's own high-water marks alone. */
int probe_marks(const struct probe *p, struct variant_cost *ret, struct diags *d);
/* Touched memory beyond what the launcher itself touches, and the guest's own high-water marks. */
int probe_memory(const struct probe *p, struct variant_cost *ret, struct diags *d);
/* The smallest memory at which the test passes, looked for around guess. *ret 0 when it never does. */
int probe_min_memory(const struct probe *p, const char *machine, uint64_t guess, uint64_t *ret,
		     struct diags *d);
/* The kernels of a workload. */
int probe_kernels(const struct probe *p, struct kernel_costs *ret, struct diags *d);

/* Sizes next to each other that must pass, so that one lucky size is no answer. */
#define PROBE_WINDOW 2

/* The search for a smallest size. is_ok is asked once about a size. */
struct probe_search {
	uint64_t max;  /* taken as tried */
	uint64_t step; /* sizes are its multiples */
	bool (*is_ok)(void *arg, uint64_t size);
	void *arg;
	struct probe_tries {
		struct probe_try {
			uint64_t size;
			bool is_ok;
		} *v;
		size_t len, cap;
	} tried;
};
/*
 * A smallest size such that it and the next PROBE_WINDOW - 1 pass (as far as they are below max).
 * Starts at guess and doubles its way from there: a good guess costs few calls, and where sizes
 * that pass form islands, the one around guess is found.
 */
uint64_t probe_search(struct arena *a, struct probe_search *s, uint64_t guess);
/* Removes what runs that were killed left behind: their files bear the number of a process that is gone. */
void probe_sweep(struct arena *a, const char *scratch_dir);
/*
 * What a run's kernels took, in ticks of its time stamp counter: from its "bench: NAME TICKS" lines, or for a
 * program that prints none (p->is_whole) from the boot trace.
 */
void probe_ticks(const struct probe *p, const struct run *r, struct run_values *ret);
/* Reads "bench: NAME INSTRUCTIONS" lines. */
void probe_parse_kernels(struct arena *a, const char *console, struct run_values *ret);

#endif
