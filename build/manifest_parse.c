/* SPDX-License-Identifier: BSD-2-Clause */
/* A manifest from its text: keys, then defaults and file names; and changes by the command line. */
#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"
#include "manifest.h"
#include "manifest_node.h"
#include <stdlib.h>
#include <string.h>

#define MEMORY_DEFAULT (32ull << 20)

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct mstr *)a)->s, ((const struct mstr *)b)->s);
}

/* Sorts by name and drops what several globs match. */
static void sort_files(struct mstrs *files)
{
	size_t kept = 0;

	if (files->len)
		qsort(files->v, files->len, sizeof(*files->v), compare_files);
	for (size_t i = 0; i < files->len; i++) {
		if (!kept || !str_eq(files->v[kept - 1].s, files->v[i].s))
			files->v[kept++] = files->v[i];
	}
	files->len = kept;
}

/* The paths that a glob matches; none is an error. */
static int glob_paths(struct arena *a, const struct manifest *m, const struct mstr *glob,
		      struct strs *ret, struct diags *d)
{
	if (file_glob(a, m->dir, glob->s, ret, d) != 0)
		return -1;
	if (ret->len)
		return 0;
	(void)diag_error(d, glob->loc, "no file matches '%s'", glob->s);
	return diag_hint(d, "paths are relative to '%s'", m->dir);
}

/* The files of one glob, relative to the manifest's folder. */
static int expand_glob(struct arena *a, struct manifest *m, const struct mstr *glob,
		       struct diags *d)
{
	struct strs paths;

	if (glob_paths(a, m, glob, &paths, d) != 0)
		return -1;
	for (size_t i = 0; i < paths.len; i++) {
		const char *path = paths.v[i];

		if (!str_ends(path, ".c") && !path_is_assembly(path))
			return diag_error(d, glob->loc,
					  "'%s' is no C or assembly source (.c, .S, .s)", path);
		if (path_unusable(path))
			return diag_error(d, glob->loc,
					  "the name '%s' contains '%c', which make cannot read",
					  path, *path_unusable(path));
		vec_push(a, &m->files, (struct mstr){path, glob->loc});
	}
	return 0;
}

static int expand_sources(struct arena *a, struct manifest *m, struct diags *d)
{
	int result = 0;

	for (size_t i = 0; i < m->sources.len; i++) {
		if (expand_glob(a, m, &m->sources.v[i], d) != 0)
			result = -1;
	}
	sort_files(&m->files);
	for (size_t i = 0; i < m->include.len; i++) {
		const struct mstr *dir = &m->include.v[i];

		if (!file_is_dir(path_join(a, m->dir, dir->s)))
			result = diag_error(d, dir->loc, "'%s' is no folder", dir->s);
	}
	return result;
}

/* Files that the image carries: their paths in it are those below the manifest's folder. */
static int expand_embedded(struct arena *a, struct manifest *m, struct diags *d)
{
	int result = 0;

	for (size_t i = 0; i < m->embed.len; i++) {
		const struct mstr *glob = &m->embed.v[i];
		struct strs paths;

		if (path_leaves(glob->s)) {
			(void)diag_error(d, glob->loc, "'%s' leaves the manifest's folder",
					 glob->s);
			result = diag_hint(d, "in the image a file has the path that it has here");
			continue;
		}
		if (glob_paths(a, m, glob, &paths, d) != 0) {
			result = -1;
			continue;
		}
		for (size_t k = 0; k < paths.len; k++) {
			if (file_is_dir(path_join(a, m->dir, paths.v[k])))
				result = diag_error(d, glob->loc, "'%s' is a folder, not a file",
						    paths.v[k]);
			else
				vec_push(a, &m->embedded, (struct mstr){paths.v[k], glob->loc});
		}
	}
	sort_files(&m->embedded);
	return result;
}

static int check_required(const struct manifest *m, struct diags *d)
{
	const struct loc top = {m->path, 0, 0};

	if (!m->name.s) {
		(void)diag_error(d, top, "the key 'name' is missing");
		return diag_hint(d, "add a line such as 'name: hello'");
	}
	if (!m->sources.len && !m->source.len) {
		(void)diag_error(d, top, "the key 'sources' is missing");
		return diag_hint(d, "add a line such as 'sources: [\"*.c\"]'");
	}
	return 0;
}

static void set_defaults(struct arena *a, struct manifest *m)
{
	const struct loc top = {m->path, 0, 0};

	if (!m->platforms.len)
		vec_push(a, &m->platforms, (struct mstr){"kvm", top});
	if (!m->harden.profile.s)
		m->harden.profile = (struct mstr){"default", top};
	/* Files are the library's that reads them; asked for as by name. */
	if (m->embed.len)
		vec_push(a, &m->libs, (struct mstr){"romfs", m->embed.v[0].loc});
	if (!m->memory_bytes.is_set)
		m->memory_bytes = (struct mnum){MEMORY_DEFAULT, false, top};
}

struct manifest *manifest_parse(struct arena *a, const char *path, const char *dir,
				const char *text, size_t len, bool expand, struct diags *d)
{
	struct manifest *m = arena_alloc(a, sizeof(*m));
	const struct node *top;
	size_t errors = d->errors;

	m->path = arena_strdup(a, path);
	m->dir = dir;
	top = yaml_parse(a, m->path, text, len, d);
	if (!top)
		return NULL;
	if (node_is_null(top)) {
		(void)diag_error(d, (struct loc){path, 0, 0}, "the manifest is empty");
		return NULL;
	}
	if (top->kind != NODE_MAP) {
		(void)diag_error(d, top->loc, "a manifest is a map of keys, not %s",
				 node_kind_name(top));
		return NULL;
	}
	/* Each step counts its errors in d. */
	if (manifest_read_keys(a, m, top, d) == 0 && check_required(m, d) == 0 && expand) {
		(void)expand_sources(a, m, d);
		(void)expand_embedded(a, m, d);
	}
	if (d->errors != errors)
		return NULL;
	set_defaults(a, m);
	return m;
}

/* The value of key replaced, or the pair added. */
static void put_pair(struct arena *a, struct mpairs *l, struct mpair pair)
{
	for (size_t i = 0; i < l->len; i++) {
		if (str_eq(l->v[i].key.s, pair.key.s)) {
			l->v[i] = pair;
			return;
		}
	}
	vec_push(a, l, pair);
}

int manifest_override_harden(struct arena *a, struct manifest *m, const char *option,
			     const char *arg, struct diags *d)
{
	const struct loc loc = {option, 0, 0};
	bool is_first = true;

	for (const char *p = arg; is_first || *p; is_first = false) {
		size_t len = strcspn(p, ",");
		const char *item = arena_memdup(a, p, len);
		const char *equals = strchr(item, '=');
		bool is_pair = equals && equals > item && equals[1];

		if (!len || (equals && !is_pair) || (!equals && !is_first)) {
			(void)diag_fail_at(d, DIAG_USAGE, loc, "cannot understand '%s'", arg);
			return diag_hint(
				d, "a profile, mechanism=level, or PROFILE,mechanism=level,...");
		}
		if (is_pair) {
			const char *name = arena_memdup(a, item, (size_t)(equals - item));

			put_pair(a, &m->harden.mechs,
				 (struct mpair){{name, loc}, {equals + 1, loc}});
		} else {
			/* A profile is a whole answer: it replaces the manifest's single levels too. */
			m->harden.profile = (struct mstr){item, loc};
			m->harden.mechs.len = 0;
		}
		p += len;
		if (*p == ',' && !p[1])
			p = ""; /* a comma at the end is harmless */
		else
			p += *p == ',';
	}
	return 0;
}
