/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors for symbols that nothing provides, told from the application's point of view. */
#include "resolve_walk.h"

#include <string.h>

#include "base/arena.h"
#include "manifest.h"
#include "tree.h"

/* Steps of a chain that an error shows. */
#define CHAIN_MAX 6

/* Where the chain of reasons begins: the application's use, or the request. */
static const struct why *origin_of(const struct why *why)
{
	while (why->from)
		why = &why->from->why;
	return why;
}

/* "'fork' of the application -> musl/src/process/fork.c -> ...", outermost first. */
static const char *chain(struct arena *a, const struct why *why)
{
	const char *steps[CHAIN_MAX];
	size_t len = 0;
	struct strs out = {0};

	for (; why->from && len < CHAIN_MAX; why = &why->from->why)
		steps[len++] = why->from->label;
	if (why->from)
		strs_push(a, &out, "...");
	else if (why->kind == WHY_APP)
		strs_pushf(a, &out, "the application (%s)", why->symbol);
	while (len > 0)
		strs_push(a, &out, steps[--len]);
	return strs_join(a, &out, " -> ");
}

/* Units outside the image that would have it: a library the manifest refuses, another platform. */
static const struct unit *refused_provider(const struct resolve_in *in, const char *symbol)
{
	for (size_t i = 0; i < in->tree->len; i++)
		if (in->tree->v[i]->kind == UNIT_LIB && unit_provides(in->tree->v[i], symbol))
			return in->tree->v[i];
	return NULL;
}

static struct loc refusal(const struct resolve_in *in, const struct unit *u)
{
	const struct manifest *m = in->manifest;

	for (size_t i = 0; i < m->kconfig.len; i++)
		if (str_eq(m->kconfig.v[i].key.s, u->config))
			return m->kconfig.v[i].key.loc;
	return loc_none;
}

static int report_call(struct arena *a, const struct want *w, const char *name, struct diags *d)
{
	const struct why *origin = origin_of(&w->why);

	if (origin->kind == WHY_APP && w->why.from)
		(void)diag_error(d, origin->loc,
				 "system call '%s' is not implemented; '%s' needs it through %s",
				 name, origin->symbol, w->why.from->label);
	else
		(void)diag_error(d, origin->loc, "system call '%s' is not implemented; %s needs it",
				 name, w->why.from ? w->why.from->label : "the application");
	if (w->why.from && w->why.from->why.from)
		diag_note(d, loc_none, "%s", chain(a, &w->why));
	return diag_hint(d, "with '%s' under allow-missing it answers ENOSYS", name);
}

int resolve_report_missing(struct arena *a, const struct resolve_in *in, const struct want *w,
			   const struct strs *known, struct diags *d)
{
	const struct why *origin = origin_of(&w->why);
	const struct unit *u = refused_provider(in, w->symbol);
	const char *near;

	if (str_starts(w->symbol, "uk_sys_"))
		return report_call(a, w, w->symbol + strlen("uk_sys_"), d);
	if (w->why.kind == WHY_START)
		return diag_error(d, loc_none, "no library provides '%s', where programs start",
				  w->symbol);
	if (w->why.kind == WHY_ENTRY)
		return diag_error(d, w->why.loc,
				  "nothing provides '%s', where images of platform '%s' start",
				  w->symbol, in->platform);
	if (w->why.from)
		(void)diag_error(d, origin->loc, "nothing provides '%s', which %s needs", w->symbol,
				 w->why.from->label);
	else if (w->why.kind == WHY_INIT)
		(void)diag_error(d, origin->loc, "no file of the mechanism defines '%s'",
				 w->symbol);
	else
		(void)diag_error(d, origin->loc,
				 "nothing provides '%s', which the application uses", w->symbol);
	if (u && refusal(in, u).path)
		diag_note(d, refusal(in, u), "library '%s' has it and is switched off here",
			  u->name);
	else if (u)
		diag_note(d, u->loc, "'%s' declares it, and no file of platform '%s' defines it",
			  u->rel, in->platform);
	near = str_suggest(w->symbol, known->v, known->len);
	if (w->why.kind == WHY_APP && near && !u)
		return diag_hint(d, "did you mean '%s'?", near);
	if (w->why.from && w->why.from->why.from)
		diag_note(d, loc_none, "%s", chain(a, &w->why));
	return -1;
}
