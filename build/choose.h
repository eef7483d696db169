/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Choice of mechanisms within a budget. Knows costs, what each item stops, what goes with what; not where
 * any of that comes from. A set is safer than another when it stops a superset.
 */
#ifndef UKB_CHOOSE_H
#define UKB_CHOOSE_H

#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum choose_metric {
	CHOOSE_OVERHEAD, /* percent over none */
	CHOOSE_IMAGE,    /* bytes beyond none */
	CHOOSE_MEMORY,   /* bytes beyond none */
	CHOOSE_BOOT,     /* instructions to main beyond none */
	CHOOSE_METRICS,
};
#define CHOOSE_ADVERSARIES 3 /* A1, A2, A3: those that a mechanism in the image can stop */
#define CHOOSE_ITEMS_MAX 64

/* Sets of items are bits: item i is bit i. */
typedef uint64_t choose_set;

/* Something that can be stopped, and for whom it is tried. */
struct choose_threat {
	const char *name;
	unsigned adversary; /* 1 .. CHOOSE_ADVERSARIES */
	bool is_raised;     /* not stopped, only made costlier: counts after everything that is */
};
/* A mechanism at a level. */
struct choose_item {
	const char *mechanism, *level;
	double cost[CHOOSE_METRICS];
	bool *stops;          /* by threat */
	choose_set needs;     /* one of these must be in for each mechanism named there */
	choose_set excludes;  /* none of these may be in */
	const char *unusable; /* why it cannot be chosen, or NULL */
};
/* What two items cost together beyond the sum of both. */
struct choose_pair {
	size_t x, y;
	double cost[CHOOSE_METRICS];
};
struct choose_table {
	struct choose_item *items;
	size_t items_len;
	struct choose_threat *threats;
	size_t threats_len;
	struct choose_pair *pairs;
	size_t pairs_len;
	bool is_limited[CHOOSE_METRICS];
	double limit[CHOOSE_METRICS]; /* on top of none */
	bool is_weighted;
	double weights[CHOOSE_ADVERSARIES];
};

struct choose_answer {
	choose_set set;
	double cost[CHOOSE_METRICS];
	size_t stopped[CHOOSE_ADVERSARIES], raised[CHOOSE_ADVERSARIES];
};
struct choose_answers {
	struct choose_answer *v; /* best first */
	size_t len, cap;
	bool is_cut; /* there are too many to look at all */
};
/* How many answers are kept, and how many partial sets are looked at. */
#define CHOOSE_KEEP 32
#define CHOOSE_STEPS 4000000

/*
 * The sets within the limits that no other such set is safer than; of those that stop the same the
 * cheapest, and nothing in it that adds only cost. Order: with weights by the weighted sum of what is stopped, without by A1, then A2, then A3
 * (who is not safe from the weaker adversary is not from the stronger one), then by what is made
 * costlier, then by cost. Sets that hold one of refuted[] are left out.
 */
void choose_search(struct arena *a, const struct choose_table *t, const choose_set *refuted,
		   size_t refuted_len, struct choose_answers *ret);
void choose_cost(const struct choose_table *t, choose_set set, double ret[CHOOSE_METRICS]);
/* Whether a set stops a threat. */
bool choose_stops(const struct choose_table *t, choose_set set, size_t threat);
/* The largest share of any limit; 0 without limits. */
double choose_share(const struct choose_table *t, const double cost[CHOOSE_METRICS]);

#endif
