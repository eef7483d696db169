/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ukbuild.lock: the secret layout seed of an application, drawn once, beside the manifest. It keeps
 * builds reproducible and two users' layouts different; it stays out of images and repositories.
 */
#ifndef UKB_LOCK_H
#define UKB_LOCK_H

#include <stdint.h>

struct arena;
struct diags;
struct manifest;

/*
 * The seed as a file that commands can read: from hex (64 digits, e.g. --seed) when not NULL, else
 * from the manifest's `seed`, else from ukbuild.lock, which is created when it is missing.
 * ret_path: a file under dir, mode 0600, rewritten only when its text changes.
 */
int lock_seed(struct arena *a, const struct manifest *m, const char *hex, const char *dir,
	      const char **ret_path, struct diags *d);
/* Reads 64 hex digits from a file ("layout-seed: HEX", comments allowed). */
int lock_read_seed(struct arena *a, const char *path, uint8_t ret[32], struct diags *d);
/*
 * A seed for one purpose, as 64 hex digits, from the layout seed and the words that name the purpose (the last
 * one NULL): it tells nothing about the layout seed, nor about that of another purpose.
 */
const char *lock_derive(struct arena *a, const uint8_t seed[32], const char *const *words);
/* What the file of a seed says; the record of an image has the SHA-256 of it. */
const char *lock_seed_text(struct arena *a, const uint8_t seed[32]);
/* Writes a file that no other user may read, unless it already holds text. */
int lock_write_secret(const char *path, const char *text, struct diags *d);

#endif
