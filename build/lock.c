/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "manifest.h"

#define SEED_BYTES 32
#define SEED_DIGITS (2 * SEED_BYTES)
#define LOCK_MAX_BYTES 4096

static const char key[] = "layout-seed:";

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_hex(const char *hex, size_t len, uint8_t ret[SEED_BYTES])
{
	if (len != SEED_DIGITS)
		return -1;
	for (size_t i = 0; i < SEED_BYTES; i++) {
		int hi = hex_digit(hex[2 * i]), lo = hex_digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return -1;
		ret[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

int lock_read_seed(struct arena *a, const char *path, uint8_t ret[32], struct diags *d)
{
	struct loc loc = {path, 0, 0};
	const char *line, *next;
	char *text;
	size_t len;

	if (file_read(a, path, LOCK_MAX_BYTES, &text, &len, d))
		return -1;
	for (line = text; *line; line = next) {
		size_t n = strcspn(line, "\n");

		loc.line++;
		next = line + n + (line[n] == '\n');
		if (strncmp(line, key, sizeof(key) - 1) != 0)
			continue;
		line += sizeof(key) - 1;
		line += strspn(line, " \t");
		n = strcspn(line, " \t\r\n");
		if (parse_hex(line, n, ret) == 0)
			return 0;
		diag_error(d, loc, "'layout-seed' is not %d hex digits", SEED_DIGITS);
		return diag_hint(d, "remove the file to draw a new seed");
	}
	diag_error(d, loc, "no 'layout-seed' in '%s'", path);
	return diag_hint(d, "remove the file to draw a new seed");
}

const char *lock_derive(struct arena *a, const uint8_t seed[32], const char *const *words)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add(&h, seed, SEED_BYTES);
	for (; *words; words++)
		hash_add_str(&h, *words);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_strdup(a, hex);
}

const char *lock_seed_text(struct arena *a, const uint8_t seed[SEED_BYTES])
{
	char hex[HASH_HEX];

	hash_hex(seed, hex);
	return arena_printf(
		a,
		"# The secret layout seed of this application (ukbuild). Keep it out of "
		"repositories.\n%s %s\n",
		key, hex);
}

/* With mode 0600, so that no other user reads the layout. */
int lock_write_secret(const char *path, const char *text, struct diags *d)
{
	mode_t old = umask(077);
	int r = file_write_if_changed(path, text, strlen(text), NULL, d);

	umask(old);
	return r;
}

static int find_seed(struct arena *a, const struct manifest *m, const char *hex,
		     uint8_t seed[SEED_BYTES], struct diags *d)
{
	const char *path = path_join(a, m->dir, "ukbuild.lock");

	if (hex) {
		if (parse_hex(hex, strlen(hex), seed) == 0)
			return 0;
		return diag_fail(d, DIAG_USAGE, "'--seed' takes %d hex digits", SEED_DIGITS);
	}
	if (m->harden.seed.s) {
		if (parse_hex(m->harden.seed.s, strlen(m->harden.seed.s), seed) == 0)
			return 0;
		return diag_error(d, m->harden.seed.loc, "'seed' takes %d hex digits", SEED_DIGITS);
	}
	if (file_exists(path))
		return lock_read_seed(a, path, seed, d);
	if (random_bytes(seed, SEED_BYTES, d))
		return -1;
	return lock_write_secret(path, lock_seed_text(a, seed), d);
}

int lock_seed(struct arena *a, const struct manifest *m, const char *hex, const char *dir,
	      const char **ret_path, struct diags *d)
{
	const char *path = path_join(a, dir, "layout-seed");
	uint8_t seed[SEED_BYTES];

	if (find_seed(a, m, hex, seed, d) || file_mkdirs(dir, d) ||
	    lock_write_secret(path, lock_seed_text(a, seed), d))
		return -1;
	*ret_path = path;
	return 0;
}
