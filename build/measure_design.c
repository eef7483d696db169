/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure_design.h"

#include "base/arena.h"
#include "base/diag.h"
#include "cmd.h"
#include "design.h"
#include "measure_matrix.h"
#include "tree.h"
#include "variants.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pairs that are shown, at most. */
#define PAIRS_SHOWN 12

/* The level that a profile has of a mechanism; "off" where it says nothing. */
static const char *profile_level(const struct profile *p, const char *mechanism)
{
	for (size_t i = 0; p && i < p->len; i++)
		if (str_eq(p->v[i].mechanism, mechanism))
			return p->v[i].level;
	return "off";
}

static bool can_be_chosen(struct arena *a, const struct unit *mech, const char *platform,
			  struct strs *left_out)
{
	const struct platform_status *s = mechanism_status(mech, platform);

	if (s->standing != STANDS_INHERENT && s->standing != STANDS_REFUSED)
		return true;
	strs_pushf(a, left_out, "%s: %s on %s", mech->name, standing_name(s->standing), platform);
	return false;
}

/* Gives everything of group from the number to. */
static void join_groups(size_t *group, size_t len, size_t from, size_t to)
{
	for (size_t i = 0; i < len; i++)
		if (group[i] == from)
			group[i] = to;
}

static size_t find_mech(const struct unit *const *mechs, size_t len, const char *name)
{
	size_t i = 0;

	while (i < len && !str_eq(mechs[i]->name, name))
		i++;
	return i;
}

static void push_factor(struct arena *a, const struct tree *t, const struct unit *const *mechs,
			const size_t *group, size_t len, size_t which, struct factors *ret)
{
	struct factor f = {0};
	struct strs names = {0};
	struct sb spec;

	sb_init(&spec, a);
	for (size_t i = 0; i < len; i++) {
		if (group[i] != which)
			continue;
		strs_push(a, &names, mechs[i]->name);
		strs_pushf(a, &f.levels, "%s=%s", mechs[i]->name, variants_level(t, mechs[i]));
		sb_putf(&spec, ",%s", f.levels.v[f.levels.len - 1]);
	}
	f.name = strs_join(a, &names, "+");
	f.spec = sb_str(&spec);
	vec_push(a, ret, f);
}

int design_factors(struct arena *a, const struct tree *t, const char *platform, struct factors *ret,
		   struct strs *ret_left_out, struct diags *d)
{
	const struct unit **mechs = arena_array(a, t->len, sizeof(*mechs));
	size_t *group = arena_array(a, t->len, sizeof(*group)), len = 0;

	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_MECHANISM &&
		    can_be_chosen(a, t->v[i], platform, ret_left_out))
			mechs[len++] = t->v[i];
	for (size_t i = 0; i < len; i++)
		group[i] = i;
	for (size_t i = 0; i < len; i++) {
		struct strs needs = {0};

		if (variants_needs(a, t, mechs[i], &needs, d))
			return -1;
		for (size_t k = 0; k < needs.len; k++) {
			size_t on = find_mech(mechs, len, needs.v[k]);

			/* What cannot be switched off there is no factor's part. */
			if (on < len)
				join_groups(group, len, group[i], group[on]);
		}
	}
	for (size_t i = 0; i < len; i++)
		if (group[i] == i)
			push_factor(a, t, mechs, group, len, i, ret);
	return 0;
}

/* Whether level ("cfi=kcfi") meets a word of a CONFLICTS list: "cfi" or "cfi=kcfi". */
static bool meets(const char *level, const char *word)
{
	size_t len = strcspn(level, "=");

	return str_eq(level, word) || (strlen(word) == len && !strncmp(level, word, len));
}

static bool excludes(const struct tree *t, const struct factor *x, const struct factor *y)
{
	for (size_t i = 0; i < x->levels.len; i++) {
		const char *level = x->levels.v[i];
		const struct unit *mech = NULL;

		for (size_t k = 0; k < t->len && !mech; k++)
			if (t->v[k]->kind == UNIT_MECHANISM && meets(level, t->v[k]->name))
				mech = t->v[k];
		for (size_t k = 0; mech && k < mech->conflicts.len; k++)
			for (size_t l = 0; l < y->levels.len; l++)
				if (meets(y->levels.v[l], mech->conflicts.v[k].s))
					return true;
	}
	return false;
}

static bool fits(const struct tree *t, const struct factors *factors, const struct block *b,
		 size_t candidate)
{
	for (size_t i = 0; i < b->len; i++) {
		const struct factor *x = &factors->v[b->members[i]];
		const struct factor *y = &factors->v[candidate];

		if (b->members[i] == candidate || excludes(t, x, y) || excludes(t, y, x))
			return false;
	}
	return b->len < DESIGN_MAX_FACTORS;
}

static bool is_default(const struct tree *t, const struct factor *f)
{
	const struct profile *p = tree_profile(t, "default");

	for (size_t i = 0; i < f->levels.len; i++) {
		const char *level = f->levels.v[i];
		const char *name = level + strcspn(level, "=");

		for (size_t k = 0; p && k < p->len; k++)
			if (meets(level, p->v[k].mechanism) && str_eq(p->v[k].level, name + 1))
				return true;
	}
	return false;
}

/* Adds the factors that fit; usual: only those of the default profile or only the others. */
static void fill(const struct tree *t, const struct factors *factors, const bool *is_covered,
		 bool covered, bool usual, struct block *b)
{
	for (size_t i = 0; i < factors->len; i++) {
		if (is_covered[i] != covered || is_default(t, &factors->v[i]) != usual ||
		    !fits(t, factors, b, i))
			continue;
		b->is_new[b->len] = !covered;
		b->members[b->len++] = i;
	}
}

void design_blocks(struct arena *a, const struct tree *t, const struct factors *factors,
		   struct blocks *ret)
{
	bool *is_covered = arena_array(a, factors->len, sizeof(*is_covered));
	size_t left = factors->len;

	while (left) {
		struct block b = {
			.members = arena_array(a, factors->len, sizeof(*b.members)),
			.is_new = arena_array(a, factors->len, sizeof(*b.is_new)),
		};

		fill(t, factors, is_covered, false, true, &b);
		fill(t, factors, is_covered, false, false, &b);
		fill(t, factors, is_covered, true, true, &b);
		for (size_t i = 0; i < b.len; i++) {
			left -= b.is_new[i];
			is_covered[b.members[i]] = true;
		}
		vec_push(a, ret, b);
	}
}

/* Factors and blocks of a measurement, found again from the tree. */
struct plan_of_design {
	struct factors factors;
	struct blocks blocks;
	struct strs left_out;
	struct design *designs; /* one for each block */
	size_t runs;
};

static int plan_design(struct arena *a, const struct tree *t, const char *platform,
		       struct plan_of_design *ret, struct diags *d)
{
	*ret = (struct plan_of_design){0};
	if (design_factors(a, t, platform, &ret->factors, &ret->left_out, d))
		return -1;
	design_blocks(a, t, &ret->factors, &ret->blocks);
	ret->designs = arena_array(a, ret->blocks.len + 1, sizeof(*ret->designs));
	for (size_t i = 0; i < ret->blocks.len; i++) {
		design_make(a, ret->blocks.v[i].len, &ret->designs[i]);
		ret->runs += ret->designs[i].runs;
	}
	return 0;
}

static const char *spec_of(struct arena *a, const struct plan_of_design *p, size_t block,
			   size_t run)
{
	const struct block *b = &p->blocks.v[block];
	struct sb spec;

	sb_init(&spec, a);
	sb_put(&spec, "none");
	for (size_t i = 0; i < b->len; i++)
		if (design_is_on(&p->designs[block], i, run))
			sb_put(&spec, p->factors.v[b->members[i]].spec);
	return sb_str(&spec);
}

static const char *describe(struct arena *a, const struct plan_of_design *p)
{
	struct strs parts = {0};

	for (size_t i = 0; i < p->blocks.len; i++)
		strs_pushf(a, &parts, "%zu factors in %zu variants", p->blocks.v[i].len,
			   p->designs[i].runs);
	return arena_printf(a, "two-level fractional factorial, resolution IV: %s",
			    strs_join(a, &parts, ", and "));
}

int design_measure(struct matrix *x, struct cost *cost)
{
	struct interactions *ret = &cost->interactions;
	struct arena *a = x->c->a;
	struct variants points = {0};
	struct plan_of_design p;

	if (plan_design(a, x->tree, cost->platform, &p, x->c->d))
		return -1;
	for (size_t i = 0; i < p.blocks.len; i++)
		for (size_t run = 0; run < p.designs[i].runs; run++) {
			struct variant v = {arena_printf(a, "point %zu.%zu", i + 1, run),
					    spec_of(a, &p, i, run), "part of the design"};

			vec_push(a, &points, v);
		}
	ret->design = describe(a, &p);
	ret->workload = WORKLOAD_BENCH;
	if (matrix_measure(x, &points, cost->platform, &ret->points))
		return -1;
	/* They are in no report. */
	for (size_t i = 0; i < ret->points.len; i++)
		ret->points.v[i].units = (struct unit_costs){0};
	return x->opts->shards ? 0 : design_analyse(x->c, cost);
}

/* One figure of a variant as it enters the model; false when it is not there. */
struct figure {
	const char *name, *unit;
	bool (*of)(const struct variant_cost *v, const struct variant_cost *base, double *ret);
	bool is_log; /* of a ratio: shown as percent */
};

static bool kernels_of(const struct variant_cost *v, const struct variant_cost *base, double *ret)
{
	double ratio = cost_kernels_ratio(cost_workload(v, WORKLOAD_BENCH),
					  cost_workload(base, WORKLOAD_BENCH));

	*ret = ratio > 0 ? log(ratio) : 0;
	return ratio > 0;
}

static bool bytes_of(const struct variant_cost *v, const struct variant_cost *base, double *ret)
{
	*ret = (double)v->size.file_bytes - (double)base->size.file_bytes;
	return v->size.file_bytes && base->size.file_bytes;
}

static bool to_main_of(const struct variant_cost *v, const struct variant_cost *base, double *ret)
{
	*ret = (double)v->to_main.median - (double)base->to_main.median;
	return v->to_main.runs && base->to_main.runs;
}

static const struct figure figures[] = {
	{"kernels", "percent", kernels_of, true},
	{"bytes", "bytes", bytes_of, false},
	{"to main", "instructions", to_main_of, false},
};

static double shown(const struct figure *f, double value)
{
	return f->is_log ? 100 * (exp(value) - 1) : value;
}

/* The factors of one block with the values of one figure. */
struct fit {
	const struct plan_of_design *plan;
	const struct design *design;
	const struct block *block;
	const struct figure *figure;
	const double *y;
	struct design_pair *pairs; /* those that count */
	size_t pairs_len;
};

static const struct factor *factor(const struct fit *f, size_t member)
{
	return &f->plan->factors.v[f->block->members[member]];
}

static const char *pair_name(struct arena *a, const struct fit *f, size_t first, size_t second)
{
	return arena_printf(a, "%s x %s", factor(f, first)->name, factor(f, second)->name);
}

static void push_pair(struct arena *a, const struct fit *f, const struct design_pair *p,
		      struct effects *ret)
{
	const uint32_t word = design_pair_word(f->design, p->first, p->second);
	struct effect e = {.name = pair_name(a, f, p->first, p->second),
			   .adds = shown(f->figure, p->adds)};

	for (size_t i = 0; p->aliases && i < f->design->factors; i++)
		for (size_t k = i + 1; k < f->design->factors; k++)
			if (design_pair_word(f->design, i, k) == word &&
			    (i != p->first || k != p->second))
				strs_push(a, &e.aliases, pair_name(a, f, i, k));
	vec_push(a, ret, e);
}

static void find_effects(struct arena *a, struct fit *f, struct response *ret)
{
	double margin, noise = design_noise(a, f->design, f->y, &margin);
	size_t len, kept = 0;

	for (size_t i = 0; i < f->block->len; i++) {
		struct effect e = {.name = factor(f, i)->name};

		e.adds = shown(f->figure,
			       2 * design_coefficient(f->design, f->design->columns[i], f->y));
		if (f->block->is_new[i])
			vec_push(a, &ret->mains, e);
	}
	f->pairs = design_pairs(a, f->design, f->y, &len);
	for (size_t i = 0; i < len && kept < PAIRS_SHOWN; i++) {
		struct design_pair *p = &f->pairs[i];

		/* Nothing is an interaction that is not larger than what none look like. */
		if (fabs(p->adds) <= margin || fabs(p->adds) < 1e-9)
			break;
		f->pairs[kept++] = *p;
		if (f->block->is_new[p->first] || f->block->is_new[p->second])
			push_pair(a, f, p, &ret->pairs);
	}
	f->pairs_len = kept;
	if (shown(f->figure, noise) > ret->noise)
		ret->noise = shown(f->figure, noise);
}

/* The factors that a profile has on, or why the model cannot speak of it: another level, a mechanism it lacks. */
static const char *profile_point(struct arena *a, const struct fit *f, const struct profile *p,
				 bool *ret_on)
{
	size_t matched = 0;

	for (size_t i = 0; i < f->block->len; i++) {
		const struct factor *x = factor(f, i);
		size_t on = 0;

		for (size_t k = 0; k < x->levels.len; k++) {
			size_t len = strcspn(x->levels.v[k], "=");
			const char *name = arena_memdup(a, x->levels.v[k], len);
			const char *level = profile_level(p, name);

			if (str_eq(level, x->levels.v[k] + len + 1))
				on++;
			else if (!str_eq(level, "off"))
				return arena_printf(a, "%s=%s is not in the design", name, level);
		}
		if (on && on < x->levels.len)
			return arena_printf(a, "it has a part of %s", x->name);
		ret_on[i] = on;
		matched += on;
	}
	for (size_t i = 0; i < p->len; i++)
		matched -= !str_eq(p->v[i].level, "off");
	return matched ? "it has mechanisms that are not in the design" : NULL;
}

/* What the model adds to all factors off. */
static double predict(const struct fit *f, const bool *on)
{
	double sum = 0;

	for (size_t i = 0; i < f->block->len; i++)
		if (on[i])
			sum += 2 * design_coefficient(f->design, f->design->columns[i], f->y);
	for (size_t i = 0; i < f->pairs_len; i++) {
		const struct design_pair *p = &f->pairs[i];
		double x = (on[p->first] ? 1 : -1) * (on[p->second] ? 1 : -1);

		sum += p->adds / 4 * (x - 1);
	}
	return sum;
}

static void check_model(struct arena *a, const struct tree *t, const struct fit *f,
			const struct cost *cost, struct strs *left_out, struct response *ret)
{
	const struct variant_cost *none = cost_variant(cost, "none");
	bool *on = arena_array(a, f->block->len, sizeof(*on));

	for (size_t i = 0; none && i < cost->variants.len; i++) {
		const struct variant_cost *v = &cost->variants.v[i];
		const struct profile *p = tree_profile(t, v->name);
		struct model_check check = {.profile = v->name};
		const char *reason;

		if (!p || !p->len || !f->figure->of(v, none, &check.measured))
			continue;
		reason = profile_point(a, f, p, on);
		if (reason) {
			strs_add(a, left_out,
				 arena_printf(a, "check of '%s': %s", v->name, reason));
			continue;
		}
		check.measured = shown(f->figure, check.measured);
		check.predicted = shown(f->figure, predict(f, on));
		vec_push(a, &ret->checks, check);
	}
}

static int compare_effects(const void *a, const void *b)
{
	double x = fabs(((const struct effect *)a)->adds),
	       y = fabs(((const struct effect *)b)->adds);

	return x < y ? 1 : x > y ? -1 : 0;
}

/* The values of a figure at the points of a block; false with the reason when some are not there. */
static bool values_of(struct arena *a, const struct figure *f, const struct variant_cost *points,
		      size_t len, double *ret, struct strs *left_out)
{
	for (size_t i = 0; i < len; i++)
		if (!f->of(&points[i], &points[0], &ret[i])) {
			strs_add(a, left_out,
				 arena_printf(a, "%s: '%s' (%s) has none: %s", f->name,
					      points[i].name, points[i].spec,
					      points[i].problem ? points[i].problem
								: "not measured"));
			return false;
		}
	return true;
}

static void analyse(struct arena *a, const struct tree *t, const struct plan_of_design *p,
		    const struct figure *figure, struct cost *cost)
{
	struct interactions *x = &cost->interactions;
	struct response r = {.name = figure->name, .unit = figure->unit};
	size_t at = 0;

	for (size_t i = 0; i < p->blocks.len; i++) {
		const struct design *design = &p->designs[i];
		double *y = arena_array(a, design->runs, sizeof(*y));
		struct fit f = {p, design, &p->blocks.v[i], figure, y, NULL, 0};

		if (!values_of(a, figure, &x->points.v[at], design->runs, y, &x->left_out))
			return;
		at += design->runs;
		find_effects(a, &f, &r);
		if (i == 0)
			check_model(a, t, &f, cost, &x->left_out, &r);
	}
	if (r.pairs.len)
		qsort(r.pairs.v, r.pairs.len, sizeof(*r.pairs.v), compare_effects);
	vec_push(a, &x->responses, r);
}

int design_analyse(struct ctx *c, struct cost *cost)
{
	const struct tree *t = tree_load(c->a, c->home, c->d);
	struct interactions *x = &cost->interactions;
	struct plan_of_design p;

	if (!t || plan_design(c->a, t, cost->platform, &p, c->d))
		return -1;
	if (p.runs != x->points.len)
		return diag_fail(c->d, DIAG_INPUT,
				 "the design has %zu variants here, the measurement %zu", p.runs,
				 x->points.len);
	x->factors = (struct strs){0};
	x->left_out = p.left_out;
	x->responses = (struct responses){0};
	for (size_t i = 0; i < p.factors.len; i++)
		strs_push(c->a, &x->factors, p.factors.v[i].name);
	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		analyse(c->a, t, &p, &figures[i], cost);
	return 0;
}
