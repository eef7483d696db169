/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain.h"

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "kconf.h"
#include "manifest.h"
#include "plan.h"
#include "resolve.h"
#include "scan.h"
#include "tree.h"

/* Files, uses and symbols listed before "and N more". */
#define LIST_MAX 12

/* "src/main.c:5:2"; of a file elsewhere the name is enough. NULL: no place. */
static const char *place(struct arena *a, struct loc loc)
{
	if (!loc.path)
		return NULL;
	if (!loc.line)
		return loc.path; /* an option of the command line */
	return arena_printf(a, "%s:%u:%u", loc.path[0] == '/' ? path_base(loc.path) : loc.path,
			    loc.line, loc.col);
}

/* The first step of a chain. */
static const char *origin_text(struct arena *a, const struct why *why)
{
	const char *at = place(a, why->loc);

	switch (why->kind) {
	case WHY_APP:
		return at ? arena_printf(a, "the application uses '%s' (%s)", why->symbol, at)
			  : arena_printf(a, "the compiler calls '%s' for the application",
					 why->symbol);
	case WHY_PLATFORM:
		return "it is the platform";
	case WHY_REQUEST:
		return at ? arena_printf(a, "asked for at %s", at) : "asked for";
	case WHY_INIT:
		return arena_printf(a, "a mechanism's hook '%s'%s%s", why->symbol, at ? " of " : "",
				    at ? at : "");
	case WHY_KCONFIG:
		return "Kconfig switched it on";
	case WHY_START:
		return arena_printf(a, "programs start in '%s'", why->symbol);
	case WHY_ENTRY:
		return arena_printf(a, "the image starts in '%s' (%s)", why->symbol, at);
	default:
		return arena_printf(a, "'%s' is needed", why->symbol);
	}
}

const char *explain_chain(struct arena *a, const struct why *why)
{
	struct strs steps = {0}, out = {0};

	for (; why->from; why = &why->from->why)
		strs_pushf(a, &steps, "%s needs '%s'", why->from->label, why->symbol);
	strs_push(a, &out, origin_text(a, why));
	while (steps.len > 0)
		strs_push(a, &out, steps.v[--steps.len]);
	return strs_join(a, &out, " -> ");
}

/* The same, one step a line. */
static void put_chain(struct arena *a, const struct why *why, struct strs *lines)
{
	struct strs steps = {0};

	for (; why->from; why = &why->from->why)
		strs_pushf(a, &steps, "  -> %s needs '%s'", why->from->label, why->symbol);
	strs_pushf(a, lines, "  %s", origin_text(a, why));
	while (steps.len > 0)
		strs_push(a, lines, steps.v[--steps.len]);
}

/* The index of u in the selection, or its length. */
static size_t find_selected(const struct selection *sel, const struct unit *u)
{
	for (size_t i = 0; i < sel->units_len; i++)
		if (sel->units[i] == u)
			return i;
	return sel->units_len;
}

/* "heap", "libs/heap" or "musl". A folder of several platforms means the one in the image. */
static const struct unit *find_unit(const struct explain_in *in, const char *name)
{
	const struct unit *found = NULL;

	for (size_t i = 0; i < in->tree->len; i++) {
		const struct unit *u = in->tree->v[i];

		if (str_eq(u->name, name))
			return u;
		if (str_eq(u->rel, name) && (!found || u == in->sel->platform))
			found = u;
	}
	return found;
}

static void put_files(struct arena *a, const struct selection *sel, const struct unit *u,
		      struct strs *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < sel->files_len; i++) {
		const struct sel_file *f = sel->files[i];

		if (f->unit != u)
			continue;
		if (++count == 1)
			strs_push(a, lines, "files:");
		if (count <= LIST_MAX)
			strs_pushf(a, lines, "  %s: %s", f->label, explain_chain(a, &f->why));
	}
	if (count > LIST_MAX)
		strs_pushf(a, lines, "  and %zu more files", count - LIST_MAX);
}

static void explain_unit_in(struct arena *a, const struct explain_in *in, const struct unit *u,
			    size_t at, struct explanation *ret)
{
	const struct selection *sel = in->sel;

	strs_pushf(a, &ret->lines, "%s '%s' is in the image:", unit_kind_name(u->kind), u->name);
	put_chain(a, &sel->units_why[at], &ret->lines);
	for (size_t i = 0; u->kind == UNIT_MECHANISM && i < sel->mechs_len; i++)
		if (sel->mechs[i].mech == u)
			strs_pushf(a, &ret->lines, "level: %s", sel->mechs[i].level);
	put_files(a, sel, u, &ret->lines);
	strs_push(a, &ret->lines, "options:");
	for (size_t i = 0; i < sel->config_len; i++)
		/* Platforms of one folder share their options. */
		if (sel->config[i].unit && str_eq(sel->config[i].unit->dir, u->dir))
			strs_pushf(a, &ret->lines, "  %s=%s", sel->config[i].name,
				   sel->config[i].val);
}

static const struct sel_file *find_definer(const struct selection *sel, const char *symbol)
{
	for (size_t i = 0; i < sel->files_len; i++)
		if (strs_has(&sel->files[i]->defines, symbol))
			return sel->files[i];
	return NULL;
}

/* Why none of a library's symbols pulled it in. */
static void put_unused_symbols(struct arena *a, const struct explain_in *in, const struct unit *u,
			       struct strs *lines)
{
	size_t told = 0;

	for (size_t i = 0; i < u->symbols.len && told < LIST_MAX; i++) {
		const char *s = u->symbols.v[i];
		const struct sel_file *f = find_definer(in->sel, s);
		const struct scan_use *use = scan_place(in->scan, s);

		if (strs_has(&in->scan->defines, s))
			strs_pushf(a, lines, "  the application defines '%s' itself", s);
		else if (f)
			strs_pushf(a, lines, "  '%s' comes from %s", s, f->label);
		else if (use && str_eq(use->symbol, s))
			strs_pushf(a, lines,
				   "  '%s' is used at %s, in code that main never reaches or that "
				   "was optimised away",
				   s, place(a, use->loc));
		else
			continue;
		told++;
	}
	if (told == 0)
		strs_pushf(a, lines, "  nothing in the image references any of its %zu symbols",
			   u->symbols.len + u->index_len);
}

static void explain_unit_out(struct arena *a, const struct explain_in *in, const struct unit *u,
			     struct explanation *ret)
{
	const struct manifest *m = in->manifest;

	strs_pushf(a, &ret->lines, "%s '%s' is not in the image:", unit_kind_name(u->kind),
		   u->name);
	if (u->kind == UNIT_PLATFORM) {
		strs_pushf(a, &ret->lines, "  the image is for platform '%s'",
			   in->sel->platform->name);
		return;
	}
	if (u->kind == UNIT_MECHANISM) {
		for (size_t i = 0; i < in->sel->mechs_len; i++)
			if (in->sel->mechs[i].mech == u && in->sel->mechs[i].left_out)
				strs_pushf(a, &ret->lines,
					   "  profile '%s' asks for '%s', and platform '%s' "
					   "refuses: %s",
					   m->harden.profile.s, in->sel->mechs[i].left_out,
					   in->sel->platform->name,
					   mechanism_status(u, in->sel->platform->name)->reason);
			else if (in->sel->mechs[i].mech == u)
				strs_pushf(a, &ret->lines, "  its level is off (profile '%s'%s%s)",
					   m->harden.profile.s,
					   in->sel->mechs[i].loc.path ? ", set at " : "",
					   in->sel->mechs[i].loc.path
						   ? place(a, in->sel->mechs[i].loc)
						   : "");
		return;
	}
	for (size_t i = 0; i < m->kconfig.len; i++)
		if (str_eq(m->kconfig.v[i].key.s, u->config) &&
		    str_eq(m->kconfig.v[i].val.s, "n")) {
			strs_pushf(a, &ret->lines, "  it is switched off at %s",
				   place(a, m->kconfig.v[i].key.loc));
			return;
		}
	put_unused_symbols(a, in, u, &ret->lines);
}

static void explain_unit(struct arena *a, const struct explain_in *in, const struct unit *u,
			 struct explanation *ret)
{
	size_t at = find_selected(in->sel, u);

	ret->kind = unit_kind_name(u->kind);
	ret->is_in = at < in->sel->units_len;
	if (ret->is_in)
		explain_unit_in(a, in, u, at, ret);
	else
		explain_unit_out(a, in, u, ret);
}

/* Runs of words with one origin on one line. */
static void explain_edge(struct arena *a, const struct edge *e, struct explanation *ret)
{
	struct strs words = {0};

	ret->kind = "object";
	ret->is_in = true;
	strs_pushf(a, &ret->lines, "%s is made from %s", e->outputs.v[0], e->label);
	if (e->file)
		put_chain(a, &e->file->why, &ret->lines);
	strs_push(a, &ret->lines, "flags:");
	for (size_t i = 0; i < e->argv.len; i++) {
		const char *origin = e->argv.v[i].origin ? e->argv.v[i].origin : "project";
		const char *next = NULL;

		if (i + 1 < e->argv.len)
			next = e->argv.v[i + 1].origin ? e->argv.v[i + 1].origin : "project";
		strs_push(a, &words, e->argv.v[i].s);
		if (next && str_eq(next, origin))
			continue;
		strs_pushf(a, &ret->lines, "  %s: %s", origin, strs_join(a, &words, " "));
		words.len = 0;
	}
}

/* Whether name, "main.o" or "app/main.o", is the object of label "app/main.c". */
static bool is_object_of(struct arena *a, const char *label, const char *name)
{
	size_t len = strcspn(path_base(label), ".") + (size_t)(path_base(label) - label);
	const char *object = arena_printf(a, "%.*s.o", (int)len, label);

	return str_eq(object, name) || str_eq(path_base(object), name);
}

/* An edge by its object (path or its end), its label, or the label with ".o". */
static const struct edge *find_edge(struct arena *a, const struct plan *p, const char *name)
{
	const struct edges *const lists[] = {&p->app, &p->rest};

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->len; i++) {
			const struct edge *e = lists[l]->v[i];
			const char *out = e->outputs.v[0];

			if (e->depfile && (str_eq(e->label, name) || str_eq(out, name) ||
					   is_object_of(a, e->label, name)))
				return e;
		}
	return NULL;
}

static void explain_option(struct arena *a, const struct explain_in *in,
			   const struct kconf_symbol *s, struct explanation *ret)
{
	const char *val = selection_config(in->sel, s->name);

	ret->kind = "option";
	ret->is_in = !str_eq(val, "n");
	strs_pushf(a, &ret->lines, "%s=%s", s->name, val);
	if (s->loc.path)
		strs_pushf(a, &ret->lines, "  declared at %s:%u%s%s",
			   path_relative(a, s->loc.path, in->tree->home), s->loc.line,
			   s->prompt ? ": " : "", s->prompt ? s->prompt : "");
	if (!s->prompt)
		strs_push(a, &ret->lines, "  not set by hand: it follows from other options");
	for (size_t i = 0; i < s->depends.len; i++)
		strs_pushf(a, &ret->lines, "  depends on %s", s->depends.v[i]);
	for (size_t i = 0; i < in->manifest->kconfig.len; i++)
		if (str_eq(in->manifest->kconfig.v[i].key.s, s->name))
			strs_pushf(a, &ret->lines, "  set at %s",
				   place(a, in->manifest->kconfig.v[i].key.loc));
	for (size_t i = 0; i < in->kconf->len; i++) {
		const struct kconf_symbol *o = &in->kconf->v[i];

		if (strs_has(&o->selects, s->name))
			strs_pushf(a, &ret->lines, "  selected by %s (%s)", o->name,
				   str_eq(selection_config(in->sel, o->name), "n") ? "off" : "on");
	}
	if (s->unit && str_eq(s->unit->config, s->name)) {
		size_t at = find_selected(in->sel, s->unit);

		if (at < in->sel->units_len)
			put_chain(a, &in->sel->units_why[at], &ret->lines);
	}
}

static void put_users(struct arena *a, const struct explain_in *in, const char *symbol,
		      struct strs *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < in->scan->uses_len; i++)
		if (str_eq(in->scan->uses[i].symbol, symbol) && ++count <= LIST_MAX)
			strs_pushf(a, lines, "  used at %s", place(a, in->scan->uses[i].loc));
	for (size_t i = 0; i < in->sel->files_len; i++)
		if (strs_has(&in->sel->files[i]->needs, symbol) && ++count <= LIST_MAX)
			strs_pushf(a, lines, "  needed by %s", in->sel->files[i]->label);
	if (count > LIST_MAX)
		strs_pushf(a, lines, "  and %zu more", count - LIST_MAX);
}

/* False when nobody knows the symbol. */
static bool explain_symbol(struct arena *a, const struct explain_in *in, const char *symbol,
			   struct explanation *ret)
{
	const struct sel_file *f = find_definer(in->sel, symbol);
	size_t before;

	ret->kind = "symbol";
	if (strs_has(&in->scan->defines, symbol)) {
		strs_pushf(a, &ret->lines, "'%s' is defined by the application", symbol);
	} else if (f) {
		strs_pushf(a, &ret->lines, "'%s' is defined by %s:", symbol, f->label);
		put_chain(a, &f->why, &ret->lines);
	} else {
		for (size_t i = 0; i < in->tree->len; i++) {
			const struct unit *u = in->tree->v[i];

			if (unit_provides(u, symbol) ||
			    (u->index_by_symbol && map_get(u->index_by_symbol, symbol, NULL)))
				strs_pushf(a, &ret->lines,
					   "'%s' is not in the image; %s '%s' has it", symbol,
					   unit_kind_name(u->kind), u->name);
		}
		before = ret->lines.len;
		put_users(a, in, symbol, &ret->lines);
		if (before == 0 && ret->lines.len > 0)
			strs_push(a, &ret->lines, "  made by the linker or by generated code");
		return ret->lines.len > 0;
	}
	ret->is_in = true;
	put_users(a, in, symbol, &ret->lines);
	return true;
}

static int unknown_subject(struct arena *a, const struct explain_in *in, const char *subject,
			   struct diags *d)
{
	struct strs names = {0};
	const char *near;

	for (size_t i = 0; i < in->tree->len; i++)
		strs_push(a, &names, in->tree->v[i]->name);
	for (size_t i = 0; i < in->sel->files_len; i++)
		strs_concat(a, &names, &in->sel->files[i]->defines);
	near = str_suggest(subject, names.v, names.len);
	(void)diag_fail(d, DIAG_USAGE, "there is no unit, object, option or symbol '%s'", subject);
	return near ? diag_hint(d, "did you mean '%s'?", near) : -1;
}

/* An option by its name; interface options (NEEDS_*) are declared by nobody, only selected. */
static const struct kconf_symbol *find_option(struct arena *a, const struct explain_in *in,
					      const char *name)
{
	const struct kconf_symbol *s = in->kconf ? kconf_find(in->kconf, name) : NULL;
	struct kconf_symbol *made;

	for (size_t i = 0; !s && in->kconf && i < in->kconf->len; i++)
		if (strs_has(&in->kconf->v[i].selects, name)) {
			made = arena_alloc(a, sizeof(*made));
			made->name = name;
			s = made;
		}
	return s;
}

int explain(struct arena *a, const struct explain_in *in, const char *subject,
	    struct explanation *ret, struct diags *d)
{
	const struct unit *u = find_unit(in, subject);
	const struct edge *e = in->plan ? find_edge(a, in->plan, subject) : NULL;
	const char *name = str_starts(subject, "CONFIG_") ? subject + strlen("CONFIG_") : subject;
	const struct kconf_symbol *s = find_option(a, in, name);

	*ret = (struct explanation){.subject = subject};
	if (u)
		explain_unit(a, in, u, ret);
	else if (e)
		explain_edge(a, e, ret);
	else if (s)
		explain_option(a, in, s, ret);
	else if (!explain_symbol(a, in, subject, ret))
		return unknown_subject(a, in, subject, d);
	return 0;
}

int explain_not(struct arena *a, const struct explain_in *in, const char *subject,
		struct explanation *ret, struct diags *d)
{
	const struct unit *u = find_unit(in, subject);

	if (!u)
		return unknown_subject(a, in, subject, d);
	*ret = (struct explanation){.subject = subject};
	explain_unit(a, in, u, ret);
	if (!ret->is_in)
		return 0;
	(void)diag_fail(d, DIAG_USAGE, "%s '%s' is in the image", unit_kind_name(u->kind), u->name);
	return diag_hint(d, "`ukbuild explain %s` says why", subject);
}
