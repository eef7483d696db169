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
	static const uint32_t first[16] = {0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653,
					   0xb819d2bd, 0x1aed8da0, 0xccef36a8, 0xc70d778b,
					   0x7c5941da, 0x8d485751, 0x3fe02477, 0x374ad8b8,
					   0xf4b8436a, 0x1ca11815, 0x69b687c3, 0x8665eeb2};
	static const uint32_t second[4] = {0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73};
	const row zero[KEY_ROWS] = {{0}};
	row out[BLOCK_ROWS];

	(void)unused;
	block(zero, 0, out);
	assert_memory_equal(out, first, sizeof(first));
	block(zero, 1, out);
	assert_memory_equal(out, second, sizeof(second));
}

static void every_call_changes_the_key(void **unused)
{
	uint8_t seed[UK_RANDOM_SEED_BYTES] = {1}, a[100], b[100];
	row before[KEY_ROWS];

	(void)unused;
	uk_random_seed(seed);
	memcpy(before, uk_random_key, sizeof(uk_random_key));
	uk_random_bytes(a, sizeof(a));
	assert_memory_not_equal(before, uk_random_key, sizeof(uk_random_key));
	uk_random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	/* The key that follows is the first half of a block that is never handed out. */
	assert_memory_not_equal(a, uk_random_key, sizeof(uk_random_key));
}

static void seeds_are_mixed(void **unused)
{
	uint8_t one[UK_RANDOM_SEED_BYTES] = {1}, two[UK_RANDOM_SEED_BYTES] = {2};
	row after_one[KEY_ROWS];

	(void)unused;
	memset(uk_random_key, 0, sizeof(uk_random_key));
	uk_random_seed(one);
	memcpy(after_one, uk_random_key, sizeof(uk_random_key));
	uk_random_seed(two);
	assert_memory_not_equal(after_one, uk_random_key, sizeof(uk_random_key));
	memset(uk_random_key, 0, sizeof(uk_random_key));
	uk_random_seed(two);
	uk_random_seed(two);
	assert_memory_not_equal(after_one, uk_random_key, sizeof(uk_random_key));
}

/* Whatever the length and place, the bytes are those of one stream, and none beside them changes. */
static void every_length_is_the_same_stream(void **unused)
{
	enum {
		LONGEST = 200
	};
	uint8_t seed[UK_RANDOM_SEED_BYTES] = {3}, all[LONGEST], some[LONGEST + 2];

	(void)unused;
	memset(uk_random_key, 0, sizeof(uk_random_key));
	uk_random_seed(seed);
	uk_random_bytes(all, sizeof(all));
	for (size_t len = 0; len <= LONGEST; len++) {
		memset(some, 0xa5, sizeof(some));
		memset(uk_random_key, 0, sizeof(uk_random_key));
		uk_random_seed(seed);
		uk_random_bytes(some + 1, len);
		assert_memory_equal(some + 1, all, len);
		assert_int_equal(some[0], 0xa5);
		assert_int_equal(some[len + 1], 0xa5);
	}
}

static void no_register_keeps_a_key(void **unused)
{
	uint8_t seed[UK_RANDOM_SEED_BYTES] = {4}, out[8];
	row left[4];
	const row none[4] = {{0}};

	(void)unused;
	uk_random_seed(seed);
	uk_random_bytes(out, sizeof(out));
	__asm__ volatile(
		"movdqu %%xmm0, %0; movdqu %%xmm1, %1; movdqu %%xmm2, %2; movdqu %%xmm3, %3"
		: "=m"(left[0]), "=m"(left[1]), "=m"(left[2]), "=m"(left[3]));
	assert_memory_equal(left, none, sizeof(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_without_seed),
		cmocka_unit_test(cipher_is_chacha20),
		cmocka_unit_test(every_call_changes_the_key),
		cmocka_unit_test(seeds_are_mixed),
		cmocka_unit_test(every_length_is_the_same_stream),
		cmocka_unit_test(no_register_keeps_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
