/* SPDX-License-Identifier: BSD-2-Clause */
/* The key `source`: where an application's third-party sources come from. See manifest_read.h. */
#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"
#include "manifest_read.h"
#include <string.h>

#define SHA256_DIGITS 64

/* The source that is being read: the last of the manifest's. */
static struct msource *current(struct reader *r)
{
	return &r->m->source.v[r->m->source.len - 1];
}

static int read_sha256(struct reader *r, const struct node *key, const struct node *val,
		       struct mstr *ret)
{
	struct mstr s;

	if (read_word(r, key, val, &s) != 0)
		return -1;
	if (strlen(s.s) != SHA256_DIGITS || !text_has_only(s.s, DIGITS "abcdef"))
		return diag_error(r->d, s.loc, "'%s' must be %d digits 0-9 a-f", key->s,
				  SHA256_DIGITS);
	*ret = s;
	return 0;
}

/* The name of a file in the cache of sources. */
static int read_file_name(struct reader *r, const struct node *key, const struct node *val,
			  struct mstr *ret)
{
	struct mstr s;

	if (read_word(r, key, val, &s) != 0)
		return -1;
	if (strchr(s.s, '/') || *s.s == '.')
		return diag_error(r->d, s.loc, "'%s' must be the name of a file, not '%s'", key->s,
				  s.s);
	*ret = s;
	return 0;
}

/* What becomes a word of another program's command line must not look like one of its options. */
static int read_no_option(struct reader *r, const struct node *key, const struct node *val,
			  struct mstr *ret)
{
	struct mstr s;

	if (read_word(r, key, val, &s) != 0)
		return -1;
	if (*s.s == '-' || strpbrk(s.s, " \\"))
		return diag_error(r->d, s.loc, "'%s' cannot be '%s'", key->s, s.s);
	*ret = s;
	return 0;
}

static int read_package(struct reader *r, const struct node *key, const struct node *val)
{
	return read_no_option(r, key, val, &current(r)->package);
}

static int read_npm(struct reader *r, const struct node *key, const struct node *val)
{
	return read_no_option(r, key, val, &current(r)->npm);
}

static int read_url(struct reader *r, const struct node *key, const struct node *val)
{
	struct mstr s;

	if (read_no_option(r, key, val, &s) != 0)
		return -1;
	if (!str_starts(s.s, "https://") && !str_starts(s.s, "http://"))
		return diag_error(r->d, s.loc, "'url' must begin with https:// or http://");
	current(r)->url = s;
	return 0;
}

static int read_path(struct reader *r, const struct node *key, const struct node *val)
{
	return read_word(r, key, val, &current(r)->path);
}

static int read_version(struct reader *r, const struct node *key, const struct node *val)
{
	return read_no_option(r, key, val, &current(r)->version);
}

static int read_archive(struct reader *r, const struct node *key, const struct node *val)
{
	return read_file_name(r, key, val, &current(r)->archive);
}

static int read_source_sha256(struct reader *r, const struct node *key, const struct node *val)
{
	return read_sha256(r, key, val, &current(r)->sha256);
}

static int read_series(struct reader *r, const struct node *key, const struct node *val)
{
	return read_file_name(r, key, val, &current(r)->series);
}

static int read_series_sha256(struct reader *r, const struct node *key, const struct node *val)
{
	return read_sha256(r, key, val, &current(r)->series_sha256);
}

static int read_patches(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_UNIQUE, &current(r)->patches);
}

static int read_prepare(struct reader *r, const struct node *key, const struct node *val)
{
	return read_word(r, key, val, &current(r)->prepare);
}

/* Paths of the archive: what lies elsewhere is pinned by no hash. */
static int read_inside(struct reader *r, const struct node *key, const struct node *val,
		       struct mstrs *ret)
{
	int result = 0;

	if (read_list(r, key, val, 0, ret) != 0)
		return -1;
	for (size_t i = 0; i < ret->len; i++)
		if (path_leaves(ret->v[i].s))
			result = diag_error(r->d, ret->v[i].loc, "'%s' leaves the archive",
					    ret->v[i].s);
	return result;
}

static int read_source_sources(struct reader *r, const struct node *key, const struct node *val)
{
	if (read_inside(r, key, val, &current(r)->sources) != 0)
		return -1;
	if (!current(r)->sources.len)
		return diag_error(r->d, val->loc, "'sources' is empty");
	return 0;
}

static int read_exclude(struct reader *r, const struct node *key, const struct node *val)
{
	return read_inside(r, key, val, &current(r)->exclude);
}

static int read_source_include(struct reader *r, const struct node *key, const struct node *val)
{
	return read_inside(r, key, val, &current(r)->include);
}

static int read_source_cflags(struct reader *r, const struct node *key, const struct node *val)
{
	return read_list(r, key, val, LIST_SPLIT, &current(r)->cflags);
}

const struct key source_keys[] = {
	{"package", read_package},
	{"url", read_url},
	{"npm", read_npm},
	{"path", read_path},
	{"version", read_version},
	{"archive", read_archive},
	{"sha256", read_source_sha256},
	{"series", read_series},
	{"series-sha256", read_series_sha256},
	{"patches", read_patches},
	{"prepare", read_prepare},
	{"sources", read_source_sources},
	{"exclude", read_exclude},
	{"include", read_source_include},
	{"cflags", read_source_cflags},
};
const size_t source_keys_len = ARRAY_LEN(source_keys);

/* Exactly one of the four says where the archive comes from. */
static int check_origin(struct reader *r, const struct msource *s)
{
	const struct mstr *const origins[] = {&s->package, &s->url, &s->npm, &s->path};
	const struct mstr *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
		if (!origins[i]->s)
			continue;
		if (first) {
			(void)diag_error(r->d, origins[i]->loc,
					 "a source has one of 'package', 'url', 'npm', 'path'");
			diag_note(r->d, first->loc, "the other is here");
			return -1;
		}
		first = origins[i];
	}
	if (first)
		return 0;
	return diag_error(r->d, s->loc, "a source needs one of 'package', 'url', 'npm', 'path'");
}

static int missing(struct reader *r, const struct msource *s, const char *key, const char *hint)
{
	(void)diag_error(r->d, s->loc, "the key '%s' is missing in 'source'", key);
	return diag_hint(r->d, "%s", hint);
}

/* MAJOR.MINOR.PATCH (Semantic Versioning 2.0.0, 2): a tag or a range is another package tomorrow. */
static bool is_npm_version(const char *s)
{
	for (unsigned part = 0; part < 3; part++) {
		size_t digits = strspn(s, "0123456789");

		if (!digits || (part && s[-1] != '.'))
			return false;
		s += digits + (part < 2 && s[digits]);
	}
	return !*s || *s == '-' || *s == '+';
}

static int check_pins(struct reader *r, const struct msource *s)
{
	if (!s->sha256.s)
		return missing(r, s, "sha256",
			       "the SHA-256 of the archive: without it nobody knows what is built");
	if ((s->package.s || s->npm.s) && !s->version.s)
		return missing(r, s, "version", "the exact version, as the registry writes it");
	if (s->npm.s && !is_npm_version(s->version.s)) {
		(void)diag_error(r->d, s->version.loc, "'%s' is no exact version of an npm package",
				 s->version.s);
		return diag_hint(r->d, "for example 1.3.0");
	}
	if (s->package.s && !s->archive.s)
		return missing(r, s, "archive",
			       "the upstream archive's file name: 'apt-get source --print-uris' "
			       "shows it");
	if (s->series.s && !s->package.s)
		return diag_error(r->d, s->series.loc, "only a 'package' has a 'series'");
	if (s->series.s && !s->series_sha256.s)
		return missing(r, s, "series-sha256", "the SHA-256 of the file 'series'");
	if (s->series_sha256.s && !s->series.s)
		return missing(r, s, "series",
			       "the file with the distribution's patches, NAME.debian.tar.xz");
	if (!s->sources.len)
		return missing(r, s, "sources",
			       "globs of the files to compile, relative to the top of the archive");
	return 0;
}

/* The name of the archive where nobody gave it. */
static void set_archive(struct reader *r, struct msource *s)
{
	if (s->archive.s)
		return;
	if (s->npm.s)
		s->archive = (struct mstr){
			arena_printf(r->a, "%s-%s.tgz", path_base(s->npm.s), s->version.s),
			s->npm.loc};
	else if (s->url.s)
		s->archive = (struct mstr){
			arena_memdup(r->a, path_base(s->url.s), strcspn(path_base(s->url.s), "?#")),
			s->url.loc};
	else
		s->archive = (struct mstr){path_base(s->path.s), s->path.loc};
}

static int read_one(struct reader *r, const struct node *key, const struct node *val)
{
	size_t errors = r->d->errors;

	if (val->kind != NODE_MAP) {
		(void)read_wrong_kind(r, key, val, "a map or a list of maps");
		return node_is_null(val)
			       ? -1
			       : diag_hint(r->d, "the application's own files go into 'sources'");
	}
	vec_push(r->a, &r->m->source, (struct msource){.loc = val->loc});
	if (read_map(r, val, " in 'source'", source_keys, source_keys_len) != 0)
		return -1;
	if (check_origin(r, current(r)) != 0 || check_pins(r, current(r)) != 0)
		return -1;
	set_archive(r, current(r));
	if (!*current(r)->archive.s)
		return diag_error(r->d, current(r)->archive.loc, "this names no file");
	return r->d->errors == errors ? 0 : -1;
}

int read_source(struct reader *r, const struct node *key, const struct node *val)
{
	int result = 0;

	if (val->kind != NODE_LIST)
		return read_one(r, key, val);
	for (size_t i = 0; i < val->len; i++) {
		if (read_one(r, key, val->v[i]) != 0)
			result = -1;
	}
	return result;
}
