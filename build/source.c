/* SPDX-License-Identifier: BSD-2-Clause */
/* See source.h. Fetching is fetch.c's; unpacking is tar's, patching patch's, both as processes. */
#include "source.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "fetch.h"
#include "tree.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Written last into a prepared folder: without it the folder is not used. */
#define STAMP ".prepared"
/* Part of the key: raise it when this file's way of preparing changes. */
#define RECIPE "1"
/* Hex digits of the key in the folder's name. */
#define KEY_DIGITS 16
#define PATCH_MAX_BYTES (1u << 20)

static int hash_add_file(struct arena *a, struct hash *h, const char *path, struct diags *d)
{
	char *text;
	size_t len;

	if (file_read(a, path, PATCH_MAX_BYTES, &text, &len, d))
		return -1;
	hash_add_str(h, path_base(path));
	hash_add_str(h, text);
	return 0;
}

/* The unit's prepare.sh, or NULL when it has none. */
static const char *prepare_script(struct arena *a, const struct unit *u)
{
	const char *path = path_join(a, u->dir, "prepare.sh");

	return file_exists(path) ? path : NULL;
}

/* Folder of the prepared source: its name depends on the archive, the patches and the recipe. */
static int prepared_dir(struct arena *a, const struct unit *u, const char *cache_dir,
			const char **ret_dir, struct diags *d)
{
	const struct source_spec *s = u->source;
	const char *script = prepare_script(a, u);
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, RECIPE);
	hash_add_str(&h, s->sha256);
	hash_add_str(&h, s->unpacked);
	for (size_t i = 0; i < s->patches.len; i++) {
		if (hash_add_file(a, &h, path_join(a, u->dir, s->patches.v[i].s), d))
			return -1;
	}
	if (script && hash_add_file(a, &h, script, d))
		return -1;
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	*ret_dir =
		path_join(a, cache_dir,
			  arena_printf(a, "%s-%s-%.*s", s->package, s->version, KEY_DIGITS, hex));
	return 0;
}

static int verify_archive(const struct unit *u, const char *path, struct diags *d)
{
	char hex[HASH_HEX];

	if (hash_file(path, hex, d))
		return -1;
	if (str_eq(hex, u->source->sha256))
		return 0;
	diag_fail_at(d, DIAG_CHECK, u->source->loc, "'%s' has the wrong SHA-256 %s, not %s", path,
		     hex, u->source->sha256);
	return diag_hint(d, "if the file was damaged, remove it and run the command again");
}

static int get_archive(struct arena *a, const struct unit *u, const char *cache_dir,
		       const char **ret_path, struct diags *d)
{
	const struct source_spec *s = u->source;
	const char *path = path_join(a, cache_dir, s->archive);

	if (!file_exists(path)) {
		log_info("fetching %s", s->archive);
		if (file_mkdirs(cache_dir, d) ||
		    fetch_archive(a, s->package, s->version, s->archive, path, d))
			return -1;
	}
	if (verify_archive(u, path, d))
		return -1;
	*ret_path = path;
	return 0;
}

/* Runs argv quietly in cwd; its output is shown only when it fails. */
static int run_in(struct arena *a, const char *cwd, const char *const *argv, struct diags *d)
{
	static const char *const env[] = {"LC_ALL=C", NULL};
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.cwd = cwd,
		.env = env,
	};
	struct proc_result result;

	return proc_check(a, argv, &opts, &result, d);
}

static int apply_patches(struct arena *a, const struct unit *u, const char *dir, struct diags *d)
{
	const struct words *patches = &u->source->patches;

	for (size_t i = 0; i < patches->len; i++) {
		const char *file = path_join(a, u->dir, patches->v[i].s);
		const char *argv[] = {"patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch",
				      "-i",    file,  NULL};

		if (run_in(a, dir, argv, d)) {
			diag_note(d, patches->v[i].loc, "this patch does not apply to %s-%s",
				  u->source->package, u->source->version);
			return -1;
		}
	}
	return 0;
}

/* Fills the empty folder work and makes the prepared source in work/UNPACKED. */
static int unpack(struct arena *a, const struct unit *u, const char *archive, const char *work,
		  struct diags *d)
{
	const char *top = path_join(a, work, u->source->unpacked);
	const char *script = prepare_script(a, u);
	const char *tar[] = {"tar", "-xf", archive, "--no-same-owner", NULL};
	const char *sh[] = {"sh", script, NULL};

	if (run_in(a, work, tar, d))
		return -1;
	if (!file_is_dir(top))
		return diag_error(d, u->source->loc, "archive '%s' has no folder '%s'",
				  u->source->archive, u->source->unpacked);
	if (apply_patches(a, u, top, d) || (script && run_in(a, top, sh, d)))
		return -1;
	return file_write(path_join(a, top, STAMP), "", 0, d);
}

/* Puts the finished folder in its place; another process may have been faster. */
static int publish(struct arena *a, const char *from, const char *to, struct diags *d)
{
	const char *stamp = path_join(a, to, STAMP);

	if (!file_exists(stamp) && file_remove_tree(to, d))
		return -1;
	if (rename(from, to) && !file_exists(stamp))
		return diag_fail(d, DIAG_TOOL, "cannot rename '%s' to '%s': %s", from, to,
				 strerror(errno));
	return 0;
}

int source_prepare(struct arena *a, const struct unit *u, const char *cache_dir,
		   const char **ret_dir, struct diags *d)
{
	const char *dir, *archive, *work;
	int status = -1;

	cache_dir = path_absolute(a, cache_dir);
	if (prepared_dir(a, u, cache_dir, &dir, d))
		return -1;
	if (file_exists(path_join(a, dir, STAMP))) {
		*ret_dir = dir;
		return 0;
	}
	if (get_archive(a, u, cache_dir, &archive, d))
		return -1;
	work = arena_printf(a, "%s.new.%ld", dir, (long)getpid());
	if (file_remove_tree(work, d) || file_mkdirs(work, d))
		return -1;
	if (unpack(a, u, archive, work, d) ||
	    publish(a, path_join(a, work, u->source->unpacked), dir, d))
		goto out;
	*ret_dir = dir;
	status = 0;
out:
	if (file_remove_tree(work, d))
		return -1;
	return status;
}
