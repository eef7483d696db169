/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild fetch`: makes third-party sources available, so that building needs no network. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
#include "run.h"
#include "source.h"
#include "tree.h"

static int fetch_unit(struct ctx *c, const struct unit *u, json_t *list)
{
	const struct source_spec *s = u->source;
	const char *dir;

	if (source_prepare(c->a, u, c->source_cache, &dir, c->d))
		return -1;
	if (!c->json)
		printf("%s %s: %s\n", s->package, s->version, dir);
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "unit", u->name,
					      "package", s->package, "version", s->version,
					      "sha256", s->sha256, "path", dir));
	return 0;
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

int cmd_fetch(struct ctx *c)
{
	const struct tree *t = tree_load(c->a, c->home, c->d);
	const char *name = c->args.len ? c->args.v[0] : NULL;
	const struct platform_host *host;
	const struct run_part *part;
	json_t *list;
	int status = 0;
	bool is_known = false;

	if (!t)
		return -1;
	list = json_array();
	/* Go on after an error: everything that is missing is reported at once. */
	for (size_t i = 0; i < t->len; i++) {
		const struct unit *u = t->v[i];

		if (!u->source ||
		    (name && !str_eq(name, u->name) && !str_eq(name, u->source->package)))
			continue;
		is_known = true;
		if (fetch_unit(c, u, list))
			status = -1;
	}
	part = name && !is_known ? find_part(name, &host) : NULL;
	if (part)
		status = fetch_part(c, host, part, list);
	else if (name && !is_known)
		status = diag_fail(c->d, DIAG_INPUT, "there is nothing '%s' to fetch", name);
	if (c->json)
		json_print(list, stdout);
	json_decref(list);
	return status;
}
