/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild fetch`: makes third-party sources available, so that building needs no network. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
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

int cmd_fetch(struct ctx *c)
{
	const struct tree *t = tree_load(c->a, c->home, c->d);
	const char *name = c->args.len ? c->args.v[0] : NULL;
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
	if (name && !is_known)
		status = diag_fail(c->d, DIAG_INPUT, "there is no third-party source '%s'", name);
	if (c->json)
		json_print(list, stdout);
	json_decref(list);
	return status;
}
