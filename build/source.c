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
#include "manifest.h"
#include "tree.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Written last into a prepared folder: without it the folder is not used. */
#define STAMP ".prepared"
/* Part of the key: raise it when this file's way of preparing changes. */
#define RECIPE "1"
/* Hex digits of the key in the folder's name, and of a hash in a file's. */
#define KEY_DIGITS 16
#define PATCH_MAX_BYTES (1u << 20)

struct source source_of_unit(struct arena *a, const struct unit *u)
{
	const struct source_spec *spec = u->source;
	const char *script = path_join(a, u->dir, "prepare.sh");
	struct source s = {
		.loc = spec->loc,
		.kind = FETCH_PACKAGE,
		.from = spec->package,
		.name = spec->package,
		.version = spec->version,
		.archive = {spec->archive, spec->sha256, spec->loc},
		.unpacked = spec->unpacked,
		.script = file_exists(script) ? script : NULL,
	};

	for (size_t i = 0; i < spec->patches.len; i++)
		vec_push(a, &s.patches,
			 (struct source_patch){path_join(a, u->dir, spec->patches.v[i].s),
					       spec->patches.v[i].loc});
	return s;
}

/* "lua-5.4.4" of "lua-5.4.4.tar.gz": what names an archive that has no package. */
static const char *name_of_archive(struct arena *a, const char *archive)
{
	const char *end = strstr(archive, ".tar");

	if (!end)
		end = strrchr(archive, '.');
	return end ? arena_memdup(a, archive, (size_t)(end - archive)) : archive;
}

struct source source_of_manifest(struct arena *a, const struct manifest *m,
				 const struct msource *ms)
{
	struct source s = {
		.loc = ms->loc,
		.version = ms->version.s,
		.archive = {ms->archive.s, ms->sha256.s, ms->sha256.loc},
		.series = {ms->series.s, ms->series_sha256.s, ms->series_sha256.loc},
		.script = ms->prepare.s ? path_join(a, m->dir, ms->prepare.s) : NULL,
	};

	if (ms->package.s) {
		s.kind = FETCH_PACKAGE;
		s.from = s.name = ms->package.s;
	} else if (ms->npm.s) {
		s.kind = FETCH_NPM;
		s.from = ms->npm.s;
		s.name = path_base(ms->npm.s);
	} else {
		s.kind = ms->url.s ? FETCH_URL : FETCH_PATH;
		s.from = ms->url.s ? ms->url.s : path_join(a, m->dir, ms->path.s);
		s.name = name_of_archive(a, ms->archive.s);
	}
	for (size_t i = 0; i < ms->patches.len; i++)
		vec_push(a, &s.patches,
			 (struct source_patch){path_join(a, m->dir, ms->patches.v[i].s),
					       ms->patches.v[i].loc});
	return s;
}

static int hash_add_file(struct arena *a, struct hash *h, const char *path, struct loc loc,
			 struct diags *d)
{
	char *text;
	size_t len;

	if (file_read(a, path, PATCH_MAX_BYTES, &text, &len, d)) {
		diag_note(d, loc, "it is asked for here");
		return -1;
	}
	hash_add_str(h, path_base(path));
	hash_add_str(h, text);
	return 0;
}

/* Folder of the prepared source: its name depends on the archive, the patches and the recipe. */
static int prepared_dir(struct arena *a, const struct source *s, const char *cache_dir,
			const char **ret_dir, struct diags *d)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, RECIPE);
	hash_add_str(&h, s->archive.sha256);
	hash_add_str(&h, s->unpacked ? s->unpacked : "");
	if (s->series.name)
		hash_add_str(&h, s->series.sha256);
	for (size_t i = 0; i < s->patches.len; i++) {
		if (hash_add_file(a, &h, s->patches.v[i].path, s->patches.v[i].loc, d))
			return -1;
	}
	if (s->script && hash_add_file(a, &h, s->script, s->loc, d))
		return -1;
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	*ret_dir = path_join(a, cache_dir,
			     arena_printf(a, "%s%s%s-%.*s", s->name, s->version ? "-" : "",
					  s->version ? s->version : "", KEY_DIGITS, hex));
	return 0;
}

static int verify(const struct pinned_file *file, const char *path, const char *shown,
		  const char *hint, struct diags *d)
{
	char hex[HASH_HEX];

	if (hash_file(path, hex, d))
		return -1;
	if (str_eq(hex, file->sha256))
		return 0;
	diag_fail_at(d, DIAG_CHECK, file->loc, "'%s' has the wrong SHA-256 %s, not %s", shown, hex,
		     file->sha256);
	return diag_hint(d, "%s", hint);
}

/* Downloads file to path and verifies it there. */
static int download(struct arena *a, const struct source *s, const struct pinned_file *file,
		    const char *path, struct diags *d)
{
	const struct fetch f = {
		.kind = s->kind,
		.from = s->from,
		.version = s->version,
		.file = file->name,
		.is_series = file == &s->series,
		.loc = file->loc,
	};

	if (fetch_file(a, &f, path, d))
		return -1;
	return verify(file, path, file->name,
		      "this is what is served: check upstream before the hash is changed", d);
}

/*
 * Where a file lies. Packages' files keep their names, so that people can put them there; of other
 * origins two may have one name.
 */
static const char *cached_path(struct arena *a, const struct source *s,
			       const struct pinned_file *file, const char *cache_dir)
{
	if (s->kind == FETCH_PATH)
		return s->from;
	if (s->kind == FETCH_PACKAGE)
		return path_join(a, cache_dir, file->name);
	return path_join(a, cache_dir,
			 arena_printf(a, "%.*s-%s", KEY_DIGITS, file->sha256, file->name));
}

static int get_file(struct arena *a, const struct source *s, const struct pinned_file *file,
		    const char *cache_dir, const char **ret_path, struct diags *d)
{
	const char *path = cached_path(a, s, file, cache_dir), *work;

	*ret_path = path;
	if (file_is_dir(path)) {
		(void)diag_error(d, s->loc, "'%s' is a folder, not an archive", s->from);
		return diag_hint(d, "files that lie beside the manifest go into 'sources'");
	}
	if (file_exists(path))
		return verify(file, path, path,
			      s->kind == FETCH_PATH
				      ? "if this is the file that was meant, change 'sha256'"
				      : "if the file was damaged, remove it and run the command "
					"again",
			      d);
	if (s->kind == FETCH_PATH) {
		(void)diag_error(d, s->loc, "there is no archive '%s'", s->from);
		return diag_hint(d, "'path' is relative to the manifest");
	}
	log_info("fetching %s", file->name);
	work = arena_printf(a, "%s.new.%ld", path, (long)getpid());
	if (file_mkdirs(cache_dir, d))
		return -1;
	if (download(a, s, file, work, d)) {
		(void)unlink(work);
		return -1;
	}
	if (rename(work, path))
		return diag_fail(d, DIAG_TOOL, "cannot rename '%s': %s", work, strerror(errno));
	return 0;
}

int source_check(struct arena *a, const struct source *s, const struct pinned_file *file,
		 const char *cache_dir, struct diags *d)
{
	const char *path, *work;
	int status;

	cache_dir = path_absolute(a, cache_dir);
	if (s->kind == FETCH_PATH)
		return get_file(a, s, file, cache_dir, &path, d);
	work = path_join(a, cache_dir, arena_printf(a, "%s.check.%ld", file->name, (long)getpid()));
	if (file_mkdirs(cache_dir, d))
		return -1;
	status = download(a, s, file, work, d);
	(void)unlink(work);
	return status;
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

/* The line of patch's output that says what failed. */
static const char *patch_failure(struct arena *a, const char *output)
{
	static const char *const words[] = {"FAILED", "can't find file", "malformed",
					    "Only garbage", "ignored"};

	for (const char *line = output; *line;) {
		size_t len = strcspn(line, "\n");
		const char *text = arena_memdup(a, line, len);

		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (strstr(text, words[i]))
				return text;
		line += len + (line[len] == '\n');
	}
	return "patch failed";
}

static int apply_patch(struct arena *a, const struct source *s, const char *dir, const char *file,
		       struct loc loc, struct diags *d)
{
	static const char *const env[] = {"LC_ALL=C", NULL};
	const char *argv[] = {"patch",   "-p1", "--fuzz=0", "--no-backup-if-mismatch",
			      "--batch", "-i",  file,       NULL};
	const struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
		.cwd = dir,
		.env = env,
	};
	struct proc_result result;

	if (proc_run(a, argv, &opts, &result, d))
		return -1;
	if (result.status == 0)
		return 0;
	(void)diag_error(d, loc, "the patch '%s' does not apply to %s%s%s: %s", path_base(file),
			 s->name, s->version ? " " : "", s->version ? s->version : "",
			 patch_failure(a, result.out));
	return diag_hint(d, "it is applied in the archive's top folder with 'patch -p1 --fuzz=0'");
}

static int apply_patches(struct arena *a, const struct source *s, const char *dir, struct diags *d)
{
	for (size_t i = 0; i < s->patches.len; i++) {
		if (apply_patch(a, s, dir, s->patches.v[i].path, s->patches.v[i].loc, d))
			return -1;
	}
	return 0;
}

/* Errors of the system and not of the archive, in tar's words (strerror(3)). */
static bool is_of_system(const char *output)
{
	return strstr(output, "No space left") || strstr(output, "Read-only file system") ||
	       strstr(output, "Disk quota exceeded") || strstr(output, "Input/output error");
}

static int unpack_archive(struct arena *a, const struct pinned_file *file, const char *archive,
			  const char *to, struct diags *d)
{
	static const char *const env[] = {"LC_ALL=C", NULL};
	const char *tar[] = {"tar", "-xf", archive, "--no-same-owner", NULL};
	const struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
		.cwd = to,
		.env = env,
	};
	struct proc_result result;
	const char *said;

	if (file_mkdirs(to, d) || proc_run(a, tar, &opts, &result, d))
		return -1;
	if (result.status == 0)
		return 0;
	said = result.out + strspn(result.out, "\n");
	return diag_fail_at(d, is_of_system(result.out) ? DIAG_TOOL : DIAG_INPUT, file->loc,
			    "'%s' cannot be unpacked: %.*s", file->name, (int)strcspn(said, "\n"),
			    said);
}

/*
 * The distribution's patches, in the order of debian/patches/series (dpkg-source(1), "Format: 3.0
 * (quilt)"): a file a line, comments begin with '#'.
 */
static int apply_series(struct arena *a, const struct source *s, const char *archive,
			const char *work, const char *dir, struct diags *d)
{
	const char *folder = path_join(a, work, "series");
	const char *patches = path_join(a, folder, "debian/patches");
	struct strs names = {0};
	char *text;
	size_t len;

	if (unpack_archive(a, &s->series, archive, folder, d))
		return -1;
	if (file_read(a, path_join(a, patches, "series"), PATCH_MAX_BYTES, &text, &len, d)) {
		diag_note(d, s->series.loc, "'%s' has no series of patches", s->series.name);
		return -1;
	}
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		names.len = 0;
		strs_split(a, &names, arena_memdup(a, line, strcspn(line, "#\n")));
		if (names.len &&
		    apply_patch(a, s, dir, path_join(a, patches, names.v[0]), s->series.loc, d))
			return -1;
		line += n + (line[n] == '\n');
	}
	return 0;
}

/* The folder that the archive was unpacked to: the named one, or the only thing there is. */
static int find_top(struct arena *a, const struct source *s, const char *unpacked,
		    const char **ret_top, struct diags *d)
{
	struct strs names = {0};

	if (s->unpacked) {
		*ret_top = path_join(a, unpacked, s->unpacked);
		if (file_is_dir(*ret_top))
			return 0;
		return diag_error(d, s->loc, "archive '%s' has no folder '%s'", s->archive.name,
				  s->unpacked);
	}
	if (file_list(a, unpacked, &names, d))
		return -1;
	*ret_top = names.len == 1 ? path_join(a, unpacked, names.v[0]) : unpacked;
	if (!file_is_dir(*ret_top))
		*ret_top = unpacked;
	return 0;
}

/* Fills the empty folder work and makes the prepared source in *ret_top, a folder of it. */
static int unpack(struct arena *a, const struct source *s, const char *archive, const char *series,
		  const char *work, const char **ret_top, struct diags *d)
{
	const char *unpacked = path_join(a, work, "source");
	const char *sh[] = {"sh", s->script, NULL};

	if (unpack_archive(a, &s->archive, archive, unpacked, d) ||
	    find_top(a, s, unpacked, ret_top, d))
		return -1;
	if (series && apply_series(a, s, series, work, *ret_top, d))
		return -1;
	if (apply_patches(a, s, *ret_top, d))
		return -1;
	if (s->script) {
		log_info("preparing %s", s->name);
		if (run_in(a, *ret_top, sh, d)) {
			diag_note(d, s->loc, "this was '%s' of %s", path_base(s->script), s->name);
			return -1;
		}
	}
	return file_write(path_join(a, *ret_top, STAMP), "", 0, d);
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

int source_prepare(struct arena *a, const struct source *s, const char *cache_dir,
		   const char **ret_dir, struct diags *d)
{
	const char *dir, *archive, *series = NULL, *work, *top;
	int status = -1;

	cache_dir = path_absolute(a, cache_dir);
	if (prepared_dir(a, s, cache_dir, &dir, d))
		return -1;
	if (file_exists(path_join(a, dir, STAMP))) {
		*ret_dir = dir;
		return 0;
	}
	if (get_file(a, s, &s->archive, cache_dir, &archive, d) ||
	    (s->series.name && get_file(a, s, &s->series, cache_dir, &series, d)))
		return -1;
	work = arena_printf(a, "%s.new.%ld", dir, (long)getpid());
	if (file_remove_tree(work, d) || file_mkdirs(work, d))
		return -1;
	if (unpack(a, s, archive, series, work, &top, d) || publish(a, top, dir, d))
		goto out;
	*ret_dir = dir;
	status = 0;
out:
	if (file_remove_tree(work, d))
		return -1;
	return status;
}
