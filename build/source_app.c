/* SPDX-License-Identifier: BSD-2-Clause */
#include "source_app.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "manifest.h"
#include "source.h"

/* The paths that globs match; each must match one. */
static int expand(struct arena *a, const struct app_source *s, const struct mstrs *globs,
		  struct strs *ret, struct diags *d)
{
	for (size_t i = 0; i < globs->len; i++) {
		struct strs paths = {0};

		if (file_glob(a, s->dir, globs->v[i].s, &paths, d))
			return -1;
		if (!paths.len) {
			(void)diag_error(d, globs->v[i].loc, "no file of '%s' matches '%s'",
					 s->name, globs->v[i].s);
			return diag_hint(d, "its top folder is '%s'", s->dir);
		}
		strs_concat(a, ret, &paths);
	}
	return 0;
}

static int find_files(struct arena *a, struct app_source *s, struct diags *d)
{
	struct strs found = {0}, excluded = {0};

	if (expand(a, s, &s->spec->sources, &found, d) ||
	    expand(a, s, &s->spec->exclude, &excluded, d))
		return -1;
	strs_sort_uniq(&found);
	for (size_t i = 0; i < found.len; i++) {
		const char *path = found.v[i];

		if (strs_has(&excluded, path))
			continue;
		if (!str_ends(path, ".c") && !path_is_assembly(path))
			return diag_error(d, s->spec->sources.v[0].loc,
					  "'%s' is no C or assembly source (.c, .S, .s)", path);
		if (path_unusable(path))
			return diag_error(d, s->spec->sources.v[0].loc,
					  "the name '%s' contains '%c', which make cannot read",
					  path, *path_unusable(path));
		strs_push(a, &s->files, path);
	}
	for (size_t i = 0; i < s->spec->include.len; i++) {
		const struct mstr *dir = &s->spec->include.v[i];

		if (!file_is_dir(path_join(a, s->dir, dir->s)))
			return diag_error(d, dir->loc, "'%s' is no folder of '%s'", dir->s,
					  s->name);
	}
	return 0;
}

int app_sources(struct arena *a, const struct manifest *m, const char *cache_dir,
		struct app_sources *ret, struct diags *d)
{
	size_t errors = d->errors;

	*ret = (struct app_sources){0};
	for (size_t i = 0; i < m->source.len; i++) {
		const struct source source = source_of_manifest(a, m, &m->source.v[i]);
		struct app_source s = {.spec = &m->source.v[i], .name = source.name};

		/* Go on after an error: everything that is missing is reported at once. */
		if (source_prepare(a, &source, cache_dir, &s.dir, d) == 0 &&
		    find_files(a, &s, d) == 0)
			vec_push(a, ret, s);
	}
	return d->errors == errors ? 0 : -1;
}
