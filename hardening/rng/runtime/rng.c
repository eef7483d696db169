/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Health tests of a source of randomness: NIST SP 800-90B (2018), 4.4, at the start-up that 4.3 asks for, over
 * 1,024 samples of one bit. What is claimed of a source is half a bit of min-entropy a bit, less than any of ours
 * promises, so 1,024 bits hold twice what the generator needs; a false alarm has probability 2^-30 at most for a
 * source that keeps the claim, and none is to be expected of one that is even.
 *
 * What a processor gives has been through a cipher: a broken source behind that looks random, and no test here
 * can tell. These find one that is stuck, that repeats itself, or that is far from even.
 */
#include <stdbool.h>
#include <uk/random.h>
#include <uk/trap.h>

#include <uk/boot.h>

enum {
	WORD_BITS = 64,
	/* 4.4.1: 1 + ceil(30 / 0.5) equal bits in a row are too many. */
	RUN_CUTOFF = 61,
	/* 4.4.2: a window of 1,024 bits; 1 + critbinom(1024, 2^-0.5, 1 - 2^-30) equal ones are too many. */
	WINDOW_BITS = UK_SEED_TEST_WORDS * WORD_BITS,
	PROPORTION_CUTOFF = 810,
};

bool uk_seed_repeats(const uint64_t *words, size_t len);
bool uk_seed_runs(const uint64_t *words, size_t len);
bool uk_seed_leans(const uint64_t *words, size_t len);

/*
 * The repetition count with words as samples, of 32 bits' min-entropy each: 1 + ceil(30 / 32) is two, in a row. Here
 * any two of all, so that a period of several words shows too; by chance with probability 2^-25 for a source that
 * keeps the claim, 2^-57 for an even one.
 */
__attribute__((noinline)) bool uk_seed_repeats(const uint64_t *words, size_t len)
{
	for (size_t i = 1; i < len; i++)
		for (size_t k = 0; k < i; k++)
			if (words[i] == words[k])
				return true;
	return false;
}

/* The repetition count, bits as samples: a run of RUN_CUTOFF bits anywhere, also across words. */
__attribute__((noinline)) bool uk_seed_runs(const uint64_t *words, size_t len)
{
	uint64_t before = 0;

	for (size_t i = 0; i < len; i++) {
		/* Bit n: sample n of this word is as the one before it. Above those, the ones of the word before. */
		const uint64_t first = i ? words[i - 1] >> (WORD_BITS - 1) : ~words[0] & 1;
		const uint64_t same = ~(words[i] ^ (words[i] << 1 | first));
		unsigned __int128 run = (unsigned __int128)same << WORD_BITS | before;

		/* Bit n of `run`: so many equal ones begin there. 2, 4, 8, 16, 32, then RUN_CUTOFF - 1. */
		for (unsigned int have = 1; have < 32; have *= 2)
			run &= run >> have;
		run &= run >> (RUN_CUTOFF - 1 - 32);
		if (run)
			return true;
		before = same;
	}
	return false;
}

/*
 * The adaptive proportion, bits as samples, over one whole window. Of two values both are counted, not just the
 * first one: what leans far begins with its rare value now and then.
 */
__attribute__((noinline)) bool uk_seed_leans(const uint64_t *words, size_t len)
{
	unsigned int ones = 0;

	if (len < UK_SEED_TEST_WORDS)
		return false;
	for (size_t i = 0; i < UK_SEED_TEST_WORDS; i++)
		ones += (unsigned int)__builtin_popcountll(words[i]);
	return ones >= PROPORTION_CUTOFF || WINDOW_BITS - ones >= PROPORTION_CUTOFF;
}

__attribute__((noinline)) void uk_seed_require(const uint64_t *words, size_t len)
{
	if (uk_seed_repeats(words, len))
		uk_trap("rng");
	if (uk_seed_runs(words, len))
		uk_trap("rng");
	if (uk_seed_leans(words, len))
		uk_trap("rng");
}
