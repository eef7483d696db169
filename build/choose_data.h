/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a choice gets its table from: measured costs, results of attacks, the threat model, the tree. */
#ifndef UKB_CHOOSE_DATA_H
#define UKB_CHOOSE_DATA_H

#include "attack.h"
#include "choose.h"
#include "measure.h"

struct arena;
struct diags;
struct tree;

/* A budget: "overhead=5%,image=+20%,memory=+64KiB,boot=200000". With a sign on top of none. */
struct choose_budget {
	bool is_limited[CHOOSE_METRICS];
	bool is_change[CHOOSE_METRICS], is_share[CHOOSE_METRICS];
	double value[CHOOSE_METRICS];
};
const char *choose_metric_name(enum choose_metric m);
int choose_parse_budget(const char *text, struct choose_budget *ret, struct diags *d);
/* "A1=3,A2=1": the others weigh nothing. */
int choose_parse_weights(const char *text, double ret[CHOOSE_ADVERSARIES], struct diags *d);

/* What a variant costs; false in has[] where it was not measured. */
struct choose_figures {
	double value[CHOOSE_METRICS];
	bool has[CHOOSE_METRICS];
	struct estimate time; /* overhead in time, where that is what counts; n 0 else */
};
struct choose_figures choose_figures_of(const struct cost *cost, const struct variant_cost *v,
					const char *workload, bool is_time);
/* The workload that overhead is of: the application's own, else bench, else the first; NULL = none. */
const char *choose_workload(const struct cost *cost);
/* Whether every measured mechanism has its time. */
bool choose_has_time(const struct cost *cost, const char *workload);

struct choose_sources {
	const struct tree *tree;
	const struct cost *cost;
	const struct attack_table *attack; /* or NULL: the threat model instead */
	const char *threat_model;          /* text of docs/threat-model.md */
	const char *platform, *workload;
	bool is_time;
};
/* The table, with the budget as limits on top of none. */
int choose_table_of(struct arena *a, const struct choose_sources *s,
		    const struct choose_budget *budget, struct choose_table *ret, struct diags *d);
/* "none,nullpage=on,wx=on": a set as --harden takes it; the name of a profile where it is one. */
const char *choose_spec(struct arena *a, const struct tree *tree, const struct choose_table *t,
			choose_set set);

#endif
