/* SPDX-License-Identifier: BSD-2-Clause */
/* A comparison as tables and as JSON. */
#include "compare.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

const char *compare_figure(struct arena *a, enum compare_metric m, double v)
{
	if (str_eq(compare_metric_unit(m), "percent"))
		return arena_printf(a, "%+.2f %%", v);
	return report_number(a, (uint64_t)(v + 0.5));
}

/* "+1,024 (+2.3 %)"; of shares the difference in points. */
const char *compare_change(struct arena *a, const struct compare_row *r)
{
	double by = r->after - r->before;
	const char *sign = by < 0 ? "-" : "+";

	if (!r->has_before)
		return "new";
	if (!r->has_after)
		return "gone";
	if (r->not_compared)
		return r->not_compared;
	if (r->metric == COMPARE_TIME && r->is_noise)
		return "within noise";
	if (str_eq(compare_metric_unit(r->metric), "percent"))
		return arena_printf(a, "%+.2f points", by);
	if (r->before <= 0 || r->metric == COMPARE_ATTACKS)
		return arena_printf(a, "%s%s", sign, report_number(a, (uint64_t)fabs(by)));
	return arena_printf(a, "%s%s (%+.1f %%)", sign, report_number(a, (uint64_t)fabs(by)),
			    100 * by / r->before);
}

static const char *interval(struct arena *a, double low, double high)
{
	return arena_printf(a, " [%+.2f, %+.2f]", low, high);
}

static void figure_cell(struct arena *a, struct table *t, const struct compare_row *r,
			bool is_after)
{
	bool is_known = is_after ? r->has_after : r->has_before;
	double v = is_after ? r->after : r->before;
	const char *text = is_known ? compare_figure(a, r->metric, v) : "";

	if (is_known && r->metric == COMPARE_TIME)
		text = arena_printf(a, "%s%s", text,
				    interval(a, is_after ? r->after_low : r->before_low,
					     is_after ? r->after_high : r->before_high));
	table_cell(a, t, text);
}

static void metric_cell(struct arena *a, struct table *t, const struct compare_row *r)
{
	table_cell(a, t,
		   r->workload
			   ? arena_printf(a, "%s:%s", compare_metric_name(r->metric), r->workload)
			   : compare_metric_name(r->metric));
}

/* Rows of the judged variants are shown also when nothing changed, of the others only when it did. */
static void figures(struct arena *a, const struct comparison *c, bool is_judged, struct tables *ret)
{
	static const char *const columns[] = {"<platform", "<variant", "<figure", "before",
					      "after",     "change",   NULL};
	struct table t =
		table_new(a,
			  is_judged ? arena_printf(a, "Judged: %s", strs_join(a, &c->judged, ", "))
				    : "Other variants, what changed",
			  is_judged ? "bytes, instructions; overhead and time in percent over "
				      "none; kernels over "
				      "those before"
				    : NULL,
			  columns);

	for (size_t i = 0; i < c->rows.len; i++) {
		const struct compare_row *r = &c->rows.v[i];

		if (strs_has(&c->judged, r->variant) != is_judged ||
		    (!is_judged && !compare_is_changed(r)))
			continue;
		table_cell(a, &t, r->platform);
		table_cell(a, &t, r->variant);
		metric_cell(a, &t, r);
		figure_cell(a, &t, r, false);
		figure_cell(a, &t, r, true);
		table_cell(a, &t,
			   compare_is_changed(r) || r->metric == COMPARE_TIME ? compare_change(a, r)
									      : "same");
	}
	table_keep(a, ret, t);
}

static void news(struct arena *a, const struct comparison *c, struct tables *ret)
{
	static const char *const columns[] = {"<platform", "<variant", "<attack", "<", NULL};
	struct table t = table_new(a, "Attacks", NULL, columns);

	for (size_t i = 0; i < c->rows.len; i++) {
		const struct compare_row *r = &c->rows.v[i];

		for (size_t k = 0; k < r->news.len; k++) {
			table_cell(a, &t, r->platform);
			table_cell(a, &t, r->variant);
			table_cell(a, &t, r->news.v[k] + 1);
			table_cell(a, &t,
				   r->news.v[k][0] == '+' ? "SUCCEEDS NOW" : "no longer succeeds");
		}
	}
	table_keep(a, ret, t);
}

static const char *verdict_text(struct arena *a, const struct compare_judgement *j)
{
	static const char *const names[] = {"not met", "MET", "NOT MEASURED"};
	const struct compare_row *r = j->row;

	if (!r)
		return names[j->verdict];
	return arena_printf(a, "%s: %s on %s%s%s, %s%s%s%s", names[j->verdict], r->variant,
			    r->platform, r->workload ? ", " : "", r->workload ? r->workload : "",
			    compare_figure(a, r->metric, r->after),
			    j->condition->is_change ? " (" : "",
			    j->condition->is_change ? compare_change(a, r) : "",
			    j->condition->is_change ? ")" : "");
}

static void verdicts(struct arena *a, const struct compare_judgements *l, struct tables *ret)
{
	static const char *const columns[] = {"<fail on", "<verdict", NULL};
	struct table t = table_new(a, "Conditions", NULL, columns);

	for (size_t i = 0; i < l->len; i++) {
		table_cell(a, &t, l->v[i].condition->text);
		table_cell(a, &t, verdict_text(a, &l->v[i]));
	}
	table_keep(a, ret, t);
}

static void notes(struct arena *a, const struct comparison *c, struct tables *ret)
{
	static const char *const columns[] = {"<what differs about the two measurements", NULL};
	struct table t = table_new(a, "Notes", NULL, columns);

	for (size_t i = 0; i < c->notes.len; i++)
		table_cell(a, &t, c->notes.v[i]);
	table_keep(a, ret, t);
}

void compare_tables(struct arena *a, const struct comparison *c, const struct compare_judgements *j,
		    struct tables *ret)
{
	verdicts(a, j, ret);
	figures(a, c, true, ret);
	figures(a, c, false, ret);
	news(a, c, ret);
	notes(a, c, ret);
}

static json_t *number(bool is_known, double v)
{
	return is_known ? json_real(v) : json_null();
}

static json_t *row_json(struct arena *a, const struct compare_row *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "platform", json_string(r->platform));
	json_object_set_new(o, "variant", json_string(r->variant));
	json_object_set_new(o, "metric", json_string(compare_metric_name(r->metric)));
	json_object_set_new(o, "workload", r->workload ? json_string(r->workload) : json_null());
	json_object_set_new(o, "unit", json_string(compare_metric_unit(r->metric)));
	json_object_set_new(o, "before", number(r->has_before, r->before));
	json_object_set_new(o, "after", number(r->has_after, r->after));
	if (r->metric == COMPARE_TIME) {
		json_object_set_new(o, "before_95",
				    json_pack("[ff]", r->before_low, r->before_high));
		json_object_set_new(o, "after_95", json_pack("[ff]", r->after_low, r->after_high));
	}
	json_object_set_new(o, "change",
			    json_string(compare_is_changed(r) || r->metric == COMPARE_TIME
						? compare_change(a, r)
						: "same"));
	if (r->news.len)
		json_object_set_new(o, "attacks", json_strs(&r->news));
	return o;
}

json_t *compare_json(struct arena *a, const struct comparison *c,
		     const struct compare_judgements *l)
{
	static const char *const names[] = {"not met", "met", "not measured"};
	json_t *o = json_object(), *rows = json_array(), *conditions = json_array();

	for (size_t i = 0; i < c->rows.len; i++)
		json_array_append_new(rows, row_json(a, &c->rows.v[i]));
	for (size_t i = 0; i < l->len; i++) {
		const struct compare_judgement *j = &l->v[i];

		json_array_append_new(conditions,
				      json_pack("{s:s, s:s, s:o}", "condition", j->condition->text,
						"verdict", names[j->verdict], "row",
						j->row ? row_json(a, j->row) : json_null()));
	}
	json_object_set_new(o, "before", json_string(c->before->path));
	json_object_set_new(o, "after", json_string(c->after->path));
	json_object_set_new(o, "judged", json_strs(&c->judged));
	json_object_set_new(o, "conditions", conditions);
	json_object_set_new(o, "rows", rows);
	json_object_set_new(o, "notes", json_strs(&c->notes));
	return o;
}
