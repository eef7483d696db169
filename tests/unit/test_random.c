/* SPDX-License-Identifier: BSD-2-Clause */
/* The image's generator on the host: the cipher against its RFC, erasure of keys, refusal without seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../libs/random/random.c"

static jmp_buf trapped;
static const char *trap_name;

_Noreturn void uk_trap(const char *mechanism)
{
	trap_name = mechanism;
	longjmp(trapped, 1);
}

static void refuses_without_seed(void **unused)
{
	uint8_t out[8];

	(void)unused;
	trap_name = NULL;
	if (!setjmp(trapped))
		uk_random_bytes(out, sizeof(out));
	assert_non_null(trap_name);
	assert_string_equal(trap_name, "entropy");
}

/* RFC 8439, A.1, test vector #1 (block counter 0) and #2 (counter 1): zero key, zero nonce. */
static void cipher_is_chacha20(void **unused)
{
	static const uint32_t first[BLOCK_WORDS] = {0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653,
						    0xb819d2bd, 0x1aed8da0, 0xccef36a8, 0xc70d778b,
						    0x7c5941da, 0x8d485751, 0x3fe02477, 0x374ad8b8,
						    0xf4b8436a, 0x1ca11815, 0x69b687c3, 0x8665eeb2};
	static const uint32_t second[4] = {0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73};
	uint32_t zero[KEY_WORDS] = {0}, out[BLOCK_WORDS];

	(void)unused;
	block(zero, 0, out);
	assert_memory_equal(out, first, sizeof(first));
	block(zero, 1, out);
	assert_memory_equal(out, second, sizeof(second));
}

static void every_call_changes_the_key(void **unused)
{
	uint8_t seed[UK_RANDOM_SEED_BYTES] = {1}, a[100], b[100];
	uint32_t before[KEY_WORDS];

	(void)unused;
	uk_random_seed(seed);
	memcpy(before, key, sizeof(key));
	uk_random_bytes(a, sizeof(a));
	assert_memory_not_equal(before, key, sizeof(key));
	uk_random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	/* The key that follows is the first half of a block that is never handed out. */
	assert_memory_not_equal(a, key, sizeof(key));
}

static void seeds_are_mixed(void **unused)
{
	uint8_t one[UK_RANDOM_SEED_BYTES] = {1}, two[UK_RANDOM_SEED_BYTES] = {2};
	uint32_t after_one[KEY_WORDS];

	(void)unused;
	memset(key, 0, sizeof(key));
	uk_random_seed(one);
	memcpy(after_one, key, sizeof(key));
	uk_random_seed(two);
	assert_memory_not_equal(after_one, key, sizeof(key));
	memset(key, 0, sizeof(key));
	uk_random_seed(two);
	uk_random_seed(two);
	assert_memory_not_equal(after_one, key, sizeof(key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_without_seed),
		cmocka_unit_test(cipher_is_chacha20),
		cmocka_unit_test(every_call_changes_the_key),
		cmocka_unit_test(seeds_are_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
