/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild libs`: the libraries of the tree, what each provides, and whose code it is. */
#include "cmd.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "kconf.h"
#include "tool.h"
#include "tree.h"

/* Our own code; third-party libraries name theirs. */
#define OWN_LICENCE "BSD-2-Clause"

static const char *licence(const struct unit *u)
{
	return u->source && u->source->licence ? u->source->licence
	       : u->source                     ? "see its source"
					       : OWN_LICENCE;
}

static const char *summary(const struct kconf *k, const struct unit *u)
{
	const struct kconf_symbol *s = kconf_find(k, u->config);

	return s && s->prompt ? s->prompt : "";
}

/* All symbols a library defines: its own, or those of its index. */
static void list_symbols(struct arena *a, const struct unit *u, struct strs *ret)
{
	strs_concat(a, ret, &u->symbols);
	for (size_t i = 0; i < u->index_len; i++) {
		strs_concat(a, ret, &u->index[i].defines);
		strs_concat(a, ret, &u->index[i].weak);
	}
	strs_sort_uniq(ret);
}

static json_t *lib_json(struct ctx *c, const struct kconf *k, const struct unit *u)
{
	json_t *o = json_object(), *interfaces = json_array();
	struct strs symbols = {0};

	list_symbols(c->a, u, &symbols);
	for (size_t i = 0; i < u->provides.len; i++)
		json_array_append_new(interfaces, json_string(u->provides.v[i].s));
	json_object_set_new(o, "name", json_string(u->name));
	json_object_set_new(o, "summary", json_string(summary(k, u)));
	json_object_set_new(o, "provides", interfaces);
	json_object_set_new(o, "symbols", json_strs(&symbols));
	json_object_set_new(o, "licence", json_string(licence(u)));
	if (u->source) {
		json_object_set_new(o, "package", json_string(u->source->package));
		json_object_set_new(o, "version", json_string(u->source->version));
	}
	return o;
}

static void print_one(struct ctx *c, const struct kconf *k, const struct unit *u)
{
	struct strs symbols = {0};

	list_symbols(c->a, u, &symbols);
	printf("%s\n  licence: %s\n", summary(k, u), licence(u));
	if (u->source)
		printf("  source: %s %s, sha256 %s\n", u->source->package, u->source->version,
		       u->source->sha256);
	for (size_t i = 0; i < u->provides.len; i++)
		printf("  provides: %s\n", u->provides.v[i].s);
	printf("  symbols:");
	for (size_t i = 0; i < symbols.len; i++)
		printf(" %s", symbols.v[i]);
	printf("\n");
}

static void print_row(struct ctx *c, const struct kconf *k, const struct unit *u)
{
	struct strs symbols = {0};

	list_symbols(c->a, u, &symbols);
	printf("%-16s %-13s %7zu  %s\n", u->name, licence(u), symbols.len, summary(k, u));
}

static int unknown_library(struct ctx *c, const struct tree *t)
{
	struct strs names = {0};
	const char *near;

	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_LIB)
			strs_push(c->a, &names, t->v[i]->name);
	near = str_suggest(c->args.v[0], names.v, names.len);
	(void)diag_fail(c->d, DIAG_USAGE, "there is no library '%s'", c->args.v[0]);
	return near ? diag_hint(c->d, "did you mean '%s'?", near) : -1;
}

int cmd_libs(struct ctx *c)
{
	struct tree *t = tree_load(c->a, c->home, c->d);
	const char *only = c->args.len ? c->args.v[0] : NULL;
	struct tools no_tools = {0};
	struct kconf *k = t ? kconf_read(c->a, t, &no_tools, c->d) : NULL;
	json_t *o, *list;

	if (!k)
		return -1;
	if (only && !tree_find(t, UNIT_LIB, only))
		return unknown_library(c, t);
	if (!c->json && !only)
		printf("%-16s %-13s %7s\n", "LIBRARY", "LICENCE", "SYMBOLS");
	list = json_array();
	for (size_t i = 0; i < t->len; i++) {
		const struct unit *u = t->v[i];

		if (u->kind != UNIT_LIB || (only && !str_eq(only, u->name)))
			continue;
		if (c->json)
			json_array_append_new(list, lib_json(c, k, u));
		else if (only)
			print_one(c, k, u);
		else
			print_row(c, k, u);
	}
	if (c->json) {
		o = json_object();
		json_object_set(o, "libs", list);
		json_print(o, stdout);
		json_decref(o);
	}
	json_decref(list);
	return 0;
}
