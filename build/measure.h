/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cost of hardening, measured: the manifest's image in several variants (profiles, and each
 * mechanism alone over none), each built, booted and counted. How each figure is obtained is in
 * docs/measuring.md.
 */
#ifndef UKB_MEASURE_H
#define UKB_MEASURE_H

#include "base/diag.h"
#include "base/json.h"
#include "base/str.h"
#include "run.h"
#include "stats.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct ctx;
struct manifest;

/* One figure over several runs. runs 0 = not measured. */
struct spread {
	uint64_t median, min, max;
	unsigned runs;
};

/* An image, in bytes; text .. data lie in the file, bss in memory alone. file_bytes 0 = there is none. */
struct image_size {
	char sha256[65]; /* of the file, in hexadecimal; "" where a former version did not say */
	uint64_t file_bytes, text, rodata, data, bss;
};

/* Bytes of one unit in the file. */
struct unit_cost {
	const char *unit;
	uint64_t text, rodata, data, bss, file;
};

/* One kernel of a workload: instructions from its begin to its end. */
struct kernel_cost {
	const char *name;
	struct spread instructions;
};

/* The same kernel in time, on the processor itself (native.h). */
struct native_cost {
	const char *name;
	struct spread ns;      /* nanoseconds, of all runs of all links */
	struct estimate ratio; /* over none; a replicate is a link */
};

struct unit_costs {
	struct unit_cost *v;
	size_t len, cap;
};
struct kernel_costs {
	struct kernel_cost *v;
	size_t len, cap;
};
struct native_costs {
	struct native_cost *v;
	size_t len, cap;
};

/*
 * One program under a variant's hardening, beside the application's own test: "bench", "lua" and "sqlite" are
 * templates, "app" is the manifest's own workload. One that prints no kernels has one, WORKLOAD_WHOLE: all of
 * it, from main to the end.
 */
struct workload_cost {
	const char *name;
	const char *problem; /* why there are no figures, or NULL */
	struct image_size size;
	struct kernel_costs kernels;
	struct native_costs native;
	struct estimate
		native_overall; /* geometric mean of the kernels without malloc, over none */
};
struct workload_costs {
	struct workload_cost *v;
	size_t len, cap;
};
#define WORKLOAD_BENCH "bench"
#define WORKLOAD_APP "app"
#define WORKLOAD_WHOLE "whole"

/* The machines on which the smallest memory is searched, in the order of min_memory. */
enum {
	MEASURE_MICROVM,
	MEASURE_Q35,
	MEASURE_MACHINES,
};

struct variant_cost {
	const char *name;    /* "none", "wx", "default" ... */
	const char *spec;    /* as --harden takes it */
	const char *stops;   /* one line on what it buys */
	const char *problem; /* why there are no figures, or NULL */
	struct image_size size;
	struct unit_costs units;  /* largest first */
	struct spread to_main;    /* instructions from the image's first one to main */
	struct spread work;       /* instructions from main to the end of the app's own test */
	struct run_values phases; /* instructions of each phase of the boot, median run */
	bool has_memory;
	uint64_t touched_boot, touched_end; /* bytes of guest memory the image made present */
	uint64_t heap_peak, stack_peak, page_tables; /* bytes; 0 = the guest does not say */
	uint64_t min_memory[MEASURE_MACHINES];       /* bytes; 0 = not measured */
	struct workload_costs workloads;
};

struct variant_costs {
	struct variant_cost *v;
	size_t len, cap;
};

/*
 * What mechanisms cost in company, from a designed set of variants (design.h): every figure is modelled as a
 * sum of effects. Figures that are ratios ("kernels") are modelled by their logarithms and given in percent.
 */
struct effect {
	const char *name;    /* "cfi"; of a pair "canary x cfi" */
	struct strs aliases; /* pairs that the design cannot tell from this one, less likely */
	/*
	 * What switching the mechanism on adds, averaged over all the others on and off. Of a pair: what both
	 * together add beyond what each adds alone.
	 */
	double adds;
};
struct effects {
	struct effect *v;
	size_t len, cap;
};
/* The model against a measured profile: does it hold there? In the unit of the response, over none. */
struct model_check {
	const char *profile;
	double predicted, measured;
};
struct model_checks {
	struct model_check *v;
	size_t len, cap;
};
struct response {
	const char *name;            /* "kernels", "bytes", "to main" */
	const char *unit;            /* "percent", "bytes", "instructions" */
	struct effects mains, pairs; /* pairs: largest first, only those beyond the noise */
	double noise; /* what effects that are none look like: Lenth's pseudo standard error */
	struct model_checks checks;
};
struct responses {
	struct response *v;
	size_t len, cap;
};
struct interactions {
	const char *design;   /* in words: size, resolution; NULL = not measured */
	const char *workload; /* what "kernels" are of */
	struct strs factors;  /* mechanisms, those that need each other joined by '+' */
	struct strs left_out; /* "NAME: reason" */
	struct variant_costs
		points; /* the variants that were built for it, in the order of the design */
	struct responses responses;
};

/* A name and a value about the machine or the method. */
struct fact {
	const char *name, *value;
};
struct facts {
	struct fact *v;
	size_t len, cap;
};

struct costs {
	struct cost *v;
	size_t len, cap;
};

/* Set where this is one of several pieces of a measurement (measure_merge.h). */
struct piece {
	size_t shard, shards; /* this one, from 1, of so many; 0 = the whole */
	/* What all pieces must have been made from: digests, versions, an image. */
	struct facts inputs;
	struct strs programs; /* "" is the application, then workloads: the order of the cells */
};

struct cost {
	const char *name, *platform;
	struct facts facts;
	struct variant_costs variants;
	/* Why something cannot be measured on this platform, or NULL. */
	const char *no_instructions, *no_memory;
	struct costs
		others; /* the same variants on further platforms; without others of their own */
	struct interactions interactions; /* on this platform; design NULL = not measured */
	struct piece piece;
};

struct measure_opts {
	struct strs variants;  /* names; empty = all */
	struct strs workloads; /* names, docs/measuring.md; empty = the usual ones */
	bool is_designed;      /* interactions too */
	bool is_fresh;         /* forget what is kept of earlier runs */
	size_t shard, shards;  /* of so many pieces that one, from 1; 0 = everything */
};

/*
 * Measures. A variant that cannot be built is kept with its problem; the command goes on. -1 when
 * nothing can be measured at all.
 */
int measure_cost(struct ctx *c, const struct manifest *m, const struct measure_opts *opts,
		 struct cost *ret);

/* Where the result is kept for `ukbuild report`: OUT/NAME/measure.json. */
const char *measure_path(struct arena *a, const char *out_dir, const char *name);
/* The same of one piece of several: OUT/NAME/measure-1-of-3.json. */
const char *measure_piece_path(struct arena *a, const char *out_dir, const char *name,
			       const struct piece *piece);
json_t *cost_to_json(const struct cost *cost);
/* The reverse, also of older versions; what is absent or of the wrong type reads as not measured. */
int cost_from_json(struct arena *a, const char *path, const json_t *j, struct cost *ret,
		   struct diags *d);

/* Reads the file at path. */
int cost_load(struct arena *a, const char *path, struct cost *ret, struct diags *d);
/* The same of one variant, for results that are kept singly. */
json_t *cost_variant_to_json(const struct variant_cost *v);
struct variant_cost cost_variant_from_json(struct arena *a, const json_t *o);

/* What was measured on a platform: cost itself or one of its others; NULL = nothing. */
const struct cost *cost_platform(const struct cost *cost, const char *platform);
const struct variant_cost *cost_variant(const struct cost *cost, const char *name);
/* The workloads that any variant has figures of, in their order. */
void cost_workload_names(struct arena *a, const struct cost *cost, struct strs *ret);
/* v's figures of a workload, or NULL. */
const struct workload_cost *cost_workload(const struct variant_cost *v, const char *name);
/* part over whole in permille beyond it: 1030 over 1000 is 30. 0 when there is nothing to compare. */
int64_t cost_permille(uint64_t part, uint64_t whole);
/* Whether a kernel of bench measures the allocator: those are compared apart. */
bool cost_is_churn(const char *kernel);
/* Median (the lower of two), least and greatest. */
struct spread spread_of(uint64_t *values, size_t len);
/*
 * Geometric mean and worst of the kernels of w over those of base, in permille; kernels that churn
 * malloc are left out. False when there is nothing to compare; either may be NULL.
 */
bool cost_kernels(const struct workload_cost *w, const struct workload_cost *base,
		  int64_t *ret_mean, int64_t *ret_worst);
/* The mean as a ratio: 1.02; 0 when there is nothing to compare. */
double cost_kernels_ratio(const struct workload_cost *w, const struct workload_cost *base);

/* The same in time: worst mean ratio of a kernel that does not churn malloc; 0 when none was measured. */
double cost_native_worst(const struct workload_cost *w);

/* One line of a budget: what was allowed and what was found. */
struct budget_line {
	const char *what, *unit;
	struct loc loc; /* of the limit */
	uint64_t limit, found;
	bool is_met, is_measured;
};
struct budget_lines {
	struct budget_line *v;
	size_t len, cap;
};
/*
 * Compares the manifest's budget with the variant it asks for (overhead against none). What was not
 * measured is a line with is_measured false, and not met: a gate that saw nothing does not pass.
 */
void budget_lines(struct arena *a, const struct manifest *m, const struct cost *cost,
		  const struct variant_cost *v, struct budget_lines *ret);
/* The table, and an error of kind DIAG_CHECK for each line that is not met. */
int budget_check(const struct budget_lines *l, struct diags *d);

#endif
