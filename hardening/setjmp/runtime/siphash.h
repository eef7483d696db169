/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SipHash-1-3 over whole words (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012):
 * one round a word, three at the end. Not the usual two and four: the paper's attacks on fewer rounds do not
 * reach these, and the attacker here sees no more than he can make the program seal.
 */
#ifndef UK_SIPHASH_H
#define UK_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum {
	SIPHASH_ROUNDS = 1,
	SIPHASH_FINAL_ROUNDS = 3,
};

static inline uint64_t siphash_rotate(uint64_t v, unsigned int by)
{
	return v << by | v >> (64 - by);
}

static inline void siphash_rounds(uint64_t v[4], unsigned int count)
{
	while (count--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = siphash_rotate(v[1], 13) ^ v[0];
		v[3] = siphash_rotate(v[3], 16) ^ v[2];
		v[0] = siphash_rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = siphash_rotate(v[1], 17) ^ v[2];
		v[3] = siphash_rotate(v[3], 21) ^ v[0];
		v[2] = siphash_rotate(v[2], 32);
	}
}

static inline void siphash_begin(uint64_t v[4], const uint64_t key[2])
{
	v[0] = key[0] ^ 0x736f6d6570736575; /* "somepseudorandomlygeneratedbytes" */
	v[1] = key[1] ^ 0x646f72616e646f6d;
	v[2] = key[0] ^ 0x6c7967656e657261;
	v[3] = key[1] ^ 0x7465646279746573;
}

static inline void siphash_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	siphash_rounds(v, SIPHASH_ROUNDS);
	v[0] ^= word;
}

/* words: how many there were. The last block has no bytes of its own, only the length. */
static inline uint64_t siphash_end(uint64_t v[4], size_t words)
{
	siphash_word(v, (uint64_t)(words * sizeof(uint64_t)) << 56);
	v[2] ^= 0xff;
	siphash_rounds(v, SIPHASH_FINAL_ROUNDS);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
