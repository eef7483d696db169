/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions of `compare --fail-on`: parsing and judging. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/units.h"

static const char option[] = "--fail-on";

/* The value, and how far it has been read. */
struct parser {
	struct arena *a;
	const char *text;
	size_t at;
	struct diags *d;
};

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->text + p->at, " \t");
}

static int unknown_metric(struct parser *p, const char *word, size_t at)
{
	const char *names[COMPARE_METRICS];
	const char *nearest;
	struct strs all = {0};

	for (size_t i = 0; i < COMPARE_METRICS; i++) {
		names[i] = compare_metric_name((enum compare_metric)i);
		strs_push(p->a, &all, names[i]);
	}
	(void)diag_option(p->d, option, p->text, at, "unknown metric '%s'", word);
	nearest = str_suggest(word, names, COMPARE_METRICS);
	return nearest ? diag_hint(p->d, "did you mean '%s'?", nearest)
		       : diag_hint(p->d, "metrics: %s", strs_join(p->a, &all, ", "));
}

static const char *take_word(struct parser *p)
{
	size_t len = strcspn(p->text + p->at, ":<>=, \t");
	const char *word = arena_memdup(p->a, p->text + p->at, len);

	p->at += len;
	return word;
}

static int take_metric(struct parser *p, struct compare_condition *c)
{
	size_t at = p->at;
	const char *word = take_word(p);
	size_t i = 0;

	if (!*word)
		return diag_option(p->d, option, p->text, at, "a metric is missing");
	while (i < COMPARE_METRICS && !str_eq(word, compare_metric_name((enum compare_metric)i)))
		i++;
	if (i == COMPARE_METRICS)
		return unknown_metric(p, word, at);
	c->metric = (enum compare_metric)i;
	if (p->text[p->at] != ':')
		return 0;
	at = p->at++;
	if (c->metric != COMPARE_OVERHEAD && c->metric != COMPARE_KERNELS &&
	    c->metric != COMPARE_TIME) {
		(void)diag_option(p->d, option, p->text, at, "'%s' has no workloads", word);
		return diag_hint(p->d, "overhead, kernels and time have them");
	}
	c->workload = take_word(p);
	return *c->workload
		       ? 0
		       : diag_option(p->d, option, p->text, p->at, "a workload's name is missing");
}

static int take_operator(struct parser *p, struct compare_condition *c)
{
	char sign;

	skip_blanks(p);
	sign = p->text[p->at];
	if (sign != '<' && sign != '>') {
		(void)diag_option(p->d, option, p->text, p->at, "one of > >= < <= is missing");
		return diag_hint(p->d, "for example: image>+4KiB");
	}
	p->at++;
	c->is_less = sign == '<';
	c->or_equal = p->text[p->at] == '=';
	p->at += c->or_equal;
	skip_blanks(p);
	return 0;
}

/* "2%", "2.25%": up to three decimals are kept. */
static bool parse_percent(const char *s, double *ret)
{
	size_t len = strspn(s, "0123456789."), points = 0;
	char *end;

	for (size_t i = 0; i < len; i++)
		points += s[i] == '.';
	if (!len || points > 1 || s[0] == '.' || !str_eq(s + len, "%"))
		return false;
	*ret = strtod(s, &end);
	return *end == '%';
}

static bool is_percent_metric(enum compare_metric m)
{
	return str_eq(compare_metric_unit(m), "percent");
}

static int bad_value(struct parser *p, const struct compare_condition *c, size_t at,
		     const char *word)
{
	if (!*word)
		(void)diag_option(p->d, option, p->text, at, "a value is missing");
	else
		(void)diag_option(p->d, option, p->text, at, "'%s' is no value of '%s'", word,
				  compare_metric_name(c->metric));
	return diag_hint(p->d, "%s",
			 is_percent_metric(c->metric)   ? "for example 2% or +0.5%"
			 : c->metric == COMPARE_ATTACKS ? "for example 0 or +0"
			 : c->metric == COMPARE_TO_MAIN || c->metric == COMPARE_TEST
				 ? "for example 200000 or +2%"
				 : "for example 48KiB, +4KiB or +2%");
}

static int take_value(struct parser *p, struct compare_condition *c)
{
	size_t at = p->at, len;
	const char *word;
	char sign = p->text[p->at];
	uint64_t n;
	bool is_ok;

	c->is_change = sign == '+' || sign == '-';
	p->at += c->is_change;
	len = strcspn(p->text + p->at, ", \t");
	word = arena_memdup(p->a, p->text + p->at, len);
	p->at += len;
	if (is_percent_metric(c->metric)) {
		is_ok = parse_percent(word, &c->value);
	} else if (parse_percent(word, &c->value)) {
		c->is_share = true;
		is_ok = true;
		if (!c->is_change) {
			(void)diag_option(p->d, option, p->text, at,
					  "a share needs a sign: it is one of the figure before");
			return diag_hint(p->d, "%s>+%s", compare_metric_name(c->metric), word);
		}
	} else {
		is_ok = str_eq(compare_metric_unit(c->metric), "bytes") ? units_bytes(word, &n)
									: units_count(word, &n);
		c->value = is_ok ? (double)n : 0;
	}
	if (!is_ok)
		return bad_value(p, c, at, word);
	if (c->metric == COMPARE_KERNELS && !c->is_change) {
		(void)diag_option(p->d, option, p->text, at,
				  "'kernels' is a change itself and needs a sign");
		return diag_hint(p->d, "kernels>+%s", word);
	}
	if (sign == '-')
		c->value = -c->value;
	return 0;
}

int compare_parse(struct arena *a, const char *text, struct compare_conditions *ret,
		  struct diags *d)
{
	struct parser p = {a, text, 0, d};

	for (;;) {
		struct compare_condition c = {0};

		skip_blanks(&p);
		c.at = p.at;
		if (take_metric(&p, &c) || take_operator(&p, &c) || take_value(&p, &c))
			return -1;
		c.text = arena_memdup(a, text + c.at, p.at - c.at);
		vec_push(a, ret, c);
		skip_blanks(&p);
		if (!text[p.at])
			return 0;
		if (text[p.at] != ',')
			return diag_option(d, option, text, p.at, "a comma is missing");
		p.at++;
	}
}

/* There was a figure, and now there is none, or none of the same kind. */
static bool is_lost(const struct compare_condition *c, const struct compare_row *r)
{
	return r->has_before && (!r->has_after || (c->is_change && r->not_compared));
}

/* The figure that the condition is about; false when the row has none. */
static bool figure_of(const struct compare_condition *c, const struct compare_row *r, double *ret)
{
	if (!r->has_after || (c->is_change && (!r->has_before || r->not_compared)))
		return false;
	*ret = c->is_change ? r->after - r->before : r->after;
	if (c->is_share) {
		if (r->before <= 0)
			return false;
		*ret = 100 * *ret / r->before;
	}
	return true;
}

/* What time is shown to be, not what it happens to be: the end of the interval that favours it. */
static double shown_time(const struct compare_condition *c, const struct compare_row *r,
			 double found)
{
	if (c->is_change)
		return r->is_noise ? 0 : found;
	return c->is_less ? r->after_high : r->after_low;
}

static bool is_beyond(const struct compare_condition *c, double found)
{
	/* Sums of binary fractions: a thousandth is below every figure's resolution. */
	if (fabs(found - c->value) < 0.0005)
		return c->or_equal;
	return c->is_less ? found < c->value : found > c->value;
}

struct compare_judgement compare_judge(const struct comparison *cmp,
				       const struct compare_condition *c)
{
	struct compare_judgement j = {c, COMPARE_NOT_MEASURED, NULL};
	bool has_lost = false;
	double worst = 0;

	for (size_t i = 0; i < cmp->rows.len; i++) {
		const struct compare_row *r = &cmp->rows.v[i];
		double found;

		if (r->metric != c->metric || !strs_has(&cmp->judged, r->variant) ||
		    (c->workload && !str_eq(c->workload, r->workload)))
			continue;
		has_lost = has_lost || is_lost(c, r);
		if (!figure_of(c, r, &found))
			continue;
		if (c->metric == COMPARE_TIME)
			found = shown_time(c, r, found);
		if (j.row && (c->is_less ? found >= worst : found <= worst))
			continue;
		worst = found;
		j.row = r;
		j.verdict = is_beyond(c, found) ? COMPARE_MET : COMPARE_NOT_MET;
	}
	if (has_lost && j.verdict != COMPARE_MET)
		j = (struct compare_judgement){c, COMPARE_NOT_MEASURED, NULL};
	return j;
}
