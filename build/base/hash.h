/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4) and ChaCha20 (RFC 8439) streams, through nettle. */
#ifndef UKB_HASH_H
#define UKB_HASH_H

#include <stddef.h>
#include <stdint.h>

struct diags;

#define HASH_BYTES 32
#define HASH_HEX (2 * HASH_BYTES + 1)

struct hash {
	uint64_t opaque[32];
};

void hash_init(struct hash *h);
void hash_add(struct hash *h, const void *p, size_t len);
/* Adds the string and its terminating zero, so that "a","b" and "ab","" differ. */
void hash_add_str(struct hash *h, const char *s);
void hash_end(struct hash *h, uint8_t ret[HASH_BYTES]);
void hash_hex(const uint8_t bytes[HASH_BYTES], char ret[HASH_HEX]);
/* Hex SHA-256 of a file, read in blocks. */
int hash_file(const char *path, char ret[HASH_HEX], struct diags *d);

/* A deterministic random stream: ChaCha20 keystream of key SHA-256(seed || label). */
struct stream {
	uint64_t opaque[40];
};
void stream_init(struct stream *s, const uint8_t seed[32], const char *label);
void stream_bytes(struct stream *s, void *p, size_t len);
/* Uniform in [0, bound), by rejection; bound > 0. */
uint64_t stream_below(struct stream *s, uint64_t bound);
/* Bytes from the operating system (getrandom). */
int random_bytes(void *p, size_t len, struct diags *d);

#endif
