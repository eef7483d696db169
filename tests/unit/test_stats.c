/* SPDX-License-Identifier: BSD-2-Clause */
/* Estimates: means with intervals, the test against a limit, ranks. */
#include "stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double found, double wanted)
{
	if (fabs(found - wanted) > 1e-3)
		fail_msg("%f is not %f", found, wanted);
}

static void test_median(void **state)
{
	double odd[] = {5, 1, 9}, even[] = {4, 2, 8, 6};

	(void)state;
	assert_near(stats_median(odd, 3), 5);
	assert_near(stats_median(even, 4), 5);
	assert_near(stats_median(NULL, 0), 0);
}

/* By hand: mean 3, variance 2.5, standard error sqrt(2.5 / 5) = 0.7071, t(4) = 2.776. */
static void test_mean(void **state)
{
	const double v[] = {1, 2, 3, 4, 5};
	struct estimate e = stats_mean(v, 5);

	(void)state;
	assert_near(e.mean, 3);
	assert_near(e.error, 0.7071);
	assert_near(e.low, 3 - 1.963);
	assert_near(e.high, 3 + 1.963);
	e = stats_mean(v, 1);
	assert_near(e.low, 1);
	assert_near(e.high, 1);
	assert_int_equal(stats_mean(v, 0).n, 0);
	assert_near(stats_t_5_percent(4), 2.132);
	assert_near(stats_t_2_5_percent(1000), 2.042);
}

/* Newcombe, Two-sided confidence intervals for the single proportion (Stat. Med. 17, 1998), table I, method 3. */
static void test_share(void **state)
{
	struct estimate e = stats_share(81, 263);

	(void)state;
	assert_near(e.mean, 0.3080);
	assert_near(e.low, 0.2553);
	assert_near(e.high, 0.3662);
	e = stats_share(15, 148);
	assert_near(e.low, 0.0624);
	assert_near(e.high, 0.1605);
	e = stats_share(0, 20);
	assert_true(e.low == 0);
	assert_near(e.high, 0.1611);
	e = stats_share(20, 20);
	assert_near(e.low, 0.8389);
	assert_true(e.high == 1);
	assert_int_equal(stats_share(0, 0).n, 0);
}

static void test_at_most(void **state)
{
	const double tight[] = {1.02, 1.021, 1.019, 1.02}, wide[] = {1.0, 1.05, 1.01, 1.03};
	struct estimate e = stats_mean(tight, 4), w = stats_mean(wide, 4),
			one = stats_mean(wide, 1);

	(void)state;
	assert_near(stats_upper(&one), 1);
	assert_int_equal(stats_at_most(&w, stats_upper(&w) + 1e-9), STATS_WITHIN);
	assert_int_equal(stats_at_most(&w, stats_upper(&w) - 1e-9), STATS_OPEN);
	assert_int_equal(stats_at_most(&e, 1.03), STATS_WITHIN);
	assert_int_equal(stats_at_most(&e, 1.01), STATS_BEYOND);
	assert_int_equal(stats_at_most(&w, 1.03), STATS_OPEN);
	assert_int_equal(stats_at_most(&one, 2), STATS_UNKNOWN);
	assert_string_equal(stats_verdict_name(STATS_OPEN), "open");
}

/* A true effect at the limit passes one time in twenty: the error that "95 %" promises. */
static void test_at_most_errs_rarely(void **state)
{
	uint64_t seed = 88172645463325252ULL;
	unsigned int within = 0;
	const unsigned int draws = 20000;

	(void)state;
	for (unsigned int i = 0; i < draws; i++) {
		double v[5];
		struct estimate e;

		for (unsigned int k = 0; k < 5; k++) {
			v[k] = 0;
			/* Twelve uniform draws add up to a normal one, nearly (Irwin-Hall). */
			for (unsigned int n = 0; n < 12; n++) {
				seed ^= seed << 13;
				seed ^= seed >> 7;
				seed ^= seed << 17;
				v[k] += (double)(seed >> 11) / 9007199254740992.0 - 0.5;
			}
		}
		e = stats_mean(v, 5);
		within += stats_at_most(&e, 0) == STATS_WITHIN;
	}
	assert_in_range(within, draws * 4 / 100, draws * 6 / 100);
}

static void test_discordant(void **state)
{
	const double x[] = {1, 2, 3, 4};
	const struct estimate y[] = {
		{.mean = 5, .low = 4.9, .high = 5.1, .n = 3},
		{.mean = 2, .low = 1.9, .high = 2.1, .n = 3},
		{.mean = 4.95,
		 .low = 4.8,
		 .high = 5.0,
		 .n = 3}, /* its interval meets the first's */
		{.n = 0},
	};
	bool marks[4];

	(void)state;
	stats_discordant(x, y, 4, marks);
	assert_true(marks[0]);
	assert_true(marks[1]);
	assert_false(marks[2]);
	assert_false(marks[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_at_most),
		cmocka_unit_test(test_at_most_errs_rarely),
		cmocka_unit_test(test_discordant),
	};

	return cmocka_run_group_tests_name("test_stats", tests, NULL, NULL);
}
