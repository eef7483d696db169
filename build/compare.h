/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two results of `ukbuild measure`, `attack` or `report --json`, figure by figure, and conditions on
 * what changed ("overhead>2%,image>+4KiB,attacks>0").
 */
#ifndef UKB_COMPARE_H
#define UKB_COMPARE_H

#include "attack.h"
#include "measure.h"
#include "report.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct diags;

/* One result: costs, attacks, or both. */
struct compare_side {
	const char *path;
	const char *name; /* of the application */
	const char
		*shown; /* the variant that the manifest asked for; NULL = the file does not say */
	bool has_cost, has_attack;
	struct cost cost;
	struct attack_table attack;
};
/* A file of any of the three commands, or a folder with measure.json, attack.json or both. */
int compare_load(struct arena *a, const char *path, struct compare_side *ret, struct diags *d);

enum compare_metric {
	COMPARE_IMAGE,
	COMPARE_TEXT,
	COMPARE_TO_MAIN,
	COMPARE_TEST,
	COMPARE_MEMORY,
	COMPARE_LEAST_MEMORY,
	COMPARE_OVERHEAD, /* percent over none, by workload */
	COMPARE_KERNELS,  /* the same variant's kernels, before = 100, by workload */
	COMPARE_TIME,     /* percent over none, by workload */
	COMPARE_ATTACKS,  /* attacks that succeed */
	COMPARE_METRICS,
};
/* "to-main" and "bytes", "instructions", "percent", "attacks" */
const char *compare_metric_name(enum compare_metric m);
const char *compare_metric_unit(enum compare_metric m);

/* One figure of a variant before and after. */
struct compare_row {
	enum compare_metric metric;
	const char *platform, *variant;
	const char *workload; /* or NULL */
	bool has_before, has_after;
	double before, after;
	/* Of time: the 95 % intervals, and whether they tell the two apart. */
	double before_low, before_high, after_low, after_high;
	bool is_noise;
	const char *not_compared; /* why the two figures are of different kinds, or NULL */
	struct strs news;         /* attacks: "+NAME" succeeds now, "-NAME" no longer */
};
struct comparison {
	const struct compare_side *before, *after;
	struct compare_rows {
		struct compare_row *v;
		size_t len, cap;
	} rows;
	struct strs notes;  /* what is different about the two measurements */
	struct strs judged; /* variants that conditions are about */
};
/* judged: names; empty = the variant that the newer file shows, else manifest, default or the last. */
int compare_sides(struct arena *a, const struct compare_side *before,
		  const struct compare_side *after, const struct strs *judged,
		  struct comparison *ret, struct diags *d);
bool compare_is_changed(const struct compare_row *r);

/* "METRIC[:WORKLOAD] OP VALUE": with a sign a change, without one the figure itself. */
struct compare_condition {
	const char *text;
	size_t at; /* offset in the option's value */
	enum compare_metric metric;
	const char *workload; /* or NULL = each */
	bool is_less, or_equal;
	bool is_change, is_share; /* a share: percent of the figure before */
	double value;
};
struct compare_conditions {
	struct compare_condition *v;
	size_t len, cap;
};
int compare_parse(struct arena *a, const char *text, struct compare_conditions *ret,
		  struct diags *d);

enum compare_verdict {
	COMPARE_NOT_MET,
	COMPARE_MET,
	COMPARE_NOT_MEASURED, /* no figure to judge: counts as met, a gate that saw nothing does not pass */
};
struct compare_judgement {
	const struct compare_condition *condition;
	enum compare_verdict verdict;
	const struct compare_row *row; /* that met it, or that came nearest; NULL = none */
};
struct compare_judgement compare_judge(const struct comparison *c,
				       const struct compare_condition *condition);

struct compare_judgements {
	struct compare_judgement *v;
	size_t len, cap;
};
/* Tables of what changed, what succeeds now, the conditions. */
void compare_tables(struct arena *a, const struct comparison *c, const struct compare_judgements *j,
		    struct tables *ret);
json_t *compare_json(struct arena *a, const struct comparison *c,
		     const struct compare_judgements *j);
/* "28,384", "+4.0 %" */
const char *compare_figure(struct arena *a, enum compare_metric m, double v);
const char *compare_change(struct arena *a, const struct compare_row *r);

#endif
