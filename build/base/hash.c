/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 and ChaCha20 through nettle. See hash.h. */
#include "hash.h"

#include "diag.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/chacha.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static_assert(sizeof(struct sha256_ctx) <= sizeof(struct hash), "struct hash is too small");
static_assert(HASH_BYTES == SHA256_DIGEST_SIZE, "SHA-256 has 32 bytes");

struct stream_state {
	struct chacha_ctx chacha;
	uint8_t block[CHACHA_BLOCK_SIZE];
	size_t used; /* bytes of block already given out */
};
static_assert(sizeof(struct stream_state) <= sizeof(struct stream), "struct stream is too small");

static struct sha256_ctx *sha(struct hash *h)
{
	return (struct sha256_ctx *)h->opaque;
}

static struct stream_state *state(struct stream *s)
{
	return (struct stream_state *)s->opaque;
}

void hash_init(struct hash *h)
{
	sha256_init(sha(h));
}

void hash_add(struct hash *h, const void *p, size_t len)
{
	if (len)
		sha256_update(sha(h), len, p);
}

void hash_add_str(struct hash *h, const char *s)
{
	hash_add(h, s, strlen(s) + 1);
}

void hash_end(struct hash *h, uint8_t ret[HASH_BYTES])
{
	sha256_digest(sha(h), HASH_BYTES, ret);
}

void hash_hex(const uint8_t bytes[HASH_BYTES], char ret[HASH_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_BYTES; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[HASH_HEX - 1] = '\0';
}

int hash_file(const char *path, char ret[HASH_HEX], struct diags *d)
{
	uint8_t buf[32 * 1024], sum[HASH_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hash h;
	ssize_t n;

	if (fd < 0)
		return diag_error(d, loc_none, "cannot open '%s': %s", path, strerror(errno));
	hash_init(&h);
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int cause = errno;

			close(fd);
			return diag_error(d, loc_none, "cannot read '%s': %s", path,
					  strerror(cause));
		}
		hash_add(&h, buf, (size_t)n);
	}
	close(fd);
	hash_end(&h, sum);
	hash_hex(sum, ret);
	return 0;
}

void stream_init(struct stream *s, const uint8_t seed[32], const char *label)
{
	static const uint8_t nonce[CHACHA_NONCE_SIZE]; /* zero: each key is used for one stream */
	uint8_t key[HASH_BYTES];
	struct hash h;

	hash_init(&h);
	hash_add(&h, seed, 32);
	hash_add(&h, label, strlen(label));
	hash_end(&h, key);
	chacha_set_key(&state(s)->chacha, key);
	chacha_set_nonce(&state(s)->chacha, nonce);
	state(s)->used = CHACHA_BLOCK_SIZE;
}

void stream_bytes(struct stream *s, void *p, size_t len)
{
	static const uint8_t zero[CHACHA_BLOCK_SIZE];
	struct stream_state *st = state(s);
	uint8_t *to = p;

	while (len) {
		size_t n;

		if (st->used == CHACHA_BLOCK_SIZE) {
			chacha_crypt(&st->chacha, CHACHA_BLOCK_SIZE, st->block, zero);
			st->used = 0;
		}
		n = CHACHA_BLOCK_SIZE - st->used;
		if (n > len)
			n = len;
		memcpy(to, st->block + st->used, n);
		st->used += n;
		to += n;
		len -= n;
	}
}

uint64_t stream_below(struct stream *s, uint64_t bound)
{
	/* Values below 2^64 mod bound would be more likely than the others: draw again. */
	uint64_t reject_below = -bound % bound;
	uint8_t raw[8];
	uint64_t x;

	assert(bound > 0);
	do {
		stream_bytes(s, raw, sizeof(raw));
		x = 0;
		for (size_t i = 0; i < sizeof(raw); i++)
			x |= (uint64_t)raw[i] << (8 * i);
	} while (x < reject_below);
	return x % bound;
}

int random_bytes(void *p, size_t len, struct diags *d)
{
	uint8_t *to = p;

	while (len) {
		ssize_t n = getrandom(to, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_fail(d, DIAG_TOOL, "cannot get random bytes: %s",
					 strerror(errno));
		to += n;
		len -= (size_t)n;
	}
	return 0;
}
