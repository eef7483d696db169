/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Estimates from repeated measurements: means with confidence intervals, ratios, and whether a ratio is
 * within a limit. Student's t on few independent replicates; docs/measuring.md says what a replicate is.
 */
#ifndef UKB_STATS_H
#define UKB_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* A mean with its interval; n replicates. With one replicate nothing is known of the spread: low = high. */
struct estimate {
	double mean;
	double low, high; /* 95 %, two-sided */
	double error;     /* standard error of the mean */
	size_t n;         /* 0 = not measured */
};

struct estimate stats_mean(const double *v, size_t n);
/*
 * A share, successes of n independent trials, with Wilson's score interval (E. B. Wilson, Probable inference,
 * JASA 22, 1927): it stays within 0 and 1 and says something of 0 successes too. error is 0.
 */
struct estimate stats_share(size_t successes, size_t n);
/* Reorders v. Of an even number the mean of the two in the middle; 0 of none. */
double stats_median(double *v, size_t n);
/* Student's t: the quantile for the one-sided error, 5 or 2.5 percent, at df >= 1 degrees of freedom. */
double stats_t_5_percent(size_t df);
double stats_t_2_5_percent(size_t df);

enum stats_verdict {
	STATS_UNKNOWN, /* fewer than two replicates */
	STATS_WITHIN,  /* shown to be at most the limit: the one-sided 95 % bound is below it */
	STATS_BEYOND,  /* shown to be above it, in the same way */
	STATS_OPEN,    /* neither can be shown with so many replicates */
};
/* The test of equivalence against an upper limit. */
enum stats_verdict stats_at_most(const struct estimate *e, double limit);
/* The smallest limit that the mean is shown to be within: the one-sided 95 % bound; the mean itself of one. */
double stats_upper(const struct estimate *e);
/* "within", "beyond", "open", "unknown" */
const char *stats_verdict_name(enum stats_verdict v);

/*
 * Marks what x and y rank differently: both members of each pair with x[i] < x[k], although y[i] is shown to
 * be above y[k] (their intervals do not meet). Unmeasured ones take no part.
 */
void stats_discordant(const double *x, const struct estimate *y, size_t n, bool *ret_marks);

#endif
