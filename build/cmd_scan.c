/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild scan`: what the application's objects need, and where the source uses it. */
#include "cmd.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "build.h"
#include "manifest.h"
#include "scan.h"

/* The path as the manifest would name it: relative to its folder where it lies below. */
static const char *shown_path(struct ctx *c, const struct manifest *m, const char *path)
{
	const char *rel = path_relative(c->a, path, m->dir);

	return str_starts(rel, "../") ? path : rel;
}

static json_t *uses_json(struct ctx *c, const struct manifest *m, const struct scan *s,
			 const char *symbol)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->uses_len; i++) {
		const struct scan_use *u = &s->uses[i];
		json_t *o;

		if (!str_eq(u->symbol, symbol) || !u->loc.path)
			continue;
		o = json_object();
		json_object_set_new(o, "path", json_string(shown_path(c, m, u->loc.path)));
		json_object_set_new(o, "line", json_integer(u->loc.line));
		json_object_set_new(o, "col", json_integer(u->loc.col));
		json_array_append_new(list, o);
	}
	return list;
}

static void print_json(struct ctx *c, const struct manifest *m, const struct scan *s)
{
	json_t *o = json_object(), *needs = json_array();

	for (size_t i = 0; i < s->needs.len; i++) {
		json_t *n = json_object();

		json_object_set_new(n, "symbol", json_string(s->needs.v[i]));
		json_object_set_new(n, "uses", uses_json(c, m, s, s->needs.v[i]));
		json_array_append_new(needs, n);
	}
	json_object_set_new(o, "main", s->main_proto ? json_string(s->main_proto) : json_null());
	json_object_set_new(o, "needs", needs);
	json_object_set_new(o, "defines", json_strs(&s->defines));
	json_print(o, stdout);
	json_decref(o);
}

static void print_text(struct ctx *c, const struct manifest *m, const struct scan *s)
{
	printf("main: %s\n", s->main_proto                   ? s->main_proto
			     : strs_has(&s->defines, "main") ? "in assembly"
							     : "none");
	for (size_t i = 0; i < s->needs.len; i++) {
		const struct scan_use *u = scan_place(s, s->needs.v[i]);

		if (!u || !u->loc.path)
			printf("%s: made by the compiler\n", s->needs.v[i]);
		else if (str_eq(u->symbol, s->needs.v[i]))
			printf("%s: %s:%u:%u\n", s->needs.v[i], shown_path(c, m, u->loc.path),
			       u->loc.line, u->loc.col);
		else
			printf("%s: made by the compiler from %s at %s:%u:%u\n", s->needs.v[i],
			       u->symbol, shown_path(c, m, u->loc.path), u->loc.line, u->loc.col);
	}
}

int cmd_scan(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	const char *platform = m ? ctx_one_platform(c, m) : NULL;
	struct pipeline p = {0};

	if (!platform || build_scan(c, m, platform, NULL, &p))
		return -1;
	if (c->json)
		print_json(c, m, &p.scan);
	else
		print_text(c, m, &p.scan);
	return 0;
}
