/* SPDX-License-Identifier: BSD-2-Clause */
/* The image's one random generator: ChaCha20, seeded by the platform's boot.
 */
#ifndef UK_RANDOM_H
#define UK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum {
	UK_RANDOM_SEED_BYTES = 32,
};

/*
 * Fills `p`. Traps "entropy" when the generator was never seeded: there is no weak answer. Never inlined:
 * the verifier of the canary looks for the call.
 */
__attribute__((noinline)) void uk_random_bytes(void *p, size_t len);
/* Mixes `seed` into the key: never makes the state worse, whoever chose it. */
void uk_random_seed(const uint8_t seed[UK_RANDOM_SEED_BYTES]);

/*
 * With NEEDS_SEED_TESTS, from a mechanism: traps when `words`, consecutive ones of one source, are not what a source of
 * randomness gives. Of a processor's generator it gets UK_SEED_TEST_WORDS, of the launcher as many as there are.
 */
enum {
	UK_SEED_TEST_WORDS = 16,
};
void uk_seed_require(const uint64_t *words, size_t len);

#endif
