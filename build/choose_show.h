/* SPDX-License-Identifier: BSD-2-Clause */
/* A choice as tables and as JSON: what is in, what it costs, what is left out and why. */
#ifndef UKB_CHOOSE_SHOW_H
#define UKB_CHOOSE_SHOW_H

#include "base/json.h"
#include "choose_data.h"
#include "report.h"

struct arena;

/* A set that was really built and measured; figures on top of none. */
struct choose_trial {
	choose_set set;
	double predicted[CHOOSE_METRICS];
	struct choose_figures found; /* value: on top of none */
	const char *problem;         /* why it is no answer, or NULL */
};
struct choose_trials {
	struct choose_trial *v;
	size_t len, cap;
};
struct choice {
	const char *name, *platform, *workload;
	bool is_time, has_attacks, has_pairs;
	const struct tree *tree;
	const struct choose_table *table;
	struct choose_answers answers; /* the chosen one first */
	struct choose_trials trials;   /* empty: nothing was built */
	const char *spec;              /* of the chosen set */
};

void choice_tables(struct arena *a, const struct choice *c, struct tables *ret);
json_t *choice_json(struct arena *a, const struct choice *c);

#endif
