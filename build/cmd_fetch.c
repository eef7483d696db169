/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild fetch`: makes third-party sources available, so that building needs no network. */
#include "cmd.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "manifest.h"
#include "run.h"
#include "source.h"
#include "tree.h"

/* Everything that is fetched as a source, and for whom. */
struct wanted {
	struct source source;
	const char *owner; /* the unit's or the application's name */
	bool is_unit;
};
struct wanted_list {
	struct wanted *v;
	size_t len, cap;
};

static void want_units(struct ctx *c, const struct tree *t, struct wanted_list *to)
{
	for (size_t i = 0; i < t->len; i++) {
		if (t->v[i]->source)
			vec_push(c->a, to,
				 (struct wanted){source_of_unit(c->a, t->v[i]), t->v[i]->name,
						 true});
	}
}

static int want_manifest(struct ctx *c, const char *path, struct wanted_list *to)
{
	const struct manifest *m = manifest_load(c->a, path, c->d);

	if (!m)
		return -1;
	for (size_t i = 0; i < m->source.len; i++)
		vec_push(c->a, to,
			 (struct wanted){source_of_manifest(c->a, m, &m->source.v[i]), m->name.s,
					 false});
	return 0;
}

static int want_templates(struct ctx *c, struct wanted_list *to)
{
	const char *dir = path_join(c->a, c->home, "templates/app");
	struct strs names = {0};
	int status = 0;

	if (file_list(c->a, dir, &names, c->d))
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *path =
			path_join(c->a, path_join(c->a, dir, names.v[i]), "ukbuild.yaml");

		if (file_exists(path) && want_manifest(c, path, to))
			status = -1;
	}
	return status;
}

static int fetch_source(struct ctx *c, const struct wanted *w, json_t *list)
{
	const struct source *s = &w->source;
	const char *dir;

	if (source_prepare(c->a, s, c->source_cache, &dir, c->d))
		return -1;
	if (!c->json)
		printf("%s%s%s: %s\n", s->name, s->version ? " " : "", s->version ? s->version : "",
		       dir);
	json_array_append_new(list, json_pack("{s:s, s:s, s:s*, s:s, s:s}",
					      w->is_unit ? "unit" : "application", w->owner,
					      "package", s->name, "version", s->version, "sha256",
					      s->archive.sha256, "path", dir));
	return 0;
}

/* The kind of the newest error. */
static enum diag_kind newest_kind(const struct diags *d)
{
	for (size_t i = d->len; i-- > 0;)
		if (d->v[i].severity == DIAG_ERROR)
			return d->v[i].kind;
	return DIAG_BUG;
}

/* Asks the origin of one file, whatever the cache has. */
static int check_file(struct ctx *c, const struct wanted *w, const struct pinned_file *file,
		      json_t *list)
{
	int status = source_check(c->a, &w->source, file, c->source_cache, c->d);
	const char *verdict = status == 0                       ? "served, hash right"
			      : newest_kind(c->d) == DIAG_CHECK ? "served, hash WRONG"
								: "NOT served";

	if (!c->json)
		printf("%s: %s\n", file->name, verdict);
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b}", "file", file->name,
					      "for", w->owner, "sha256", file->sha256, "is_served",
					      status == 0 || newest_kind(c->d) == DIAG_CHECK,
					      "is_right", status == 0));
	return status;
}

static int check_source(struct ctx *c, const struct wanted *w, json_t *list)
{
	int status = check_file(c, w, &w->source.archive, list);

	if (w->source.series.name && check_file(c, w, &w->source.series, list))
		status = -1;
	return status;
}

/* What launchers need: only by name, for it can be large and few need it. */
static int fetch_part(struct ctx *c, const struct platform_host *host, const struct run_part *part,
		      json_t *list)
{
	struct run_opts o = {
		.machine = part->machine, .home = c->home, .cache_dir = c->source_cache};
	const char *dir;

	if (host->prepare(c->a, &o, false, &dir, c->d))
		return -1;
	if (!c->json)
		printf("%s: %s\n", part->name, dir);
	json_array_append_new(list, json_pack("{s:s, s:s}", "part", part->name, "path", dir));
	return 0;
}

/* The part of that name, or NULL; several platforms may share it. */
static const struct run_part *find_part(const char *name, const struct platform_host **ret_host)
{
	for (size_t i = 0; i < platform_hosts_len; i++) {
		const struct run_part *part = platform_hosts[i]->parts;

		for (; part && part->name; part++) {
			if (!str_eq(part->name, name))
				continue;
			*ret_host = platform_hosts[i];
			return part;
		}
	}
	return NULL;
}

static int fetch_named_part(struct ctx *c, const char *name, json_t *list)
{
	const struct platform_host *host;
	const struct run_part *part = find_part(name, &host);

	if (!part)
		return diag_fail(c->d, DIAG_INPUT, "there is nothing '%s' to fetch", name);
	return fetch_part(c, host, part, list);
}

/* The tree's sources, the manifest's where there is one, and with --check-all the templates'. */
static int find_wanted(struct ctx *c, struct wanted_list *ret)
{
	const struct tree *t = tree_load(c->a, c->home, c->d);

	if (!t)
		return -1;
	want_units(c, t, ret);
	if (file_exists(c->manifest_path) && want_manifest(c, c->manifest_path, ret))
		return -1;
	return c->check_all ? want_templates(c, ret) : 0;
}

int cmd_fetch(struct ctx *c)
{
	const char *name = c->args.len ? c->args.v[0] : NULL;
	struct wanted_list wanted = {0};
	bool is_known = false;
	int status = 0;
	json_t *list;

	if (find_wanted(c, &wanted))
		return -1;
	list = json_array();
	/* Go on after an error: everything that is missing is reported at once. */
	for (size_t i = 0; i < wanted.len; i++) {
		const struct wanted *w = &wanted.v[i];

		if (name && !str_eq(name, w->owner) && !str_eq(name, w->source.name))
			continue;
		is_known = true;
		if (c->check_all ? check_source(c, w, list) : fetch_source(c, w, list))
			status = -1;
	}
	if (name && !is_known)
		status = fetch_named_part(c, name, list);
	if (c->json)
		json_print(list, stdout);
	json_decref(list);
	return status;
}
