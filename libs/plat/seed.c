/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot entropy: the launcher's module mixed with RDSEED or RDRAND. A hardened image without any source
 * stops here; one that merely may use randomness later traps at the first use instead. Where a mechanism tests
 * sources, more is drawn, and all of it used.
 */
#include <uk/platform.h>
#include <uk/x86.h>

#include <uk/random.h>

#include <uk/boot.h>

#define CPUID_7_EBX_RDSEED (1U << 18)
#define CPUID_1_ECX_RDRAND (1U << 30)

enum {
	/* Intel DRNG guide 5.2.1 and 5.3.1: RDRAND fails only transiently, RDSEED may need more patience. */
	RETRIES = 32,
	SEED_WORDS = UK_RANDOM_SEED_BYTES / sizeof(uint64_t),
	DRAWN_WORDS = CONFIG_NEEDS_SEED_TESTS ? UK_SEED_TEST_WORDS : SEED_WORDS,
};

static uint64_t draw_once(bool is_seed)
{
	uint64_t v;
	bool is_good;

	if (is_seed)
		__asm__ volatile("rdseed %0" : "=r"(v), "=@ccc"(is_good));
	else
		__asm__ volatile("rdrand %0" : "=r"(v), "=@ccc"(is_good));
	/* All zeros or ones: processors that lost their generator over a suspend say so (AMD erratum). */
	return is_good && v != ~0ULL ? v : 0;
}

static bool draw(bool is_seed, uint64_t ret_words[DRAWN_WORDS])
{
	for (size_t i = 0; i < DRAWN_WORDS; i++) {
		size_t retries = RETRIES;

		do
			ret_words[i] = draw_once(is_seed);
		while (!ret_words[i] && --retries);
		if (!retries)
			return false;
	}
	return true;
}

static bool draw_hardware(uint64_t ret_words[DRAWN_WORDS])
{
	uint32_t regs[4];

	cpuid(0, 0, regs);
	if (regs[0] >= 7) {
		cpuid(7, 0, regs);
		if (regs[1] & CPUID_7_EBX_RDSEED && draw(true, ret_words))
			return true;
	}
	cpuid(1, 0, regs);
	return regs[2] & CPUID_1_ECX_RDRAND && draw(false, ret_words);
}

/* The one way from a source to the generator. Never inlined: a verifier follows it. */
static __attribute__((noinline)) void mix(const uint64_t *words, size_t len)
{
	if (CONFIG_NEEDS_SEED_TESTS)
		uk_seed_require(words, len);
	for (size_t i = 0; i < len; i += SEED_WORDS)
		uk_random_seed((const uint8_t *)(words + i));
}

void uk_boot_seed(const struct uk_boot *b)
{
	uint64_t words[DRAWN_WORDS];
	bool is_seeded = false;

	if (b->seed) {
		copy_bytes(words, b->seed, UK_RANDOM_SEED_BYTES);
		mix(words, SEED_WORDS);
		is_seeded = true;
		/* Nobody reads it again. */
		fill_words((void *)(uintptr_t)b->seed, 0, SEED_WORDS);
	}
	if (draw_hardware(words)) {
		mix(words, DRAWN_WORDS);
		is_seeded = true;
	}
	fill_words(words, 0, DRAWN_WORDS);
	/* C cannot see that the cleared words matter. */
	__asm__ volatile("" : : "r"(words) : "memory");
	if (CONFIG_NEEDS_ENTROPY && !is_seeded)
		uk_trap("entropy");
}
