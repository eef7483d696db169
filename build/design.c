/* SPDX-License-Identifier: BSD-2-Clause */
#include "design.h"

#include "base/arena.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static bool is_odd(uint32_t word)
{
	return __builtin_popcount(word) % 2;
}

/* Light words first: with few factors their pairs are all different. */
static int compare_words(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int weight = __builtin_popcount(x) - __builtin_popcount(y);

	return weight ? weight : x < y ? -1 : x > y;
}

void design_make(struct arena *a, size_t factors, struct design *ret)
{
	size_t runs = 2, len = 0;

	while (runs / 2 < factors)
		runs *= 2;
	*ret = (struct design){
		.factors = factors,
		.runs = runs,
		.columns = arena_array(a, runs / 2, sizeof(*ret->columns)),
	};
	for (uint32_t word = 1; word < runs; word++)
		if (is_odd(word))
			ret->columns[len++] = word;
	qsort(ret->columns, len, sizeof(*ret->columns), compare_words);
}

bool design_is_on(const struct design *d, size_t factor, size_t run)
{
	return is_odd(d->columns[factor] & (uint32_t)run);
}

/*
 * With x = 1 where on and -1 where off, the sign of run r in the contrast of a word is -1 to the power of
 * 1 + (bits in common) for a column, and without that 1 for the product of two.
 */
double design_coefficient(const struct design *d, uint32_t word, const double *y)
{
	double sum = 0;

	for (size_t run = 0; run < d->runs; run++)
		sum += is_odd(word & (uint32_t)run) == is_odd(word) ? y[run] : -y[run];
	return sum / (double)d->runs;
}

uint32_t design_pair_word(const struct design *d, size_t first, size_t second)
{
	return d->columns[first] ^ d->columns[second];
}

static int compare_pairs(const void *a, const void *b)
{
	double x = fabs(((const struct design_pair *)a)->adds);
	double y = fabs(((const struct design_pair *)b)->adds);

	return x < y ? 1 : x > y ? -1 : 0;
}

struct design_pair *design_pairs(struct arena *a, const struct design *d, const double *y,
				 size_t *ret_len)
{
	struct design_pair *pairs = arena_array(a, d->runs, sizeof(*pairs));
	double *mains = arena_array(a, d->factors, sizeof(*mains));
	double *likely = arena_array(a, d->runs, sizeof(*likely));
	size_t *at = arena_array(a, d->runs, sizeof(*at)); /* word -> 1 + its place in pairs */
	size_t len = 0;

	for (size_t i = 0; i < d->factors; i++)
		mains[i] = fabs(design_coefficient(d, d->columns[i], y));
	for (size_t i = 0; i < d->factors; i++)
		for (size_t k = i + 1; k < d->factors; k++) {
			uint32_t word = design_pair_word(d, i, k);
			double size = mains[i] * mains[k];

			if (!at[word]) {
				pairs[len].adds = 4 * design_coefficient(d, word, y);
				at[word] = ++len;
				likely[word] = -1;
			} else {
				pairs[at[word] - 1].aliases++;
			}
			if (size > likely[word]) {
				likely[word] = size;
				pairs[at[word] - 1].first = i;
				pairs[at[word] - 1].second = k;
			}
		}
	qsort(pairs, len, sizeof(*pairs), compare_pairs);
	*ret_len = len;
	return pairs;
}

double design_noise(struct arena *a, const struct design *d, const double *y, double *ret_margin)
{
	double *sizes = arena_array(a, d->runs, sizeof(*sizes)), first;
	bool *is_factor = arena_array(a, d->runs, sizeof(*is_factor));
	size_t len = 0, kept = 0;

	for (size_t i = 0; i < d->factors; i++)
		is_factor[d->columns[i]] = true;
	for (uint32_t word = 1; word < d->runs; word++)
		if (!is_factor[word])
			sizes[len++] = 4 * fabs(design_coefficient(d, word, y));
	*ret_margin = 0;
	if (!len)
		return 0;
	first = 1.5 * stats_median(sizes, len);
	for (size_t i = 0; i < len; i++)
		if (sizes[i] < 2.5 * first)
			sizes[kept++] = sizes[i];
	first = 1.5 * stats_median(sizes, kept);
	*ret_margin = first * stats_t_2_5_percent(len >= 3 ? len / 3 : 1);
	return first;
}
