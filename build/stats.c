/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"

/*
 * Student's t, quantiles 0.975 and 0.95 for 1 to 30 degrees of freedom (NIST/SEMATECH e-Handbook of
 * Statistical Methods, 1.3.6.7.2). Beyond 30 the last row stays: intervals are too wide by 4 % at most,
 * never too narrow.
 */
static const double quantiles[30][2] = {
	{12.706, 6.314}, {4.303, 2.920}, {3.182, 2.353}, {2.776, 2.132}, {2.571, 2.015},
	{2.447, 1.943},  {2.365, 1.895}, {2.306, 1.860}, {2.262, 1.833}, {2.228, 1.812},
	{2.201, 1.796},  {2.179, 1.782}, {2.160, 1.771}, {2.145, 1.761}, {2.131, 1.753},
	{2.120, 1.746},  {2.110, 1.740}, {2.101, 1.734}, {2.093, 1.729}, {2.086, 1.725},
	{2.080, 1.721},  {2.074, 1.717}, {2.069, 1.714}, {2.064, 1.711}, {2.060, 1.708},
	{2.056, 1.706},  {2.052, 1.703}, {2.048, 1.701}, {2.045, 1.699}, {2.042, 1.697},
};

static double quantile(size_t df, int column)
{
	return quantiles[(df < ARRAY_LEN(quantiles) ? df : ARRAY_LEN(quantiles)) - 1][column];
}

double stats_t_2_5_percent(size_t df)
{
	return quantile(df, 0);
}

double stats_t_5_percent(size_t df)
{
	return quantile(df, 1);
}

struct estimate stats_mean(const double *v, size_t n)
{
	struct estimate e = {.n = n};
	double squares = 0;

	if (!n)
		return e;
	for (size_t i = 0; i < n; i++)
		e.mean += v[i] / (double)n;
	e.low = e.high = e.mean;
	if (n < 2)
		return e;
	for (size_t i = 0; i < n; i++)
		squares += (v[i] - e.mean) * (v[i] - e.mean);
	e.error = sqrt(squares / (double)(n - 1) / (double)n);
	e.low = e.mean - stats_t_2_5_percent(n - 1) * e.error;
	e.high = e.mean + stats_t_2_5_percent(n - 1) * e.error;
	return e;
}

struct estimate stats_share(size_t successes, size_t n)
{
	const double z = 1.959964; /* the normal distribution's quantile 0.975 */
	struct estimate e = {.n = n};
	double share, centre, width, count = (double)n;

	if (!n)
		return e;
	share = (double)successes / count;
	centre = (share + z * z / (2 * count)) / (1 + z * z / count);
	width = z / (1 + z * z / count) *
		sqrt(share * (1 - share) / count + z * z / (4 * count * count));
	e.mean = share;
	/* Rounding must not keep a bound from 0 or 1 where it is that exactly. */
	e.low = successes ? centre - width : 0;
	e.high = successes < n ? centre + width : 1;
	return e;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double stats_median(double *v, size_t n)
{
	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), compare_doubles);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double stats_upper(const struct estimate *e)
{
	return e->n < 2 ? e->mean : e->mean + stats_t_5_percent(e->n - 1) * e->error;
}

enum stats_verdict stats_at_most(const struct estimate *e, double limit)
{
	double margin;

	if (e->n < 2)
		return STATS_UNKNOWN;
	margin = stats_t_5_percent(e->n - 1) * e->error;
	if (stats_upper(e) <= limit)
		return STATS_WITHIN;
	return e->mean - margin > limit ? STATS_BEYOND : STATS_OPEN;
}

const char *stats_verdict_name(enum stats_verdict v)
{
	static const char *const names[] = {
		[STATS_UNKNOWN] = "unknown",
		[STATS_WITHIN] = "within",
		[STATS_BEYOND] = "beyond",
		[STATS_OPEN] = "open",
	};

	return names[v];
}

void stats_discordant(const double *x, const struct estimate *y, size_t n, bool *ret_marks)
{
	for (size_t i = 0; i < n; i++)
		ret_marks[i] = false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (y[i].n && y[k].n && x[i] < x[k] && y[i].low > y[k].high)
				ret_marks[i] = ret_marks[k] = true;
}
