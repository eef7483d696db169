/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of measuring: arithmetic over its figures, budgets. Its JSON form is in cost_json.c. */
#include "measure.h"

#include "base/arena.h"
#include "base/diag.h"
#include "manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Kernels whose name begins so measure the allocator and are compared apart. */
#define CHURN_PREFIX "malloc"

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct spread spread_of(uint64_t *values, size_t len)
{
	if (!len)
		return (struct spread){0};
	qsort(values, len, sizeof(*values), compare_u64);
	return (struct spread){values[(len - 1) / 2], values[0], values[len - 1], (unsigned)len};
}

/* To the nearest; <math.h> would need another library for two functions. */
static int64_t permille_of(double ratio)
{
	double p = (ratio - 1.0) * 1000.0;

	return (int64_t)(p < 0 ? p - 0.5 : p + 0.5);
}

/* The n-th root of the product of n ratios that lie between 0 and most, by halving. */
static double geometric_mean(double product, size_t n, double most)
{
	double low = 0, high = most;
	int step;

	for (step = 0; step < 100; step++) {
		double mid = low + (high - low) / 2, power = 1;
		size_t i;

		for (i = 0; i < n; i++)
			power *= mid;
		if (power < product)
			low = mid;
		else
			high = mid;
	}
	return high;
}

int64_t cost_permille(uint64_t part, uint64_t whole)
{
	if (!whole)
		return 0;
	return permille_of((double)part / (double)whole);
}

const struct cost *cost_platform(const struct cost *cost, const char *platform)
{
	if (str_eq(cost->platform, platform))
		return cost;
	for (size_t i = 0; i < cost->others.len; i++)
		if (str_eq(cost->others.v[i].platform, platform))
			return &cost->others.v[i];
	return NULL;
}

const struct variant_cost *cost_variant(const struct cost *cost, const char *name)
{
	size_t i;

	for (i = 0; i < cost->variants.len; i++)
		if (str_eq(cost->variants.v[i].name, name))
			return &cost->variants.v[i];
	return NULL;
}

bool cost_is_churn(const char *kernel)
{
	return str_starts(kernel, CHURN_PREFIX);
}

const struct workload_cost *cost_workload(const struct variant_cost *v, const char *name)
{
	for (size_t i = 0; i < v->workloads.len; i++)
		if (str_eq(v->workloads.v[i].name, name))
			return &v->workloads.v[i];
	return NULL;
}

void cost_workload_names(struct arena *a, const struct cost *cost, struct strs *ret)
{
	for (size_t i = 0; i < cost->variants.len; i++)
		for (size_t k = 0; k < cost->variants.v[i].workloads.len; k++)
			strs_add(a, ret, cost->variants.v[i].workloads.v[k].name);
}

static uint64_t kernel_median(const struct workload_cost *w, const char *kernel)
{
	for (size_t i = 0; i < w->kernels.len; i++)
		if (str_eq(w->kernels.v[i].name, kernel))
			return w->kernels.v[i].instructions.median;
	return 0;
}

/* The number of kernels compared. */
static size_t compare_kernels(const struct workload_cost *w, const struct workload_cost *base,
			      double *ret_mean, double *ret_worst)
{
	double product = 1, worst = 0;
	size_t n = 0;

	for (size_t i = 0; w && base && i < w->kernels.len; i++) {
		const struct kernel_cost *kc = &w->kernels.v[i];
		uint64_t whole = kernel_median(base, kc->name);
		double ratio;

		if (cost_is_churn(kc->name) || !whole || !kc->instructions.median)
			continue;
		ratio = (double)kc->instructions.median / (double)whole;
		product *= ratio;
		if (!n++ || ratio > worst)
			worst = ratio;
	}
	if (n) {
		*ret_mean = geometric_mean(product, n, worst);
		*ret_worst = worst;
	}
	return n;
}

bool cost_kernels(const struct workload_cost *w, const struct workload_cost *base,
		  int64_t *ret_mean, int64_t *ret_worst)
{
	double mean, worst;

	if (!compare_kernels(w, base, &mean, &worst))
		return false;
	*ret_mean = permille_of(mean);
	*ret_worst = permille_of(worst);
	return true;
}

double cost_kernels_ratio(const struct workload_cost *w, const struct workload_cost *base)
{
	double mean, worst;

	return compare_kernels(w, base, &mean, &worst) ? mean : 0;
}

double cost_native_worst(const struct workload_cost *w)
{
	double worst = 0;

	for (size_t i = 0; w && i < w->native.len; i++)
		if (!cost_is_churn(w->native.v[i].name) && w->native.v[i].ratio.mean > worst)
			worst = w->native.v[i].ratio.mean;
	return worst;
}

const char *measure_path(struct arena *a, const char *out_dir, const char *name)
{
	return arena_printf(a, "%s/%s/measure.json", out_dir, name);
}

const char *measure_piece_path(struct arena *a, const char *out_dir, const char *name,
			       const struct piece *piece)
{
	return arena_printf(a, "%s/%s/measure-%zu-of-%zu.json", out_dir, name, piece->shard,
			    piece->shards);
}

static void push_line(struct arena *a, struct budget_lines *l, const char *what, const char *unit,
		      const struct mnum *limit, uint64_t found, bool is_measured)
{
	struct budget_line line = {
		.what = what,
		.unit = unit,
		.loc = limit->loc,
		.limit = limit->n,
		.found = found,
		.is_met = is_measured && found <= limit->n,
		.is_measured = is_measured,
	};

	if (limit->is_set)
		vec_push(a, l, line);
}

void budget_lines(struct arena *a, const struct manifest *m, const struct cost *cost,
		  const struct variant_cost *v, struct budget_lines *ret)
{
	const struct variant_cost *none = cost_variant(cost, "none");
	uint64_t memory = v->min_memory[MEASURE_MICROVM];
	int64_t over = none ? cost_permille(v->work.median, none->work.median) : 0;

	push_line(a, ret, "image", "bytes", &m->budget.image_bytes, v->size.file_bytes,
		  v->size.file_bytes != 0);
	push_line(a, ret, "smallest memory", "bytes", &m->budget.memory_bytes, memory, memory != 0);
	push_line(a, ret, "instructions to main", "instructions", &m->budget.instructions,
		  v->to_main.median, v->to_main.runs != 0);
	push_line(a, ret, "overhead of the test over none", "permille",
		  &m->budget.overhead_permille, over > 0 ? (uint64_t)over : 0,
		  none && none->work.runs && v->work.runs);
}

int budget_check(const struct budget_lines *l, struct diags *d)
{
	size_t i;
	int err = 0;

	for (i = 0; i < l->len; i++) {
		const struct budget_line *b = &l->v[i];

		if (b->is_met)
			continue;
		if (b->is_measured)
			err = diag_fail_at(d, DIAG_CHECK, b->loc,
					   "budget exceeded: %s is %" PRIu64
					   " %s, allowed are %" PRIu64,
					   b->what, b->found, b->unit, b->limit);
		else
			err = diag_fail_at(
				d, DIAG_CHECK, b->loc,
				"the budget for %s cannot be checked: it was not measured",
				b->what);
	}
	return err;
}
