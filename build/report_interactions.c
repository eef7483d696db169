/* SPDX-License-Identifier: BSD-2-Clause */
/* What mechanisms cost in company, as tables. The figures and their meaning are in measure.h. */
#include "report.h"

#include "base/arena.h"

/* "+1.25" percent; bytes and instructions whole. */
static const char *signed_text(struct arena *a, const struct response *r, double value)
{
	return arena_printf(a, str_eq(r->unit, "percent") ? "%+.2f" : "%+.0f",
			    value == 0 ? 0.0 : value); /* no "-0" */
}

static void mains(struct arena *a, const struct interactions *x, struct tables *ret)
{
	const char **columns = arena_array(a, x->responses.len + 2, sizeof(*columns));
	struct table t;

	columns[0] = "<mechanism";
	for (size_t i = 0; i < x->responses.len; i++)
		columns[1 + i] =
			arena_printf(a, "%s, %s", x->responses.v[i].name, x->responses.v[i].unit);
	t = table_new(a, "In company: what each mechanism adds",
		      arena_printf(a, "%s; averaged over all others on and off; kernels are of %s",
				   x->design, x->workload ? x->workload : ""),
		      columns);
	for (size_t k = 0; x->responses.len && k < x->responses.v[0].mains.len; k++) {
		table_cell(a, &t, x->responses.v[0].mains.v[k].name);
		for (size_t i = 0; i < x->responses.len; i++) {
			const struct response *r = &x->responses.v[i];

			table_cell(a, &t,
				   k < r->mains.len ? signed_text(a, r, r->mains.v[k].adds) : "");
		}
	}
	table_keep(a, ret, t);
}

static void pairs(struct arena *a, const struct interactions *x, struct tables *ret)
{
	static const char *const columns[] = {"<figure",          "<pair", "adds", "<unit",
					      "<or one of these", NULL};
	struct table t = table_new(
		a, "In company: what pairs add beyond what each adds alone",
		"only those beyond the noise, largest first; the design cannot tell a pair from "
		"those in the last column, which are less likely",
		columns);

	for (size_t i = 0; i < x->responses.len; i++) {
		const struct response *r = &x->responses.v[i];

		for (size_t k = 0; k < r->pairs.len; k++) {
			const struct effect *e = &r->pairs.v[k];

			table_cell(a, &t, r->name);
			table_cell(a, &t, e->name);
			table_cell(a, &t, signed_text(a, r, e->adds));
			table_cell(a, &t, r->unit);
			table_cell(a, &t, strs_join(a, &e->aliases, ", "));
		}
	}
	table_keep(a, ret, t);
}

static void checks(struct arena *a, const struct interactions *x, struct tables *ret)
{
	static const char *const columns[] = {"<profile", "<figure", "predicted",
					      "measured", "<unit",   NULL};
	struct table t = table_new(a, "In company: does the model hold for the profiles?",
				   "over none; predicted from the effects above", columns);

	for (size_t i = 0; i < x->responses.len; i++) {
		const struct response *r = &x->responses.v[i];

		for (size_t k = 0; k < r->checks.len; k++) {
			const struct model_check *c = &r->checks.v[k];

			table_cell(a, &t, c->profile);
			table_cell(a, &t, r->name);
			table_cell(a, &t, signed_text(a, r, c->predicted));
			table_cell(a, &t, signed_text(a, r, c->measured));
			table_cell(a, &t, r->unit);
		}
	}
	table_keep(a, ret, t);
}

static void left_out(struct arena *a, const struct interactions *x, struct tables *ret)
{
	static const char *const columns[] = {"<left out of the design", NULL};
	struct table t = table_new(a, "In company: not in the design", NULL, columns);

	for (size_t i = 0; i < x->left_out.len; i++)
		table_cell(a, &t, x->left_out.v[i]);
	table_keep(a, ret, t);
}

void report_interactions(struct arena *a, const struct report *r, struct tables *ret)
{
	const struct interactions *x = &r->cost->interactions;

	if (!x->design)
		return;
	mains(a, x, ret);
	pairs(a, x, ret);
	checks(a, x, ret);
	left_out(a, x, ret);
}
