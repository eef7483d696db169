/* SPDX-License-Identifier: BSD-2-Clause */
#include "choose.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Costs are sums of measured figures; smaller differences are rounding. */
#define EPSILON 1e-6

struct search {
	struct arena *arena;
	const struct choose_table *t;
	const choose_set *refuted;
	size_t refuted_len, steps;
	size_t *order;                    /* items, what others need before them */
	double (*saving)[CHOOSE_METRICS]; /* by depth: the most that later items can save */
	choose_set *later;                /* by depth: items from there on */
	struct choose_answers found;
};

static choose_set bit(size_t i)
{
	return (choose_set)1 << i;
}

void choose_cost(const struct choose_table *t, choose_set set, double ret[CHOOSE_METRICS])
{
	for (size_t m = 0; m < CHOOSE_METRICS; m++) {
		ret[m] = 0;
		for (size_t i = 0; i < t->items_len; i++)
			ret[m] += set & bit(i) ? t->items[i].cost[m] : 0;
		for (size_t i = 0; i < t->pairs_len; i++)
			if (set & bit(t->pairs[i].x) && set & bit(t->pairs[i].y))
				ret[m] += t->pairs[i].cost[m];
	}
}

bool choose_stops(const struct choose_table *t, choose_set set, size_t threat)
{
	for (size_t i = 0; i < t->items_len; i++)
		if (set & bit(i) && t->items[i].stops[threat])
			return true;
	return false;
}

double choose_share(const struct choose_table *t, const double cost[CHOOSE_METRICS])
{
	double most = 0;

	for (size_t m = 0; m < CHOOSE_METRICS; m++) {
		double share;

		if (!t->is_limited[m])
			continue;
		/* A limit of nothing is used up by anything. */
		share = t->limit[m] > EPSILON ? cost[m] / t->limit[m] : cost[m] > EPSILON ? 2 : 0;
		if (share > most)
			most = share;
	}
	return most;
}

static bool is_within(const struct choose_table *t, const double cost[CHOOSE_METRICS],
		      const double saving[CHOOSE_METRICS])
{
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (t->is_limited[m] && cost[m] + saving[m] > t->limit[m] + EPSILON)
			return false;
	return true;
}

/* Where costs tie on limits, or there are none: all metrics, each in its own unit. */
static int compare_cost(const struct choose_table *t, const struct choose_answer *x,
			const struct choose_answer *y)
{
	double a = choose_share(t, x->cost), b = choose_share(t, y->cost);

	if (a < b - EPSILON || a > b + EPSILON)
		return a < b ? -1 : 1;
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (x->cost[m] < y->cost[m] - EPSILON || x->cost[m] > y->cost[m] + EPSILON)
			return x->cost[m] < y->cost[m] ? -1 : 1;
	return x->set < y->set ? -1 : x->set > y->set;
}

static double weighted(const struct choose_table *t, const struct choose_answer *x)
{
	double sum = 0;

	for (size_t i = 0; i < CHOOSE_ADVERSARIES; i++)
		sum += t->weights[i] * (double)x->stopped[i];
	return sum;
}

/* Below 0: x is the better one. */
static int compare_answers(const struct choose_table *t, const struct choose_answer *x,
			   const struct choose_answer *y)
{
	double a = weighted(t, x), b = weighted(t, y);

	if (t->is_weighted && (a < b - EPSILON || a > b + EPSILON))
		return a > b ? -1 : 1;
	for (size_t i = 0; i < CHOOSE_ADVERSARIES && !t->is_weighted; i++)
		if (x->stopped[i] != y->stopped[i])
			return x->stopped[i] > y->stopped[i] ? -1 : 1;
	for (size_t i = 0; i < CHOOSE_ADVERSARIES; i++)
		if (x->raised[i] != y->raised[i])
			return x->raised[i] > y->raised[i] ? -1 : 1;
	return compare_cost(t, x, y);
}

/* 1: x stops more than y and all y does; 0: the same; -1: something that y stops is missing. */
static int covers(const struct choose_table *t, choose_set x, choose_set y)
{
	int more = 0;

	for (size_t i = 0; i < t->threats_len; i++) {
		bool in_x = choose_stops(t, x, i), in_y = choose_stops(t, y, i);

		if (in_y && !in_x)
			return -1;
		more |= in_x && !in_y;
	}
	return more;
}

static struct choose_answer answer_of(const struct choose_table *t, choose_set set)
{
	struct choose_answer x = {.set = set};

	choose_cost(t, set, x.cost);
	for (size_t i = 0; i < t->threats_len; i++) {
		size_t *n = t->threats[i].is_raised ? x.raised : x.stopped;

		n[t->threats[i].adversary - 1] += choose_stops(t, set, i);
	}
	return x;
}

/* In no figure dearer. */
static bool is_cheaper(const double x[CHOOSE_METRICS], const double than[CHOOSE_METRICS])
{
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (x[m] > than[m] + EPSILON)
			return false;
	return true;
}

/* Each mechanism that the item needs is in, at some level. */
static bool has_needs(const struct choose_table *t, const struct choose_item *item, choose_set set)
{
	for (size_t i = 0; i < t->items_len; i++) {
		bool is_met = false;

		if (!(item->needs & bit(i)))
			continue;
		for (size_t k = 0; k < t->items_len && !is_met; k++)
			is_met = set & bit(k) &&
				 str_eq(t->items[k].mechanism, t->items[i].mechanism);
		if (!is_met)
			return false;
	}
	return true;
}

/* Whether another item of the set needs a mechanism that only this one brings. */
static bool is_needed(const struct choose_table *t, choose_set set, size_t item)
{
	for (size_t i = 0; i < t->items_len; i++)
		if (i != item && set & bit(i) && !has_needs(t, &t->items[i], set & ~bit(item)))
			return true;
	return false;
}

/* Without the items that stop nothing more and save nothing. */
static choose_set trimmed(const struct choose_table *t, choose_set set)
{
	for (size_t i = t->items_len; i-- > 0;) {
		double with[CHOOSE_METRICS], without[CHOOSE_METRICS];

		if (!(set & bit(i)) || is_needed(t, set, i) || covers(t, set & ~bit(i), set) < 0)
			continue;
		choose_cost(t, set, with);
		choose_cost(t, set & ~bit(i), without);
		if (is_cheaper(without, with))
			set &= ~bit(i);
	}
	return set;
}

static void add_answer(struct search *s, choose_set whole)
{
	choose_set set = trimmed(s->t, whole);
	struct choose_answer x = answer_of(s->t, set);
	size_t kept = 0, at;

	for (size_t i = 0; i < s->found.len; i++) {
		int c = covers(s->t, s->found.v[i].set, set);

		if (c > 0 || (c == 0 && compare_cost(s->t, &s->found.v[i], &x) <= 0))
			return;
	}
	for (size_t i = 0; i < s->found.len; i++)
		if (covers(s->t, set, s->found.v[i].set) < 0)
			s->found.v[kept++] = s->found.v[i];
	s->found.len = kept;
	vec_push(s->arena, &s->found, x);
	for (at = s->found.len - 1; at > 0; at--) {
		struct choose_answer *v = s->found.v;

		if (compare_answers(s->t, &v[at - 1], &v[at]) <= 0)
			break;
		x = v[at];
		v[at] = v[at - 1];
		v[at - 1] = x;
	}
	if (s->found.len > CHOOSE_KEEP) {
		s->found.len = CHOOSE_KEEP;
		s->found.is_cut = true;
	}
}

/* Whether nothing below this point can be kept: some answer stops as much and costs no more. */
static bool is_hopeless(const struct search *s, size_t depth, choose_set set,
			const double cost[CHOOSE_METRICS])
{
	choose_set all = set | s->later[depth];
	struct choose_answer least = {.set = all};

	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		least.cost[m] = cost[m] + s->saving[depth][m];
	for (size_t i = 0; i < s->found.len; i++) {
		int c = covers(s->t, s->found.v[i].set, all);

		if (c > 0 || (c == 0 && is_cheaper(s->found.v[i].cost, least.cost)))
			return true;
	}
	return false;
}

static bool is_refuted(const struct search *s, choose_set set)
{
	for (size_t i = 0; i < s->refuted_len; i++)
		if ((set & s->refuted[i]) == s->refuted[i])
			return true;
	return false;
}

static bool can_add(const struct choose_table *t, size_t item, choose_set set)
{
	const struct choose_item *x = &t->items[item];

	if (x->unusable || (x->excludes & set) || !has_needs(t, x, set))
		return false;
	for (size_t i = 0; i < t->items_len; i++)
		if (set & bit(i) && (t->items[i].excludes & bit(item) ||
				     str_eq(t->items[i].mechanism, x->mechanism)))
			return false;
	return true;
}

static void search_from(struct search *s, size_t depth, choose_set set)
{
	double cost[CHOOSE_METRICS];

	choose_cost(s->t, set, cost);
	if (s->steps++ > CHOOSE_STEPS) {
		s->found.is_cut = true;
		return;
	}
	if (is_refuted(s, set) || !is_within(s->t, cost, s->saving[depth]) ||
	    is_hopeless(s, depth, set, cost))
		return;
	if (depth == s->t->items_len) {
		add_answer(s, set);
		return;
	}
	if (can_add(s->t, s->order[depth], set))
		search_from(s, depth + 1, set | bit(s->order[depth]));
	search_from(s, depth + 1, set);
}

/* What is needed comes first; otherwise as the table has it. */
static void find_order(struct search *s)
{
	choose_set placed = 0;
	size_t n = 0;

	while (n < s->t->items_len) {
		size_t before = n;

		for (size_t i = 0; i < s->t->items_len; i++)
			if (!(placed & bit(i)) && !(s->t->items[i].needs & ~placed & ~bit(i))) {
				placed |= bit(i);
				s->order[n++] = i;
			}
		/* A circle of needs: in the order of the table, where none of them can be added. */
		for (size_t i = 0; n == before && i < s->t->items_len; i++)
			if (!(placed & bit(i))) {
				placed |= bit(i);
				s->order[n++] = i;
			}
	}
}

/* An item saves at most its own negative cost and that of all its pairs. */
static void find_savings(struct search *s)
{
	const struct choose_table *t = s->t;

	for (size_t depth = t->items_len; depth-- > 0;) {
		size_t item = s->order[depth];

		s->later[depth] = s->later[depth + 1] | bit(item);
		for (size_t m = 0; m < CHOOSE_METRICS; m++) {
			double least = t->items[item].cost[m];

			for (size_t i = 0; i < t->pairs_len; i++)
				if ((t->pairs[i].x == item || t->pairs[i].y == item) &&
				    t->pairs[i].cost[m] < 0)
					least += t->pairs[i].cost[m];
			s->saving[depth][m] = s->saving[depth + 1][m] + (least < 0 ? least : 0);
		}
	}
}

void choose_search(struct arena *a, const struct choose_table *t, const choose_set *refuted,
		   size_t refuted_len, struct choose_answers *ret)
{
	struct search s = {
		.arena = a,
		.t = t,
		.refuted = refuted,
		.refuted_len = refuted_len,
		.order = arena_array(a, t->items_len + 1, sizeof(*s.order)),
		.saving = arena_array(a, t->items_len + 1, sizeof(*s.saving)),
		.later = arena_array(a, t->items_len + 1, sizeof(*s.later)),
	};

	find_order(&s);
	find_savings(&s);
	search_from(&s, 0, 0);
	*ret = s.found;
}
