/* SPDX-License-Identifier: BSD-2-Clause */
#include "choose_show.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

#define ALTERNATIVES_SHOWN 8

static const char *figure(struct arena *a, enum choose_metric m, double v)
{
	if (m == CHOOSE_OVERHEAD)
		return arena_printf(a, "%+.2f %%", v);
	return arena_printf(a, "%s%s", v < 0 ? "-" : "+",
			    report_number(a, (uint64_t)(fabs(v) + 0.5)));
}

static const char *set_names(struct arena *a, const struct choose_table *t, choose_set set)
{
	struct strs names = {0};

	for (size_t i = 0; i < t->items_len; i++)
		if ((set >> i) & 1)
			strs_pushf(a, &names, "%s=%s", t->items[i].mechanism, t->items[i].level);
	return names.len ? strs_join(a, &names, " ") : "nothing";
}

static size_t stopped_by(const struct choose_table *t, choose_set set, unsigned adversary,
			 bool is_raised)
{
	size_t n = 0;

	for (size_t i = 0; i < t->threats_len; i++)
		n += t->threats[i].adversary == adversary && t->threats[i].is_raised == is_raised &&
		     choose_stops(t, set, i);
	return n;
}

/* "12 A1, 5 A2, raises A3": what is stopped by to and not by from. */
static const char *stops_text(struct arena *a, const struct choose_table *t, choose_set from,
			      choose_set to)
{
	struct strs words = {0}, raised = {0};

	for (unsigned adv = 1; adv <= CHOOSE_ADVERSARIES; adv++) {
		size_t n = stopped_by(t, from | to, adv, false) - stopped_by(t, from, adv, false);

		if (n)
			strs_pushf(a, &words, "%zu A%u", n, adv);
		if (stopped_by(t, from | to, adv, true) > stopped_by(t, from, adv, true))
			strs_pushf(a, &raised, "A%u", adv);
	}
	if (raised.len)
		strs_pushf(a, &words, "raises %s", strs_join(a, &raised, " "));
	return words.len ? strs_join(a, &words, ", ") : "nothing";
}

static void cost_cells(struct arena *a, struct table *t, const double cost[CHOOSE_METRICS])
{
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		table_cell(a, t, figure(a, (enum choose_metric)m, cost[m]));
}

static void chosen(struct arena *a, const struct choice *c, struct tables *ret)
{
	static const char *const columns[] = {"<mechanism", "<level", "overhead", "image",
					      "memory",     "boot",   "<stops",   NULL};
	const struct choose_table *t = c->table;
	const struct choose_answer *best = &c->answers.v[0];
	struct table x = table_new(
		a, "Chosen",
		arena_printf(a,
			     "on top of none; overhead: %s of %s; image, memory: bytes; boot: "
			     "instructions to main; stops: %s",
			     c->is_time ? "time" : "instructions", c->workload ? c->workload : "-",
			     c->has_attacks
				     ? "attacks that work on none; raises: makes costlier"
				     : "entries of the threat model; raises: makes costlier"),
		columns);

	for (size_t i = 0; i < t->items_len; i++) {
		if (!((best->set >> i) & 1))
			continue;
		table_cell(a, &x, t->items[i].mechanism);
		table_cell(a, &x, t->items[i].level);
		cost_cells(a, &x, t->items[i].cost);
		table_cell(a, &x, stops_text(a, t, 0, (choose_set)1 << i));
	}
	table_cell(a, &x, "together");
	table_cell(a, &x, "");
	cost_cells(a, &x, best->cost);
	table_cell(a, &x, stops_text(a, t, 0, best->set));
	table_cell(a, &x, "limit");
	table_cell(a, &x, "");
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		table_cell(a, &x,
			   t->is_limited[m] ? figure(a, (enum choose_metric)m, t->limit[m]) : "");
	table_cell(a, &x, "");
	table_keep(a, ret, x);
}

/* Why an item is not in, with the set that was chosen. */
static const char *why_out(struct arena *a, const struct choose_table *t, choose_set set,
			   size_t item, const double with[CHOOSE_METRICS])
{
	const struct choose_item *x = &t->items[item];
	struct strs over = {0};

	if (x->unusable)
		return x->unusable;
	for (size_t i = 0; i < t->items_len; i++) {
		if (!((set >> i) & 1))
			continue;
		if ((x->excludes >> i) & 1 || (t->items[i].excludes >> item) & 1)
			return arena_printf(a, "cannot be together with %s=%s",
					    t->items[i].mechanism, t->items[i].level);
	}
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (t->is_limited[m] && with[m] > t->limit[m] + 1e-6)
			strs_pushf(a, &over, "%s would be %s",
				   choose_metric_name((enum choose_metric)m),
				   figure(a, (enum choose_metric)m, with[m]));
	if (over.len)
		return strs_join(a, &over, ", ");
	return str_eq(stops_text(a, t, set, (choose_set)1 << item), "nothing")
		       ? "stops nothing that is not stopped already"
		       : "in a set that turned out dearer than its parts";
}

static choose_set without_mechanism(const struct choose_table *t, choose_set set, const char *name)
{
	for (size_t i = 0; i < t->items_len; i++)
		if (str_eq(t->items[i].mechanism, name))
			set &= ~((choose_set)1 << i);
	return set;
}

/* The chosen set with an item, in the place of another level, and what it needs and the set lacks. */
static choose_set with_item(const struct choose_table *t, choose_set set, size_t item)
{
	set = without_mechanism(t, set, t->items[item].mechanism) | (choose_set)1 << item;
	for (size_t i = 0; i < t->items_len; i++)
		if ((t->items[item].needs >> i) & 1 &&
		    without_mechanism(t, set, t->items[i].mechanism) == set)
			set |= (choose_set)1 << i;
	return set;
}

static void left_out(struct arena *a, const struct choice *c, struct tables *ret)
{
	static const char *const columns[] = {"<mechanism",      "<level",   "overhead",
					      "image",           "memory",   "boot",
					      "<would stop too", "<why not", NULL};
	const struct choose_table *t = c->table;
	const struct choose_answer *best = &c->answers.v[0];
	struct table x = table_new(a, "Left out", "what each would add to the chosen set", columns);

	for (size_t i = 0; i < t->items_len; i++) {
		choose_set set = with_item(t, best->set, i);
		double with[CHOOSE_METRICS], adds[CHOOSE_METRICS];

		if ((best->set >> i) & 1)
			continue;
		choose_cost(t, set, with);
		for (size_t m = 0; m < CHOOSE_METRICS; m++)
			adds[m] = with[m] - best->cost[m];
		table_cell(a, &x, t->items[i].mechanism);
		table_cell(a, &x, t->items[i].level);
		cost_cells(a, &x, adds);
		table_cell(a, &x, stops_text(a, t, best->set, set));
		table_cell(a, &x, why_out(a, t, best->set, i, with));
	}
	table_keep(a, ret, x);
}

static void alternatives(struct arena *a, const struct choice *c, struct tables *ret)
{
	static const char *const columns[] = {"<stops", "overhead", "image", "memory",
					      "boot",   "<set",     NULL};
	struct table x = table_new(
		a, "Other sets within the budget",
		c->answers.is_cut
			? "none is safer than another; there are more than were looked at"
			: "none is safer than another: each stops something that the others do not",
		columns);

	for (size_t i = 1; i < c->answers.len && i <= ALTERNATIVES_SHOWN; i++) {
		const struct choose_answer *y = &c->answers.v[i];

		table_cell(a, &x, stops_text(a, c->table, 0, y->set));
		cost_cells(a, &x, y->cost);
		table_cell(a, &x, set_names(a, c->table, y->set));
	}
	table_keep(a, ret, x);
}

static void trials(struct arena *a, const struct choice *c, struct tables *ret)
{
	static const char *const columns[] = {"<figure", "predicted", "measured",
					      "limit",   "<verdict",  NULL};

	for (size_t i = 0; i < c->trials.len; i++) {
		const struct choose_trial *y = &c->trials.v[i];
		struct table x = table_new(
			a,
			arena_printf(a, "%s: %s",
				     y->problem ? "Built and refused" : "Built and measured",
				     set_names(a, c->table, y->set)),
			y->problem, columns);

		for (size_t m = 0; m < CHOOSE_METRICS; m++) {
			enum choose_metric metric = (enum choose_metric)m;
			bool is_over = c->table->is_limited[m] &&
				       y->found.value[m] > c->table->limit[m] + 1e-6;

			if (!y->found.has[m])
				continue;
			table_cell(a, &x, choose_metric_name(metric));
			table_cell(a, &x, figure(a, metric, y->predicted[m]));
			table_cell(a, &x, figure(a, metric, y->found.value[m]));
			table_cell(a, &x,
				   c->table->is_limited[m] ? figure(a, metric, c->table->limit[m])
							   : "");
			table_cell(a, &x,
				   !c->table->is_limited[m] ? ""
				   : !is_over               ? "within"
				   : y->problem             ? "BEYOND"
							    : "within noise");
		}
		table_keep(a, ret, x);
	}
}

void choice_tables(struct arena *a, const struct choice *c, struct tables *ret)
{
	chosen(a, c, ret);
	left_out(a, c, ret);
	alternatives(a, c, ret);
	trials(a, c, ret);
}

static json_t *cost_json(const double cost[CHOOSE_METRICS])
{
	json_t *o = json_object();

	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		json_object_set_new(o, choose_metric_name((enum choose_metric)m),
				    json_real(round(cost[m] * 1e4) / 1e4));
	return o;
}

static json_t *set_json(struct arena *a, const struct choice *c, choose_set set)
{
	json_t *o = json_object(), *stops = json_array();

	for (size_t i = 0; i < c->table->threats_len; i++)
		if (choose_stops(c->table, set, i))
			json_array_append_new(
				stops,
				json_pack("{s:s, s:s}", "what", c->table->threats[i].name,
					  "adversary",
					  arena_printf(a, "A%u", c->table->threats[i].adversary)));
	json_object_set_new(o, "spec", json_string(choose_spec(a, c->tree, c->table, set)));
	json_object_set_new(o, "stops", stops);
	return o;
}

static json_t *item_json(struct arena *a, const struct choice *c, size_t item)
{
	const struct choose_item *x = &c->table->items[item];
	choose_set best = c->answers.v[0].set, set = with_item(c->table, best, item);
	double with[CHOOSE_METRICS];
	json_t *o = json_pack("{s:s, s:s, s:o}", "mechanism", x->mechanism, "level", x->level,
			      "alone", cost_json(x->cost));

	choose_cost(c->table, set, with);
	json_object_set_new(o, "chosen", json_boolean((best >> item) & 1));
	if (!((best >> item) & 1)) {
		json_object_set_new(o, "with_it", cost_json(with));
		json_object_set_new(o, "why_not",
				    json_string(why_out(a, c->table, best, item, with)));
	}
	return o;
}

json_t *choice_json(struct arena *a, const struct choice *c)
{
	json_t *o = json_object(), *items = json_array(), *others = json_array();
	json_t *tried = json_array(), *limits = json_object();

	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		json_object_set_new(limits, choose_metric_name((enum choose_metric)m),
				    c->table->is_limited[m] ? json_real(c->table->limit[m])
							    : json_null());
	for (size_t i = 0; i < c->table->items_len; i++)
		json_array_append_new(items, item_json(a, c, i));
	for (size_t i = 0; i < c->answers.len; i++) {
		json_t *one = set_json(a, c, c->answers.v[i].set);

		json_object_set_new(one, "cost", cost_json(c->answers.v[i].cost));
		json_array_append_new(others, one);
	}
	for (size_t i = 0; i < c->trials.len; i++) {
		const struct choose_trial *t = &c->trials.v[i];
		json_t *one = set_json(a, c, t->set);

		json_object_set_new(one, "predicted", cost_json(t->predicted));
		json_object_set_new(one, "measured", cost_json(t->found.value));
		json_object_set_new(one, "problem",
				    t->problem ? json_string(t->problem) : json_null());
		json_array_append_new(tried, one);
	}
	json_object_set_new(o, "name", json_string(c->name));
	json_object_set_new(o, "platform", json_string(c->platform));
	json_object_set_new(o, "chosen", json_string(c->spec));
	json_object_set_new(o, "overhead_of",
			    json_pack("{s:s?, s:s}", "workload", c->workload, "method",
				      c->is_time ? "time" : "instructions"));
	json_object_set_new(o, "stops_from",
			    json_string(c->has_attacks ? "attacks" : "threat model"));
	json_object_set_new(o, "limits", limits);
	json_object_set_new(o, "mechanisms", items);
	json_object_set_new(o, "sets", others);
	json_object_set_new(o, "is_cut", json_boolean(c->answers.is_cut));
	json_object_set_new(o, "built", tried);
	return o;
}
