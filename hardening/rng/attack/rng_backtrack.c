/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: RNG_BACKTRACK */
/* adversary: A3 */
/*
 * A key was drawn, used and forgotten. Whoever reads the generator's state later runs ChaCha20 (RFC 8439, 2.3) from it
 * over the blocks that it has made.
 */
#include "attack.h"
#include <uk/random.h>

enum {
	KEY_BYTES = 32,
	KEY_WORDS = 8,
	WORDS = 16,
	BLOCKS_MAX = 4096, /* more than a boot makes */
	DOUBLE_ROUNDS = 10,
};

/* libs/random/random.c */
extern uint32_t uk_random_key[KEY_WORDS];

static uint32_t rotate(uint32_t v, unsigned int by)
{
	return v << by | v >> (32 - by);
}

static void quarter(uint32_t *s, const unsigned char at[4])
{
	uint32_t a = s[at[0]], b = s[at[1]], c = s[at[2]], d = s[at[3]];

	a += b, d = rotate(d ^ a, 16);
	c += d, b = rotate(b ^ c, 12);
	a += b, d = rotate(d ^ a, 8);
	c += d, b = rotate(b ^ c, 7);
	s[at[0]] = a, s[at[1]] = b, s[at[2]] = c, s[at[3]] = d;
}

static void block(const volatile uint32_t *key, uint32_t counter, uint32_t *ret)
{
	static const unsigned char places[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14},
						   {3, 7, 11, 15}, {0, 5, 10, 15}, {1, 6, 11, 12},
						   {2, 7, 8, 13},  {3, 4, 9, 14}};
	uint32_t start[WORDS] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

	for (int i = 0; i < KEY_WORDS; i++)
		start[4 + i] = key[i];
	start[12] = counter;
	for (int i = 0; i < WORDS; i++)
		ret[i] = start[i];
	for (int i = 0; i < DOUBLE_ROUNDS; i++)
		for (int k = 0; k < 8; k++)
			quarter(ret, places[k]);
	for (int i = 0; i < WORDS; i++)
		ret[i] += start[i];
}

/* Any of the last blocks begins with what was handed out. */
static bool is_found(const uint32_t *wanted)
{
	const volatile uint32_t *key = attack_launder(uk_random_key);
	uint32_t made[WORDS];

	for (uint32_t n = 0; n < BLOCKS_MAX; n++) {
		int i = 0;

		block(key, n, made);
		while (i < KEY_WORDS && made[i] == wanted[i])
			i++;
		if (i == KEY_WORDS)
			return true;
	}
	return false;
}

int main(void)
{
	uint32_t drawn[KEY_WORDS] = {0};

	uk_random_bytes(drawn, KEY_BYTES);
	if (!(drawn[0] | drawn[1]))
		return 1;
	attack_control_ok();
	if (is_found(drawn))
		attack_succeeded();
	return 0;
}
