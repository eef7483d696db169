/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resolution as a work list of symbols. Each symbol that something in the image references is looked
 * up: in the application, in the files already chosen, among the linker script's and the generated
 * symbols, then in what units provide. A symbol that several units provide waits until everything
 * else is settled, because a unit that is in anyway is then the better choice.
 *
 * What a file references: the driver's reader says it, from the compiled object; a third-party file's
 * index says it before, so that most of an image is compiled at once. Choosing is by file (SRC-symbol,
 * index) or by unit (SRC).
 *
 * Kconfig has the last word on options, and options change what files reference: the walk is repeated
 * until units and configuration stay the same.
 */
#include "resolve.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "kconf.h"
#include "manifest.h"
#include "resolve_walk.h"
#include "tree.h"

/* Rounds of walking and configuring: two are usual; a system that swings is a mistake in Kconfig. */
#define ROUNDS_MAX 8

struct requests {
	struct kconf_request *v;
	size_t len, cap;
};

static const struct unit *find_platform(struct arena *a, const struct resolve_in *in,
					struct diags *d)
{
	const struct unit *u = tree_find(in->tree, UNIT_PLATFORM, in->platform);
	struct loc loc = loc_none;
	struct strs names = {0};

	if (u)
		return u;
	for (size_t i = 0; i < in->manifest->platforms.len; i++)
		if (str_eq(in->manifest->platforms.v[i].s, in->platform))
			loc = in->manifest->platforms.v[i].loc;
	for (size_t i = 0; i < in->tree->len; i++)
		if (in->tree->v[i]->kind == UNIT_PLATFORM)
			strs_push(a, &names, in->tree->v[i]->name);
	(void)diag_error(d, loc, "there is no platform '%s'", in->platform);
	(void)diag_hint(d, "platforms: %s", strs_join(a, &names, " "));
	return NULL;
}

static void request(struct arena *a, struct requests *r, const char *name, const char *val,
		    struct loc loc, const char *what)
{
	vec_push(a, r, (struct kconf_request){name, val, loc, what});
}

static void request_mechanism(struct arena *a, const struct kconf *k, const struct mech_level *m,
			      struct requests *r)
{
	bool is_on = !str_eq(m->level, "off");
	const char *what = arena_printf(a, "mechanism '%s=%s'", m->mech->name, m->level);
	char *level = arena_printf(a, "%s_%s", m->mech->config, m->level);

	for (char *p = level; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	request(a, r, m->mech->config, is_on ? "y" : "n", m->loc, what);
	if (is_on && kconf_find(k, level))
		request(a, r, level, "y", m->loc, what);
}

/* Why a unit is asked for, with its place, for an error message. */
static void request_unit(struct arena *a, const struct unit *u, const struct why *why,
			 struct requests *r)
{
	const char *what = arena_printf(a, "%s '%s'", unit_kind_name(u->kind), u->name);

	if (why->symbol)
		what = arena_printf(a, "%s (for '%s')", what, why->symbol);
	request(a, r, u->config, "y", why->loc, what);
}

static void make_requests(struct arena *a, const struct manifest *m, const struct kconf *k,
			  const struct selection *sel, struct requests *r)
{
	r->len = 0;
	request(a, r, sel->platform->config, "y", loc_none,
		arena_printf(a, "platform '%s'", sel->platform->name));
	for (size_t i = 0; i < sel->mechs_len; i++)
		request_mechanism(a, k, &sel->mechs[i], r);
	for (size_t i = 0; i < sel->units_len; i++)
		/* A library that only Kconfig wanted is not asked for: it may go again. */
		if (sel->units[i]->kind == UNIT_LIB && sel->units_why[i].kind != WHY_KCONFIG)
			request_unit(a, sel->units[i], &sel->units_why[i], r);
	for (size_t i = 0; i < m->kconfig.len; i++)
		request(a, r, m->kconfig.v[i].key.s, m->kconfig.v[i].val.s, m->kconfig.v[i].key.loc,
			arena_printf(a, "option '%s'", m->kconfig.v[i].key.s));
}

const struct kconf_request *resolve_requests(struct arena *a, const struct manifest *m,
					     const struct kconf *k, const struct selection *sel,
					     size_t *ret_len)
{
	struct requests r = {0};

	make_requests(a, m, k, sel, &r);
	*ret_len = r.len;
	return r.v;
}

static void set_config(struct arena *a, const struct kconf *k, const struct kconf_values *values,
		       struct selection *sel)
{
	sel->config = arena_array(a, values->len, sizeof(*sel->config));
	sel->config_len = values->len;
	for (size_t i = 0; i < values->len; i++) {
		const struct kconf_symbol *s = kconf_find(k, values->v[i].name);

		sel->config[i] = (struct config_value){values->v[i].name, values->v[i].val,
						       s ? s->unit : NULL};
	}
}

static bool is_same_config(const struct selection *sel, const struct kconf_values *values)
{
	if (sel->config_len != values->len)
		return false;
	for (size_t i = 0; i < values->len; i++)
		if (!str_eq(sel->config[i].name, values->v[i].name) ||
		    !str_eq(sel->config[i].val, values->v[i].val))
			return false;
	return true;
}

/* A library of the manifest's `libs`, or an option that switches one on, must exist. */
static int check_libs(struct arena *a, const struct resolve_in *in, struct diags *d)
{
	size_t errors = d->errors;
	struct strs names = {0};

	for (size_t i = 0; i < in->tree->len; i++)
		if (in->tree->v[i]->kind == UNIT_LIB)
			strs_push(a, &names, in->tree->v[i]->name);
	for (size_t i = 0; i < in->manifest->libs.len; i++) {
		const struct mstr *l = &in->manifest->libs.v[i];
		const char *near;

		if (strs_has(&names, l->s))
			continue;
		near = str_suggest(l->s, names.v, names.len);
		(void)diag_error(d, l->loc, "there is no library '%s'", l->s);
		if (near)
			(void)diag_hint(d, "did you mean '%s'?", near);
		else
			(void)diag_hint(d, "`ukbuild libs` lists them");
	}
	return d->errors == errors ? 0 : -1;
}

int resolve(struct arena *a, const struct resolve_in *in, struct selection *sel, struct diags *d)
{
	const char *dir = path_join(a, in->cache_dir, "kconfig");
	struct requests requests = {0};
	struct kconf_values values = {0};
	struct kconf *k;

	sel->platform = find_platform(a, in, d);
	if (!sel->platform || check_libs(a, in, d))
		return -1;
	k = kconf_read(a, in->tree, in->tools, d);
	if (!k)
		return -1;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		make_requests(a, in->manifest, k, sel, &requests);
		if (kconf_run(a, k, dir, requests.v, requests.len, &values, d))
			return -1;
		if (round > 0 && is_same_config(sel, &values))
			return 0;
		set_config(a, k, &values, sel);
		if (resolve_walk(a, in, sel, d))
			return -1;
	}
	return diag_fail(d, DIAG_BUG,
			 "units and options did not settle in %d rounds: two options of the "
			 "tree switch each other",
			 ROUNDS_MAX);
}
