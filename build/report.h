/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports: what was measured and proven about one application, as text, Markdown, JSON and one HTML
 * page. All of them show the same tables; the page adds charts.
 */
#ifndef UKB_REPORT_H
#define UKB_REPORT_H

#include "attack.h"
#include "base/str.h"
#include "measure.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;

/* What inspection found about one mechanism of the image shown. */
struct proof {
	const char *mechanism, *asked, *state;
	size_t covered, total;
	const char *what; /* what is counted */
	struct strs exempt;
	const char *status, *reason; /* how the mechanism stands on the platform; or NULL */
};
struct proofs {
	struct proof *v;
	size_t len, cap;
};

struct report {
	const struct cost *cost;
	bool is_one_of_several;            /* platforms: titles say which */
	const struct attack_table *attack; /* or NULL: nothing was attacked yet */
	const struct variant_cost *shown;  /* the variant the manifest asks for */
	struct proofs proofs;
	struct budget_lines budget;
	struct reports {
		struct report *v;
		size_t len, cap;
	} others; /* further platforms; without others of their own */
};

/* A table as people read it; the first column is text, the others numbers unless is_text. */
struct table {
	const char *title, *note; /* note: one line on how to read it, or NULL */
	struct strs head;
	bool *is_text;     /* per column */
	struct strs cells; /* row after row */
};
struct tables {
	struct table *v;
	size_t len, cap;
};

/* The tables of a report, in reading order; those without rows are left out. */
void report_tables(struct arena *a, const struct report *r, struct tables *ret);

void tables_text(struct arena *a, const struct tables *l, FILE *to);
void tables_markdown(const struct tables *l, FILE *to);
/*
 * An empty table: columns by name, NULL-terminated; one that begins with '<' holds text. Cells are added
 * with table_cell(), row after row; table_keep() leaves out a table without any.
 */
struct table table_new(struct arena *a, const char *title, const char *note,
		       const char *const *columns);
void table_cell(struct arena *a, struct table *t, const char *s);
void table_keep(struct arena *a, struct tables *l, struct table t);

/* Those of interactions, where they were measured. */
void report_interactions(struct arena *a, const struct report *r, struct tables *ret);
/* What report_tables() joins. The first has the overview, one line a mechanism, under this title. */
#define REPORT_OVERVIEW "Mechanisms"
void report_mechanisms(struct arena *a, const struct report *r, struct tables *ret);
void report_attack_tables(struct arena *a, const struct report *r, struct tables *ret);
/* The attacks on the report's platform, or NULL; those that only profile none lets succeed. */
const struct attack_table *report_attacks(const struct report *r);
size_t report_stopped(const struct attack_table *t, const struct attack_profile *p);

void report_text(struct arena *a, const struct report *r, FILE *to);
void report_markdown(struct arena *a, const struct report *r, FILE *to);
json_t *report_json(const struct report *r);
/* One file, no script, nothing loaded from anywhere. */
void report_html(struct arena *a, const struct report *r, FILE *to);

/* "12,345" and "+3.1" (permille as percent, with sign). */
const char *report_number(struct arena *a, uint64_t n);
const char *report_percent(struct arena *a, int64_t permille);
/* s with & < > " as character references, for text and attributes. */
void report_escape(struct sb *b, const char *s);

/* One bar of a chart: up to four parts on one scale. */
#define CHART_PARTS 4
struct chart_bar {
	const char *label, *value; /* value: as printed behind the bar */
	uint64_t parts[CHART_PARTS];
};
struct chart {
	const char *title;
	const char *legend[CHART_PARTS]; /* NULL from the first unused part on */
	struct chart_bar *v;
	size_t len, cap;
};
/* An <svg> of horizontal bars that scales with the page. */
void report_chart(struct sb *b, const struct chart *c);

/* A point of a chart of two figures, named. */
struct scatter_point {
	const char *label;
	double x, y;
};
struct scatter {
	const char *title, *x_name, *y_name;
	struct scatter_point *v;
	size_t len, cap;
};
/* An <svg> of points with their names; right and up is more. */
void report_scatter(struct sb *b, const struct scatter *s);

#endif
