/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seal of jump buffers: the function against vectors, and every word of a buffer.
 * with: -DCONFIG_NEEDS_CET_SHADOW=0 hardening/setjmp/runtime/seal.c
 * as: setjmp-shadow -DCONFIG_NEEDS_CET_SHADOW=1 hardening/setjmp/runtime/seal.c
 */
#include "buffer.h"
#include "siphash.h"
#include "tests/libs/fake_plat.h"
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

uint64_t uk_setjmp_key[UK_SETJMP_KEY_WORDS];

static uint64_t hash(size_t words)
{
	/* Key 00 .. 0f, message 00 01 02 ..., as the authors' vectors have them. */
	const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint64_t v[4], word;
	uint8_t bytes[8];

	siphash_begin(v, key);
	for (size_t i = 0; i < words; i++) {
		for (size_t k = 0; k < 8; k++)
			bytes[k] = (uint8_t)(i * 8 + k);
		memcpy(&word, bytes, 8);
		siphash_word(v, word);
	}
	return siphash_end(v, words);
}

/* From OpenSSL 3.0: openssl mac -macopt hexkey:0001..0f -macopt size:8 -macopt c-rounds:1 -macopt d-rounds:3. */
static void test_vectors(void **state)
{
	(void)state;
	assert_int_equal(hash(0), 0xabac0158050fc4dc);
	assert_int_equal(hash(1), 0x369095118d299a8e);
	assert_int_equal(hash(2), 0xcc4fdd1a7d908b66);
	assert_int_equal(hash(11), 0xd784600acd72ab0e);
}

static bool traps(const struct uk_setjmp_buffer *b)
{
	fake_trap_name = NULL;
	if (setjmp(fake_trap))
		return !strcmp(fake_trap_name, "setjmp");
	uk_setjmp_check(b);
	return false;
}

static void test_each_word_counts(void **state)
{
	static struct uk_setjmp_buffer b, copy;

	(void)state;
	for (int has_mask = 0; has_mask < 2; has_mask++) {
		for (size_t i = 0; i < UK_SETJMP_WORDS; i++)
			b.words[i] = fake_random();
		assert_int_equal(uk_setjmp_seal(&b, has_mask), 0);
		assert_false(traps(&b));
		for (size_t i = 0; i < sizeof(b) / sizeof(uint64_t); i++) {
			bool is_free =
				!has_mask && i == offsetof(struct uk_setjmp_buffer, mask) / 8;

			for (unsigned int bit = 0; bit < 64; bit++) {
				((uint64_t *)&b)[i] ^= 1ull << bit;
				assert_int_equal(traps(&b), !is_free);
				((uint64_t *)&b)[i] ^= 1ull << bit;
			}
		}
		/* The same words in another place, and of another boot. */
		copy = b;
		assert_true(traps(&copy));
		uk_setjmp_key[has_mask] ^= 1;
		assert_true(traps(&b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_each_word_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
