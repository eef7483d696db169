/* SPDX-License-Identifier: BSD-2-Clause */
#include "choose_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "tree.h"
#include "variants.h"

/* What the threat model says where it does not say "stops". */
static const char costs_word[] = "costs", stops_word[] = "stops";

const char *choose_workload(const struct cost *cost)
{
	static const char *const wanted[] = {WORKLOAD_APP, WORKLOAD_BENCH};
	struct strs names = {0};
	struct arena *a = arena_new();
	const char *found = NULL;

	cost_workload_names(a, cost, &names);
	for (size_t i = 0; i < ARRAY_LEN(wanted) && !found; i++)
		found = strs_has(&names, wanted[i]) ? wanted[i] : NULL;
	if (!found && names.len)
		found = names.v[0];
	arena_free(a);
	return found;
}

struct choose_figures choose_figures_of(const struct cost *cost, const struct variant_cost *v,
					const char *workload, bool is_time)
{
	const struct variant_cost *none = cost_variant(cost, "none");
	const struct workload_cost *w = workload ? cost_workload(v, workload) : NULL;
	const struct workload_cost *base = workload && none ? cost_workload(none, workload) : NULL;
	double ratio = v == none ? 1 : cost_kernels_ratio(w, base);
	struct choose_figures f = {
		.value = {[CHOOSE_IMAGE] = (double)v->size.file_bytes,
			  [CHOOSE_MEMORY] = (double)v->touched_end,
			  [CHOOSE_BOOT] = (double)v->to_main.median},
		.has = {[CHOOSE_IMAGE] = v->size.file_bytes != 0,
			[CHOOSE_MEMORY] = v->has_memory,
			[CHOOSE_BOOT] = v->to_main.runs != 0},
	};

	if (is_time && w && w->native_overall.n) {
		f.time = w->native_overall;
		ratio = v == none ? 1 : f.time.mean;
	}
	f.has[CHOOSE_OVERHEAD] = ratio > 0 && (v == none || w);
	f.value[CHOOSE_OVERHEAD] = f.has[CHOOSE_OVERHEAD] ? 100 * (ratio - 1) : 0;
	return f;
}

/* The last word of "none,nullpage=on,wx=on" is the mechanism, those before what it needs. */
static bool split_spec(struct arena *a, const char *spec, struct strs *ret)
{
	if (!spec || !str_starts(spec, "none,"))
		return false;
	strs_split_at(a, ret, spec + strlen("none,"), ',');
	return ret->len > 0;
}

bool choose_has_time(const struct cost *cost, const char *workload)
{
	struct arena *a = arena_new();
	size_t n = 0;
	bool all = workload != NULL;

	for (size_t i = 0; all && i < cost->variants.len; i++) {
		const struct variant_cost *v = &cost->variants.v[i];
		const struct workload_cost *w = cost_workload(v, workload);
		struct strs words = {0};

		if (v->problem || !split_spec(a, v->spec, &words))
			continue;
		n++;
		all = w && w->native_overall.n > 1;
	}
	arena_free(a);
	return all && n;
}

/* From an item on, the first of a mechanism, at a level or (NULL) at any; items_len: there is none. */
static size_t find_item(const struct choose_table *t, size_t from, const char *mechanism,
			const char *level)
{
	while (from < t->items_len && (!str_eq(t->items[from].mechanism, mechanism) ||
				       (level && !str_eq(t->items[from].level, level))))
		from++;
	return from;
}

/* How strong a level is: its place in LEVELS. */
static size_t strength(const struct unit *mech, const char *level)
{
	size_t i = 0;

	while (i < mech->level_names.len && !str_eq(mech->level_names.v[i].s, level))
		i++;
	return i;
}

/* Whether what is known of a mechanism, at the level that users get, holds for an item of it: a weaker one may let
 * it pass. */
static bool is_as_strong(const struct tree *tree, const struct choose_item *x)
{
	const struct unit *mech = tree_find(tree, UNIT_MECHANISM, x->mechanism);

	return mech && strength(mech, x->level) >= strength(mech, variants_level(tree, mech));
}

static const char *name_of(struct arena *a, const char *word)
{
	return arena_memdup(a, word, strcspn(word, "="));
}

static const char *level_of(const char *word)
{
	const char *eq = strchr(word, '=');

	return eq ? eq + 1 : "on";
}

/* Of a mechanism that a limit needs a figure of. */
static const char *why_unusable(struct arena *a, const struct choose_budget *b,
				const struct variant_cost *v, const struct choose_figures *f,
				const struct unit *mech, const char *platform)
{
	const struct platform_status *s = mechanism_status(mech, platform);

	if (s->standing == STANDS_REFUSED)
		return arena_printf(a, "refused on %s: %s", platform, s->reason ? s->reason : "");
	if (v->problem)
		return arena_printf(a, "no figures: %s", v->problem);
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		if (b->is_limited[m] && !f->has[m])
			return arena_printf(a, "no figure of its %s",
					    choose_metric_name((enum choose_metric)m));
	return NULL;
}

/* A mechanism alone is measured with what it needs: that part is taken off again. */
static void take_item(struct arena *a, const struct choose_sources *s,
		      const struct choose_budget *b, const struct variant_cost *v,
		      const struct strs *words, struct choose_table *t)
{
	const struct choose_figures f = choose_figures_of(s->cost, v, s->workload, s->is_time);
	const struct choose_figures none =
		choose_figures_of(s->cost, cost_variant(s->cost, "none"), s->workload, s->is_time);
	const char *word = words->v[words->len - 1];
	struct choose_item x = {.mechanism = name_of(a, word), .level = level_of(word)};
	const struct unit *mech = tree_find(s->tree, UNIT_MECHANISM, x.mechanism);

	if (!mech || t->items_len == CHOOSE_ITEMS_MAX)
		return;
	x.unusable = why_unusable(a, b, v, &f, mech, s->platform);
	for (size_t m = 0; m < CHOOSE_METRICS; m++)
		x.cost[m] = f.has[m] && none.has[m] ? f.value[m] - none.value[m] : 0;
	for (size_t i = 0; i + 1 < words->len; i++) {
		size_t on = find_item(t, 0, name_of(a, words->v[i]), level_of(words->v[i]));

		if (on == t->items_len)
			continue;
		x.needs |= (choose_set)1 << on;
		for (size_t m = 0; m < CHOOSE_METRICS; m++)
			x.cost[m] -= t->items[on].cost[m];
	}
	t->items[t->items_len++] = x;
}

/* Those that need nothing first, so that what others need is there when they come. */
static void take_items(struct arena *a, const struct choose_sources *s,
		       const struct choose_budget *b, struct choose_table *t)
{
	for (size_t needed = 1; needed <= CHOOSE_ITEMS_MAX; needed++)
		for (size_t i = 0; i < s->cost->variants.len; i++) {
			const struct variant_cost *v = &s->cost->variants.v[i];
			struct strs words = {0};

			if (split_spec(a, v->spec, &words) && words.len == needed)
				take_item(a, s, b, v, &words, t);
		}
}

/* Mechanisms without any figure are there to be told about. */
static void take_unmeasured(const struct choose_sources *s, struct choose_table *t)
{
	for (size_t i = 0; i < s->tree->len; i++) {
		const struct unit *u = s->tree->v[i];

		if (u->kind == UNIT_MECHANISM && t->items_len < CHOOSE_ITEMS_MAX &&
		    find_item(t, 0, u->name, NULL) == t->items_len)
			t->items[t->items_len++] = (struct choose_item){
				.mechanism = u->name,
				.level = u->default_level,
				.unusable = "was not measured",
			};
	}
}

/* "cfi" or "cfi=kcfi" of CONFLICTS. */
static void take_conflicts(struct arena *a, const struct tree *tree, struct choose_table *t)
{
	for (size_t i = 0; i < t->items_len; i++) {
		const struct unit *mech = tree_find(tree, UNIT_MECHANISM, t->items[i].mechanism);

		for (size_t k = 0; k < mech->conflicts.len; k++) {
			const char *word = mech->conflicts.v[k].s, *level = strchr(word, '=');

			for (size_t o = 0; o < t->items_len; o++)
				if (str_eq(t->items[o].mechanism, name_of(a, word)) &&
				    (!level || str_eq(t->items[o].level, level + 1)))
					t->items[i].excludes |= (choose_set)1 << o;
		}
	}
}

struct pairs {
	struct choose_pair *v;
	size_t len, cap;
};

/* Two mechanisms are measured together at one level each: taken for what any two of their levels cost together. */
static void push_pairs(struct arena *a, const struct choose_table *t, const char *x, const char *y,
		       struct choose_pair pair, struct pairs *ret)
{
	for (pair.x = find_item(t, 0, x, NULL); pair.x < t->items_len;
	     pair.x = find_item(t, pair.x + 1, x, NULL))
		for (pair.y = find_item(t, 0, y, NULL); pair.y < t->items_len;
		     pair.y = find_item(t, pair.y + 1, y, NULL))
			vec_push(a, ret, pair);
}

/* "canary x cfi" of the measured interactions. */
static void take_pairs(struct arena *a, const struct interactions *all, struct choose_table *t)
{
	static const struct {
		const char *response;
		enum choose_metric metric;
	} known[] = {
		{"kernels", CHOOSE_OVERHEAD}, {"bytes", CHOOSE_IMAGE}, {"to main", CHOOSE_BOOT}};
	struct pairs pairs = {0};

	for (size_t i = 0; i < all->responses.len; i++) {
		const struct response *r = &all->responses.v[i];
		size_t k = 0;

		while (k < ARRAY_LEN(known) && !str_eq(known[k].response, r->name))
			k++;
		for (size_t p = 0; k < ARRAY_LEN(known) && p < r->pairs.len; p++) {
			const char *name = r->pairs.v[p].name, *cross = strstr(name, " x ");
			struct choose_pair pair = {0};

			if (!cross)
				continue;
			pair.cost[known[k].metric] = r->pairs.v[p].adds;
			push_pairs(a, t, arena_memdup(a, name, (size_t)(cross - name)), cross + 3,
				   pair, &pairs);
		}
	}
	t->pairs = pairs.v;
	t->pairs_len = pairs.len;
}

struct threats {
	struct choose_threat *v;
	size_t len, cap;
};
/* What stops what, before the number of threats is known. */
struct stop {
	size_t item, threat;
};
struct stops {
	struct stop *v;
	size_t len, cap;
};

static unsigned adversary_of(const char *name)
{
	return name && name[0] == 'A' && name[1] >= '1' && name[1] < '1' + CHOOSE_ADVERSARIES &&
			       !name[2]
		       ? (unsigned)(name[1] - '0')
		       : 0;
}

/* "none,nullpage=on,wx=on": as the item was measured. */
static const char *spec_of(struct arena *a, const struct cost *cost, const struct choose_item *x)
{
	const char *end = arena_printf(a, ",%s=%s", x->mechanism, x->level);

	for (size_t i = 0; i < cost->variants.len; i++) {
		const char *spec = cost->variants.v[i].spec;

		if (spec && str_starts(spec, "none,") && str_ends(spec, end))
			return spec;
	}
	return "";
}

/* The profile with nothing but an item and what it needs; else its mechanism's, of a level that is no stronger. */
static const struct attack_profile *profile_of(struct arena *a, const struct choose_sources *s,
					       const struct choose_item *x)
{
	const char *spec = spec_of(a, s->cost, x);

	for (size_t i = 0; i < s->attack->profiles.len; i++)
		if (str_eq(s->attack->profiles.v[i].spec, spec) &&
		    !s->attack->profiles.v[i].problem)
			return &s->attack->profiles.v[i];
	return is_as_strong(s->tree, x) ? attack_profile_named(s->attack, x->mechanism) : NULL;
}

/* An attack that works on none, and for each item whether it ends it alone. */
static void take_attacks(struct arena *a, const struct choose_sources *s,
			 const struct choose_table *t, struct threats *threats, struct stops *stops)
{
	const struct attack_table *attack = s->attack;
	const struct attack_profile *none = attack_profile_named(attack, "none");

	for (size_t i = 0; none && i < none->rows.len; i++) {
		const struct attack_row *row = &none->rows.v[i];
		unsigned adversary = adversary_of(row->adversary);

		if (row->outcome != ATTACK_SUCCEEDED || !adversary)
			continue;
		for (size_t k = 0; k < t->items_len; k++) {
			const struct attack_profile *p = profile_of(a, s, &t->items[k]);
			const struct attack_row *r = p ? attack_row_named(p, row->attack) : NULL;

			if (r && r->outcome == ATTACK_STOPPED)
				vec_push(a, stops, (struct stop){k, threats->len});
		}
		vec_push(a, threats, (struct choose_threat){row->attack, adversary, false});
	}
}

/* The cells of "| a | b |", without the blanks around them. */
static void cells_of(struct arena *a, const char *line, size_t len, struct strs *ret)
{
	const char *end = line + len, *next;

	if (!len || *line != '|')
		return;
	for (line++; line < end; line = next + 1) {
		const char *to;

		next = memchr(line, '|', (size_t)(end - line));
		if (!next)
			return;
		to = next;
		while (line < to && *line == ' ')
			line++;
		while (to > line && to[-1] == ' ')
			to--;
		strs_push(a, ret, arena_memdup(a, line, (size_t)(to - line)));
	}
}

/* A mechanism at each level that is strong enough stops a threat. */
static void push_stops(struct arena *a, const struct tree *tree, const struct choose_table *t,
		       const char *mechanism, size_t threat, struct stops *ret)
{
	for (size_t i = find_item(t, 0, mechanism, NULL); i < t->items_len;
	     i = find_item(t, i + 1, mechanism, NULL))
		if (is_as_strong(tree, &t->items[i]))
			vec_push(a, ret, (struct stop){i, threat});
}

/*
 * Rows "| canary | stops | – | – |" of the tables that have a column for each adversary. With results of
 * attacks only what raises the cost is of interest: no attack can show it.
 */
static void take_threat_model(struct arena *a, const struct choose_sources *s,
			      const struct choose_table *t, struct threats *threats,
			      struct stops *stops)
{
	const char *text = s->threat_model;
	struct strs head = {0};

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		struct strs cells = {0};
		size_t item;

		cells_of(a, line, strcspn(line, "\n"), &cells);
		if (!cells.len || strs_has(&cells, "A1"))
			head = cells;
		if (!cells.len || !head.len)
			continue;
		item = find_item(t, 0, cells.v[0], NULL);
		for (size_t i = 1; item < t->items_len && i < cells.len && i < head.len; i++) {
			bool raises = str_starts(cells.v[i], costs_word);
			unsigned adversary = adversary_of(head.v[i]);

			if (!adversary ||
			    (!raises && (s->attack || !str_starts(cells.v[i], stops_word))))
				continue;
			push_stops(a, s->tree, t, cells.v[0], threats->len, stops);
			vec_push(a, threats,
				 (struct choose_threat){
					 arena_printf(a, "%s by %s",
						      raises ? "made costlier" : "stopped",
						      cells.v[0]),
					 adversary, raises});
		}
	}
}

static void take_threats(struct arena *a, const struct choose_sources *s, struct choose_table *t)
{
	struct threats threats = {0};
	struct stops stops = {0};

	if (s->attack)
		take_attacks(a, s, t, &threats, &stops);
	take_threat_model(a, s, t, &threats, &stops);
	t->threats = threats.v;
	t->threats_len = threats.len;
	for (size_t i = 0; i < t->items_len; i++)
		t->items[i].stops = arena_array(a, threats.len + 1, sizeof(bool));
	for (size_t i = 0; i < stops.len; i++)
		t->items[stops.v[i].item].stops[stops.v[i].threat] = true;
}

static int take_limits(const struct choose_sources *s, const struct choose_budget *b,
		       struct choose_table *t, struct diags *d)
{
	const struct choose_figures none =
		choose_figures_of(s->cost, cost_variant(s->cost, "none"), s->workload, s->is_time);

	for (size_t m = 0; m < CHOOSE_METRICS; m++) {
		const char *name = choose_metric_name((enum choose_metric)m);

		t->is_limited[m] = b->is_limited[m];
		if (!b->is_limited[m])
			continue;
		if (!none.has[m]) {
			(void)diag_fail(d, DIAG_CHECK, "%s was not measured on %s", name,
					s->platform);
			return diag_hint(d, "leave it out of --budget, or choose another platform");
		}
		t->limit[m] = b->is_share[m] ? none.value[m] * b->value[m] / 100 : b->value[m];
		if (m != CHOOSE_OVERHEAD && !b->is_change[m])
			t->limit[m] -= none.value[m];
		if (t->limit[m] < 0)
			return diag_fail(d, DIAG_CHECK,
					 "%s: profile none alone takes %.0f, allowed are %.0f",
					 name, none.value[m], b->value[m]);
	}
	return 0;
}

int choose_table_of(struct arena *a, const struct choose_sources *s,
		    const struct choose_budget *budget, struct choose_table *ret, struct diags *d)
{
	struct choose_table t = {.items = arena_array(a, CHOOSE_ITEMS_MAX, sizeof(*t.items))};

	if (cost_variant(s->cost, "none"))
		take_items(a, s, budget, &t);
	if (!t.items_len) {
		(void)diag_fail(d, DIAG_INPUT,
				cost_variant(s->cost, "none")
					? "no mechanism was measured on %s"
					: "profile none was not measured on %s",
				s->platform);
		return diag_hint(d, "'ukbuild measure' does it, and 'ukbuild harden' itself");
	}
	take_unmeasured(s, &t);
	take_conflicts(a, s->tree, &t);
	take_pairs(a, &s->cost->interactions, &t);
	take_threats(a, s, &t);
	if (take_limits(s, budget, &t, d))
		return -1;
	*ret = t;
	return 0;
}

static bool is_profile(const struct profile *p, const struct choose_table *t, choose_set set)
{
	size_t on = 0, chosen = 0;

	for (size_t i = 0; i < t->items_len; i++)
		chosen += (set >> i) & 1;
	for (size_t i = 0; i < p->len; i++) {
		size_t item = find_item(t, 0, p->v[i].mechanism, p->v[i].level);

		if (str_eq(p->v[i].level, "off"))
			continue;
		on++;
		if (item == t->items_len || !((set >> item) & 1))
			return false;
	}
	return on == chosen;
}

const char *choose_spec(struct arena *a, const struct tree *tree, const struct choose_table *t,
			choose_set set)
{
	struct sb b;

	for (size_t i = 0; i < tree->profiles_len; i++)
		if (is_profile(&tree->profiles[i], t, set))
			return tree->profiles[i].name;
	sb_init(&b, a);
	sb_put(&b, "none");
	for (size_t i = 0; i < t->items_len; i++)
		if ((set >> i) & 1)
			sb_putf(&b, ",%s=%s", t->items[i].mechanism, t->items[i].level);
	return sb_str(&b);
}
