/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The health tests of sources against streams that are known to be bad, at their cutoffs, and against a million windows
 * of a good one.
 * with: hardening/rng/runtime/rng.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uk/random.h>
#include <uk/trap.h>

#include <cmocka.h>

bool uk_seed_repeats(const uint64_t *words, size_t len);
bool uk_seed_runs(const uint64_t *words, size_t len);
bool uk_seed_leans(const uint64_t *words, size_t len);

enum {
	LEN = UK_SEED_TEST_WORDS,
	WORD_BITS = 64,
	LAUNCHER_LEN = 4,
	GOOD_WINDOWS = 1000000,
	BAD_WINDOWS = 1000,
	RUN_CUTOFF = 61,
	PROPORTION_CUTOFF = 810,
};

static jmp_buf trapped;
static const char *trap_name;

_Noreturn void uk_trap(const char *mechanism)
{
	trap_name = mechanism;
	longjmp(trapped, 1);
}

static bool is_refused(const uint64_t *words, size_t len)
{
	trap_name = NULL;
	if (!setjmp(trapped))
		uk_seed_require(words, len);
	return trap_name && !strcmp(trap_name, "rng");
}

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): even enough for what is tested here. */
static uint64_t draw(void)
{
	static uint64_t state = 1;
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void fill(uint64_t *words)
{
	for (size_t i = 0; i < LEN; i++)
		words[i] = draw();
}

static void good_windows_pass(void **unused)
{
	uint64_t words[LEN];

	(void)unused;
	for (size_t n = 0; n < GOOD_WINDOWS; n++) {
		fill(words);
		assert_false(uk_seed_repeats(words, LEN) || uk_seed_runs(words, LEN) ||
			     uk_seed_leans(words, LEN));
	}
	assert_false(is_refused(words, LEN));
	assert_false(is_refused(words, LAUNCHER_LEN));
}

static void stuck_sources_are_refused(void **unused)
{
	static const uint64_t values[] = {0, ~0ull, 0x5555555555555555u, 0x123456789abcdef0u};
	uint64_t words[LEN];

	(void)unused;
	for (size_t v = 0; v < 4; v++) {
		for (size_t i = 0; i < LEN; i++)
			words[i] = values[v];
		assert_true(is_refused(words, LEN));
		assert_true(is_refused(words, LAUNCHER_LEN));
	}
}

/* Whatever the period, up to half of what is drawn; of the launcher's, up to half of that. */
static void periods_are_refused(void **unused)
{
	uint64_t words[LEN];

	(void)unused;
	for (size_t period = 1; period <= LEN / 2; period++) {
		fill(words);
		for (size_t i = period; i < LEN; i++)
			words[i] = words[i - period];
		assert_true(is_refused(words, LEN));
		assert_int_equal(is_refused(words, LAUNCHER_LEN), period < LAUNCHER_LEN);
	}
}

static void set_bit(uint64_t *words, size_t n, bool value)
{
	const uint64_t bit = 1ull << n % WORD_BITS;

	words[n / WORD_BITS] = value ? words[n / WORD_BITS] | bit : words[n / WORD_BITS] & ~bit;
}

/* A run of exactly so many bits at each place: refused from the cutoff on. */
static void runs_have_a_limit(void **unused)
{
	uint64_t words[LEN];

	(void)unused;
	for (size_t len = RUN_CUTOFF - 1; len <= RUN_CUTOFF + 1; len++)
		for (size_t at = 0; at + len <= LEN * WORD_BITS; at++) {
			const bool value = at & 1;

			for (size_t i = 0; i < LEN; i++)
				words[i] = 0x5a96c3695a96c369u + i;
			for (size_t n = at; n < at + len; n++)
				set_bit(words, n, value);
			if (at)
				set_bit(words, at - 1, !value);
			if (at + len < LEN * WORD_BITS)
				set_bit(words, at + len, !value);
			assert_int_equal(uk_seed_runs(words, LEN), len >= RUN_CUTOFF);
		}
}

/* Exactly so many bits of one value, the others spread out. */
static void proportion_has_a_limit(void **unused)
{
	uint64_t words[LEN];

	(void)unused;
	for (size_t equal = PROPORTION_CUTOFF - 1; equal <= PROPORTION_CUTOFF; equal++)
		for (int first = 0; first < 2; first++) {
			memset(words, first ? 0xff : 0, sizeof(words));
			/* 611 and 1024 have no common factor: each step is a place of its own. */
			for (size_t n = 1; n <= LEN * WORD_BITS - equal; n++)
				set_bit(words, n * 611 % (LEN * WORD_BITS), !first);
			assert_int_equal(uk_seed_leans(words, LEN), equal >= PROPORTION_CUTOFF);
			assert_false(uk_seed_leans(words, LAUNCHER_LEN));
		}
}

/* Seven of eight bits are ones: 896 of 1024 on average, eight standard deviations above the cutoff. */
static void biased_sources_are_refused(void **unused)
{
	uint64_t words[LEN];
	size_t refused = 0;

	(void)unused;
	for (size_t n = 0; n < BAD_WINDOWS; n++) {
		for (size_t i = 0; i < LEN; i++)
			words[i] = draw() | draw() | draw();
		refused += is_refused(words, LEN);
	}
	assert_int_equal(refused, BAD_WINDOWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_windows_pass),
		cmocka_unit_test(stuck_sources_are_refused),
		cmocka_unit_test(periods_are_refused),
		cmocka_unit_test(runs_have_a_limit),
		cmocka_unit_test(proportion_has_a_limit),
		cmocka_unit_test(biased_sources_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
