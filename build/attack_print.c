/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of attacks for people, and the check of what the threat model promises. See attack_run.h. */
#include "attack_run.h"

#include "base/arena.h"

#include <inttypes.h>
#include <string.h>

#define NAME_WIDTH 34
#define CELL_WIDTH 14
#define MOST_STOPPERS 2
/* With nothing switched on nearly all of them must work, else they are no attacks. */
#define BASELINE_PERMILLE 900

/* Rows that are shown as one: cells of the matrix that differ in where things lie. */
struct line {
	const char *name; /* "return direct inject", or the attack's */
	const char *group, *adversary;
};
struct lines {
	struct line *v;
	size_t len, cap;
};

static const char *line_name(struct arena *a, const struct attack_row *r)
{
	return attack_line_name(a, r->attack, ATTACK_PAYLOAD);
}

static void collect(struct arena *a, const struct attack_table *t, struct lines *ret)
{
	for (size_t p = 0; p < t->profiles.len; p++)
		for (size_t i = 0; i < t->profiles.v[p].rows.len; i++) {
			const struct attack_row *r = &t->profiles.v[p].rows.v[i];
			struct line l = {line_name(a, r), r->group, r->adversary};
			size_t k;

			for (k = 0; k < ret->len && !str_eq(ret->v[k].name, l.name); k++)
				;
			if (k == ret->len)
				vec_push(a, ret, l);
		}
}

/* What a line came to with one profile: "succeeds", "3 of 4", "canary", "cfi wx", "fails", "-". */
static const char *line_cell(struct arena *a, const struct attack_profile *p, const char *name)
{
	struct strs by = {0};
	uint64_t trials = 0, successes = 0;
	bool is_tried = false, is_broken = false;

	for (size_t i = 0; i < p->rows.len; i++) {
		const struct attack_row *r = &p->rows.v[i];

		if (!str_eq(line_name(a, r), name) || r->outcome == ATTACK_ABSENT)
			continue;
		is_tried = true;
		trials += r->trials;
		successes += r->successes;
		is_broken = is_broken || (r->is_promised && r->outcome == ATTACK_SUCCEEDED);
		if (r->by)
			strs_add(a, &by, r->by);
	}
	if (!is_tried)
		return "-";
	if (successes)
		return successes == trials ? arena_printf(a, "succeeds%s", is_broken ? " !" : "")
					   : arena_printf(a, "%" PRIu64 " of %" PRIu64 "%s",
							  successes, trials, is_broken ? " !" : "");
	if (by.len > MOST_STOPPERS)
		return "several";
	return by.len ? strs_join(a, &by, " ") : "fails";
}

static void print_head(const struct attack_table *t, FILE *to)
{
	fprintf(to, "attacks on %s (%s)\n", t->name, t->platform);
	for (size_t i = 0; i < t->method.len; i++)
		fprintf(to, "  %s: %s\n", t->method.v[i].name, t->method.v[i].value);
	for (size_t i = 0; i < t->profiles.len; i++)
		if (t->profiles.v[i].problem)
			fprintf(to, "  %s: not attacked: %s\n", t->profiles.v[i].profile,
				t->profiles.v[i].problem);
	fprintf(to, "\n%-*s %-4s", NAME_WIDTH, "attack", "by");
	for (size_t i = 0; i < t->profiles.len; i++)
		fprintf(to, " %-*s", CELL_WIDTH, t->profiles.v[i].profile);
	fputc('\n', to);
}

static void print_lines(struct arena *a, const struct attack_table *t, const struct lines *l,
			const char *group, FILE *to)
{
	for (size_t i = 0; i < l->len; i++) {
		if (!str_eq(l->v[i].group, group))
			continue;
		fprintf(to, "%-*s %-4s", NAME_WIDTH, l->v[i].name, l->v[i].adversary);
		for (size_t p = 0; p < t->profiles.len; p++)
			fprintf(to, " %-*s", CELL_WIDTH,
				line_cell(a, &t->profiles.v[p], l->v[i].name));
		fputc('\n', to);
	}
}

/* Of one adversary's attacks: those that succeeded, and those that could be tried. Counts are no trials. */
static void count(const struct attack_profile *p, const char *adversary, size_t *ret_succeeded,
		  size_t *ret_tried)
{
	*ret_succeeded = *ret_tried = 0;
	for (size_t i = 0; i < p->rows.len; i++) {
		const struct attack_row *r = &p->rows.v[i];

		if (!str_eq(r->adversary, adversary) || r->outcome == ATTACK_ABSENT)
			continue;
		(*ret_tried)++;
		*ret_succeeded += r->outcome == ATTACK_SUCCEEDED;
	}
}

static void print_sums(struct arena *a, const struct attack_table *t, FILE *to)
{
	fputc('\n', to);
	for (size_t k = 0; attack_adversaries[k]; k++) {
		fprintf(to, "%-*s %-4s", NAME_WIDTH, "succeed", attack_adversaries[k]);
		for (size_t p = 0; p < t->profiles.len; p++) {
			size_t succeeded, tried;

			count(&t->profiles.v[p], attack_adversaries[k], &succeeded, &tried);
			fprintf(to, " %-*s", CELL_WIDTH,
				tried ? arena_printf(a, "%zu of %zu", succeeded, tried) : "-");
		}
		fputc('\n', to);
	}
}

static void print_entropy(const struct attack_table *t, FILE *to)
{
	bool is_first = true;

	for (size_t p = 0; p < t->profiles.len; p++)
		for (size_t i = 0; i < t->profiles.v[p].entropy.len; i++) {
			const struct attack_entropy *e = &t->profiles.v[p].entropy.v[i];

			if (is_first)
				fprintf(to, "\n%-16s %-8s %5s %9s %12s %13s %11s\n", "entropy",
					"of", "boots", "different", "bits varying", "lowest varies",
					"bits drawn");
			is_first = false;
			fprintf(to, "%-16s %-8s %5" PRIu64 " %9" PRIu64 " %12u ",
				t->profiles.v[p].profile, e->what, e->boots, e->distinct,
				e->varying_bits);
			if (e->varying_bits)
				fprintf(to, "%13u %11u\n", e->lowest_bit, e->drawn_bits);
			else
				fprintf(to, "%13s %11u\n", "-", e->drawn_bits);
		}
}

void attack_print(const struct attack_table *t, FILE *to)
{
	static const char *const groups[] = {"lkdtm", "mechanism", "matrix", "replay", "targets"};
	struct arena *a = arena_new();
	struct lines l = {0};

	collect(a, t, &l);
	print_head(t, to);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		print_lines(a, t, &l, groups[i], to);
	print_sums(a, t, to);
	print_entropy(t, to);
	arena_free(a);
	for (size_t i = 0; i < t->others.len; i++) {
		fputc('\n', to);
		attack_print(&t->others.v[i], to);
	}
}

/* Replays are about chance, and targets are counted: neither says that an attack is none. */
static void check_baseline(const struct attack_table *t, const struct attack_profile *p,
			   struct diags *d)
{
	size_t tried = 0, succeeded = 0;

	for (size_t i = 0; i < p->rows.len; i++) {
		const struct attack_row *r = &p->rows.v[i];

		if (r->outcome == ATTACK_ABSENT || (r->by && str_eq(r->by, "platform")))
			continue;
		tried++;
		succeeded += r->outcome == ATTACK_SUCCEEDED;
	}
	if (succeeded * 1000 < tried * BASELINE_PERMILLE)
		diag_fail(d, DIAG_CHECK,
			  "%s: only %zu of %zu attacks succeed with nothing switched on",
			  t->platform, succeeded, tried);
}

int attack_check(struct arena *a, const struct attack_table *t, struct diags *d)
{
	size_t errors = d->errors;

	for (size_t p = 0; p < t->profiles.len; p++) {
		const struct attack_profile *own = &t->profiles.v[p];

		if (str_eq(own->spec, "none"))
			check_baseline(t, own, d);
		if (own->problem)
			diag_fail(d, DIAG_CHECK, "%s: '%s' could not be attacked: %s", t->platform,
				  own->profile, own->problem);
		for (size_t i = 0; i < own->rows.len; i++)
			if (own->rows.v[i].is_promised &&
			    own->rows.v[i].outcome == ATTACK_SUCCEEDED)
				diag_fail(d, DIAG_CHECK, "%s: %s of %s succeeds with '%s'",
					  t->platform, own->rows.v[i].attack,
					  own->rows.v[i].adversary, own->profile);
	}
	for (size_t i = 0; i < t->others.len; i++)
		(void)attack_check(a, &t->others.v[i], d); /* its errors are counted */
	return d->errors == errors ? 0 : -1;
}
