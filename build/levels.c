/* SPDX-License-Identifier: BSD-2-Clause */
/* The level of each mechanism: the profile's, then the manifest's keys; and that they can be together. */
#include "resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "manifest.h"
#include "tree.h"

static struct mech_level *find_level(struct selection *sel, const char *name)
{
	for (size_t i = 0; i < sel->mechs_len; i++)
		if (str_eq(sel->mechs[i].mech->name, name))
			return &sel->mechs[i];
	return NULL;
}

static int unknown_profile(struct arena *a, const struct tree *t, const struct mstr *profile,
			   struct diags *d)
{
	struct strs names = {0};
	const char *near;

	for (size_t i = 0; i < t->profiles_len; i++)
		strs_push(a, &names, t->profiles[i].name);
	near = str_suggest(profile->s, names.v, names.len);
	(void)diag_error(d, profile->loc, "there is no hardening profile '%s'", profile->s);
	return near ? diag_hint(d, "did you mean '%s'?", near)
		    : diag_hint(d, "profiles: %s", strs_join(a, &names, " "));
}

static int unknown_mechanism(struct arena *a, const struct tree *t, const struct mstr *key,
			     struct diags *d)
{
	struct strs names = {0}, keys = {0};
	const char *near;

	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_MECHANISM)
			strs_push(a, &names, t->v[i]->name);
	strs_concat(a, &keys, &names);
	if (key->loc.line) { /* of a manifest: there the map has these keys, too (manifest_keys.c) */
		strs_push(a, &keys, "profile");
		strs_push(a, &keys, "seed");
	}
	near = str_suggest(key->s, keys.v, keys.len);
	(void)diag_error(d, key->loc, "there is no mechanism '%s'", key->s);
	return near ? diag_hint(d, "did you mean '%s'?", near)
		    : diag_hint(d, "mechanisms: %s", strs_join(a, &names, " "));
}

static int set_level(struct arena *a, struct mech_level *m, const char *word, struct loc loc,
		     struct diags *d)
{
	const char *level = mechanism_level(m->mech, word);
	struct strs names = {0};

	if (!level) {
		for (size_t i = 0; i < m->mech->level_names.len; i++)
			strs_push(a, &names, m->mech->level_names.v[i].s);
		(void)diag_error(d, loc, "mechanism '%s' has no level '%s'", m->mech->name, word);
		return diag_hint(d, "levels: %s", strs_join(a, &names, " "));
	}
	m->level = level;
	m->loc = loc;
	return 0;
}

static int apply_profile(struct arena *a, const struct tree *t, const struct mstr *name,
			 struct selection *sel, struct diags *d)
{
	const struct profile *p = tree_profile(t, name->s);

	if (!p)
		return unknown_profile(a, t, name, d);
	for (size_t i = 0; i < p->len; i++) {
		struct mech_level *m = find_level(sel, p->v[i].mechanism);

		if (!m)
			return diag_error(d, p->v[i].loc, "there is no mechanism '%s'",
					  p->v[i].mechanism);
		/* The place that asks is the manifest's, when it names the profile. */
		if (set_level(a, m, p->v[i].level, name->loc.line ? name->loc : p->v[i].loc, d))
			return -1;
	}
	return 0;
}

/* Whether word, "mechanism" or "mechanism=level", holds. */
static const struct mech_level *conflict(struct arena *a, struct selection *sel, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct mech_level *m = find_level(sel, arena_memdup(a, word, len));

	if (!m || str_eq(m->level, "off"))
		return NULL;
	return word[len] == '\0' || str_eq(word + len + 1, m->level) ? m : NULL;
}

static int check_conflicts(struct arena *a, struct selection *sel, struct diags *d)
{
	for (size_t i = 0; i < sel->mechs_len; i++) {
		const struct mech_level *m = &sel->mechs[i];

		for (size_t k = 0; !str_eq(m->level, "off") && k < m->mech->conflicts.len; k++) {
			const struct mech_level *o = conflict(a, sel, m->mech->conflicts.v[k].s);

			if (!o)
				continue;
			(void)diag_error(d, m->loc, "mechanism '%s=%s' cannot be with '%s=%s'",
					 m->mech->name, m->level, o->mech->name, o->level);
			diag_note(d, o->loc, "'%s=%s' is asked for here", o->mech->name, o->level);
			return -1;
		}
	}
	return 0;
}

static bool is_named(const struct manifest *m, const char *mechanism)
{
	for (size_t i = 0; i < m->harden.mechs.len; i++)
		if (str_eq(m->harden.mechs.v[i].key.s, mechanism))
			return true;
	return false;
}

/* What the platform refuses: an error when the mechanism is named, left out of a profile. */
static void refuse(const struct manifest *m, const char *platform, struct selection *sel,
		   struct diags *d)
{
	for (size_t i = 0; i < sel->mechs_len; i++) {
		struct mech_level *l = &sel->mechs[i];
		const struct platform_status *s = mechanism_status(l->mech, platform);

		if (str_eq(l->level, "off") || s->standing != STANDS_REFUSED)
			continue;
		if (!is_named(m, l->mech->name)) {
			l->left_out = l->level;
			l->level = "off";
			continue;
		}
		(void)diag_error(d, l->loc, "'%s=%s' cannot be had on platform '%s': %s",
				 l->mech->name, l->level, platform, s->reason);
		diag_note(d, s->loc, "'%s' says so here", l->mech->rel);
	}
}

int resolve_levels(struct arena *a, const struct tree *t, const struct manifest *m,
		   const char *platform, struct selection *sel, struct diags *d)
{
	size_t errors = d->errors;

	sel->mechs_len = 0;
	for (size_t i = 0; i < t->len; i++) {
		if (t->v[i]->kind != UNIT_MECHANISM)
			continue;
		sel->mechs = vec_grow(a, sel->mechs, sel->mechs_len, &sel->mechs_cap,
				      sizeof(*sel->mechs));
		sel->mechs[sel->mechs_len++] = (struct mech_level){t->v[i], "off", loc_none, NULL};
	}
	if (apply_profile(a, t, &m->harden.profile, sel, d))
		return -1;
	for (size_t i = 0; i < m->harden.mechs.len; i++) {
		const struct mpair *p = &m->harden.mechs.v[i];
		struct mech_level *level = find_level(sel, p->key.s);

		if (!level)
			(void)unknown_mechanism(a, t, &p->key, d); /* counted in d->errors */
		else
			(void)set_level(a, level, p->val.s, p->val.loc, d);
	}
	refuse(m, platform, sel, d);
	if (d->errors != errors)
		return -1;
	return check_conflicts(a, sel, d);
}

static int compare_config(const void *key, const void *elem)
{
	return strcmp(key, ((const struct config_value *)elem)->name);
}

const char *selection_config(const struct selection *sel, const char *name)
{
	const struct config_value *v = sel->config_len
					       ? bsearch(name, sel->config, sel->config_len,
							 sizeof(*sel->config), compare_config)
					       : NULL;

	return v ? v->val : "n";
}
