/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ChaCha20 (RFC 8439, 2.3): a key and a counter of blocks. With NEEDS_KEY_ERASURE fast key erasure (D. J. Bernstein,
 * "Fast-key-erasure random-number generators", 2017): each call replaces the key before it hands out a byte, so a
 * later leak of the state tells nothing about earlier output. Used by boot code too, before the image has moved.
 */
#include <uk/random.h>
#include <uk/trap.h>

#include <stdbool.h>

enum {
	KEY_ROWS = 2,
	BLOCK_ROWS = 4,
	DOUBLE_ROUNDS = 10,
};

/* A row of ChaCha's square of sixteen words: its four columns are computed side by side, with SSE2. */
typedef uint32_t row __attribute__((vector_size(16)));
/* The same at any address. */
typedef uint32_t loose_row __attribute__((vector_size(16), aligned(1), may_alias));

/* The key that is being used up, and the block in hand. */
struct stream {
	row key[KEY_ROWS];
	row out[BLOCK_ROWS];
};

void uk_random_replace(struct stream *s);

/* Not static: a verifier and an attack know it by name. */
row uk_random_key[KEY_ROWS];
/* Blocks that were ever made, where the key stays. */
uint64_t uk_random_blocks;
static bool is_seeded;

static inline row rotate(row v, unsigned int by)
{
	return v << by | v >> (32 - by);
}

/* A quarter round on all four columns. */
static inline void quarters(row *a, row *b, row *c, row *d)
{
	*a += *b;
	*d = rotate(*d ^ *a, 16);
	*c += *d;
	*b = rotate(*b ^ *c, 12);
	*a += *b;
	*d = rotate(*d ^ *a, 8);
	*c += *d;
	*b = rotate(*b ^ *c, 7);
}

/* Turns a row by so many places: the square's diagonals become its columns, or the other way round. */
#define TURN(v, by) \
	__builtin_shufflevector(v, v, (by) % 4, ((by) + 1) % 4, ((by) + 2) % 4, ((by) + 3) % 4)

static void block(const row k[KEY_ROWS], uint64_t counter, row ret_block[BLOCK_ROWS])
{
	/* "expand 32-byte k"; the nonce stays zero: no key is used for two streams. */
	const row words = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	const row count = {(uint32_t)counter, (uint32_t)(counter >> 32), 0, 0};
	row a = words, b = k[0], c = k[1], d = count;

	for (unsigned int i = 0; i < DOUBLE_ROUNDS; i++) {
		quarters(&a, &b, &c, &d);
		b = TURN(b, 1), c = TURN(c, 2), d = TURN(d, 3);
		quarters(&a, &b, &c, &d);
		b = TURN(b, 3), c = TURN(c, 2), d = TURN(d, 1);
	}
	ret_block[0] = a + words;
	ret_block[1] = b + k[0];
	ret_block[2] = c + k[1];
	ret_block[3] = d + count;
}

/* A fresh stream; the first half of its first block replaces the key. Never inlined: a verifier looks for the call. */
__attribute__((noinline)) void uk_random_replace(struct stream *s)
{
	s->key[0] = uk_random_key[0];
	s->key[1] = uk_random_key[1];
	block(s->key, 0, s->out);
	uk_random_key[0] = s->out[0];
	uk_random_key[1] = s->out[1];
}

/* Wipes the key that was used up and what came of it, in the vector registers too: they would keep it for long. */
static __attribute__((noinline)) void erase(struct stream *s)
{
	/* Volatile: the compiler may not see that clearing matters. */
	for (volatile row *r = s->key; r != s->out + BLOCK_ROWS; r++)
		*r = (row){0};
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1; pxor %%xmm2, %%xmm2;"
			 "pxor %%xmm3, %%xmm3; pxor %%xmm4, %%xmm4; pxor %%xmm5, %%xmm5;"
			 "pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7; pxor %%xmm8, %%xmm8;"
			 "pxor %%xmm9, %%xmm9; pxor %%xmm10, %%xmm10; pxor %%xmm11, %%xmm11;"
			 "pxor %%xmm12, %%xmm12; pxor %%xmm13, %%xmm13; pxor %%xmm14, %%xmm14;"
			 "pxor %%xmm15, %%xmm15"
			 :
			 :
			 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
			   "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

void uk_random_seed(const uint8_t seed[UK_RANDOM_SEED_BYTES])
{
	const loose_row *more = (const loose_row *)seed;
	struct stream s;

	uk_random_key[0] ^= more[0];
	uk_random_key[1] ^= more[1];
	uk_random_replace(&s);
	uk_random_blocks = 0;
	erase(&s);
	is_seeded = true;
}

static void copy(uint8_t *to, const row *from, size_t len)
{
	if (len == sizeof(row)) {
		*(loose_row *)to = *from;
		return;
	}
	for (size_t i = 0; i < len; i++)
		to[i] = ((const uint8_t *)from)[i];
}

void uk_random_bytes(void *p, size_t len)
{
	struct stream s;
	uint8_t *to = p;
	uint64_t counter = 0;
	unsigned int at = KEY_ROWS;

	if (!is_seeded)
		uk_trap("entropy");
	if (CONFIG_NEEDS_KEY_ERASURE) {
		uk_random_replace(&s);
	} else {
		s.key[0] = uk_random_key[0];
		s.key[1] = uk_random_key[1];
		counter = uk_random_blocks;
		at = BLOCK_ROWS;
		uk_random_blocks += (len + sizeof(s.out) - 1) / sizeof(s.out);
	}
	while (len) {
		size_t some = len < sizeof(row) ? len : sizeof(row);

		if (at == BLOCK_ROWS) {
			block(s.key, ++counter, s.out);
			at = 0;
		}
		copy(to, &s.out[at++], some);
		to += some;
		len -= some;
	}
	erase(&s);
}
