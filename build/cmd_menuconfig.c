/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `ukbuild menuconfig`: Kconfig's own menu on the resolved configuration. What is changed there goes
 * back to the manifest as few keys as give the same configuration: levels of mechanisms to `hardening`,
 * other options to `kconfig`.
 */
#include "cmd.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "build.h"
#include "edit.h"
#include "kconf.h"
#include "manifest.h"
#include "tree.h"

struct requests {
	struct kconf_request *v;
	size_t len, cap;
};

struct menu {
	struct ctx *c;
	const struct manifest *m;
	const struct pipeline *p;
	const struct kconf *k;
	const char *dir;
	struct kconf_values wanted; /* what the user left behind */
};

/* The level that the menu's result has for a mechanism. */
static const char *menu_level(struct arena *a, const struct unit *mech,
			      const struct kconf_values *values)
{
	if (!str_eq(kconf_value(values, mech->config), "y"))
		return "off";
	for (size_t i = 1; i < mech->level_names.len; i++) {
		char *option = arena_printf(a, "%s_%s", mech->config, mech->level_names.v[i].s);

		for (char *s = option; *s; s++)
			*s = *s == '-' ? '_' : (char)toupper((unsigned char)*s);
		if (str_eq(kconf_value(values, option), "y"))
			return mech->level_names.v[i].s;
	}
	return mech->default_level;
}

/* What the profile alone gives. */
static const char *profile_level(const struct menu *u, const struct unit *mech)
{
	const struct profile *p = tree_profile(u->p->tree, u->m->harden.profile.s);
	const char *level = "off";

	for (size_t i = 0; p && i < p->len; i++)
		if (str_eq(p->v[i].mechanism, mech->name))
			level = mechanism_level(mech, p->v[i].level);
	return level ? level : "off";
}

/* Keys of `hardening`: one for each mechanism that is not as the profile has it. */
static void level_keys(const struct menu *u, struct edit_keys *keys)
{
	const struct selection *sel = &u->p->sel;

	for (size_t i = 0; i < sel->mechs_len; i++) {
		const struct unit *mech = sel->mechs[i].mech;
		const char *level = menu_level(u->c->a, mech, &u->wanted);

		if (str_eq(level, sel->mechs[i].level))
			continue;
		if (str_eq(level, profile_level(u, mech)))
			level = NULL;
		vec_push(u->c->a, keys, (struct edit_key){mech->name, level});
	}
}

static bool is_mechanism_option(const struct kconf_symbol *s)
{
	return s->unit && s->unit->kind == UNIT_MECHANISM;
}

/* Outcomes agree in everything that people can set. */
static bool is_same(const struct menu *u, const struct kconf_values *x,
		    const struct kconf_values *y)
{
	for (size_t i = 0; i < u->k->len; i++)
		if (u->k->v[i].prompt &&
		    !str_eq(kconf_value(x, u->k->v[i].name), kconf_value(y, u->k->v[i].name)))
			return false;
	return true;
}

/* Platform, libraries and levels as the menu left them, then the options in extra. */
static bool gives_wanted(const struct menu *u, const struct requests *fixed,
			 const struct requests *extra, size_t without)
{
	struct requests all = {0};
	struct kconf_values got = {0};
	struct diags ignored; /* a set that Kconfig refuses is just not the one */

	for (size_t i = 0; i < fixed->len; i++)
		vec_push(u->c->a, &all, fixed->v[i]);
	for (size_t i = 0; i < extra->len; i++)
		if (i != without)
			vec_push(u->c->a, &all, extra->v[i]);
	diags_init(&ignored, u->c->a);
	return kconf_run(u->c->a, u->k, u->dir, all.v, all.len, &got, &ignored) == 0 &&
	       is_same(u, &got, &u->wanted);
}

/* The requests that do not come from the manifest's `kconfig`, with the levels of the menu. */
static void fixed_requests(const struct menu *u, struct requests *ret)
{
	struct manifest bare = *u->m;
	const struct kconf_request *r;
	size_t len;

	bare.kconfig.len = 0;
	r = resolve_requests(u->c->a, &bare, u->k, &u->p->sel, &len);
	for (size_t i = 0; i < len; i++) {
		const struct kconf_symbol *s = kconf_find(u->k, r[i].name);

		if (s && is_mechanism_option(s))
			continue;
		/* A library that the menu switched off is left to the keys. */
		if (str_eq(kconf_value(&u->wanted, r[i].name), r[i].val))
			vec_push(u->c->a, ret, r[i]);
	}
	for (size_t i = 0; i < u->k->len; i++)
		if (is_mechanism_option(&u->k->v[i]) && u->k->v[i].prompt)
			vec_push(u->c->a, ret,
				 (struct kconf_request){u->k->v[i].name,
							kconf_value(&u->wanted, u->k->v[i].name),
							loc_none, u->k->v[i].name});
}

/* Options without which Kconfig would give something else; as few as possible. */
static int option_requests(const struct menu *u, struct requests *ret)
{
	struct requests fixed = {0}, keep = {0};
	struct kconf_values base = {0};

	fixed_requests(u, &fixed);
	if (kconf_run(u->c->a, u->k, u->dir, fixed.v, fixed.len, &base, u->c->d))
		return -1;
	for (size_t i = 0; i < u->k->len; i++) {
		const struct kconf_symbol *s = &u->k->v[i];
		const char *val = kconf_value(&u->wanted, s->name);

		if (s->prompt && !is_mechanism_option(s) &&
		    !str_eq(val, kconf_value(&base, s->name)))
			vec_push(u->c->a, ret,
				 (struct kconf_request){s->name, val, loc_none, s->name});
	}
	for (size_t i = ret->len; i-- > 0;) {
		if (!gives_wanted(u, &fixed, ret, i))
			continue;
		keep = (struct requests){0};
		for (size_t j = 0; j < ret->len; j++)
			if (j != i)
				vec_push(u->c->a, &keep, ret->v[j]);
		*ret = keep;
	}
	return 0;
}

static const char *quoted(struct arena *a, const char *val)
{
	return *val && strspn(val, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_./-") == strlen(val)
		       ? val
		       : arena_printf(a, "\"%s\"", val);
}

/* Keys of `kconfig`: those that are needed, and the manifest's own that no longer are. */
static int option_keys(const struct menu *u, struct edit_keys *keys)
{
	const struct mpairs *old = &u->m->kconfig;
	struct requests options = {0};

	if (option_requests(u, &options))
		return -1;
	for (size_t i = 0; i < options.len; i++) {
		bool is_there = false;

		for (size_t k = 0; k < old->len; k++)
			if (str_eq(old->v[k].key.s, options.v[i].name) &&
			    str_eq(old->v[k].val.s, options.v[i].val))
				is_there = true;
		if (!is_there)
			vec_push(u->c->a, keys,
				 (struct edit_key){options.v[i].name,
						   quoted(u->c->a, options.v[i].val)});
	}
	for (size_t k = 0; k < old->len; k++) {
		bool is_needed = false;

		for (size_t i = 0; i < options.len; i++)
			if (str_eq(old->v[k].key.s, options.v[i].name))
				is_needed = true;
		if (!is_needed)
			vec_push(u->c->a, keys, (struct edit_key){old->v[k].key.s, NULL});
	}
	return 0;
}

static int check_platform(const struct menu *u)
{
	const struct unit *p = u->p->sel.platform;

	if (str_eq(kconf_value(&u->wanted, p->config), "y"))
		return 0;
	(void)diag_fail(u->c->d, DIAG_USAGE, "the menu switched platform '%s' off", p->name);
	return diag_hint(u->c->d, "platforms are chosen by the manifest's `platforms`");
}

static void say_keys(const char *map, const struct edit_keys *keys)
{
	for (size_t i = 0; i < keys->len; i++)
		log_info("%s: %s%s%s", map, keys->v[i].key, keys->v[i].val ? ": " : " taken out",
			 keys->v[i].val ? keys->v[i].val : "");
}

static json_t *keys_json(const struct edit_keys *keys)
{
	json_t *o = json_object();

	for (size_t i = 0; i < keys->len; i++)
		json_object_set_new(o, keys->v[i].key,
				    keys->v[i].val ? json_string(keys->v[i].val) : json_null());
	return o;
}

/* The text is read again for the second map: the first edit has moved its places. */
static int write_back(const struct menu *u, const struct edit_keys *levels,
		      const struct edit_keys *options)
{
	struct arena *a = u->c->a;
	const struct manifest *m = u->m;
	struct edit_map kconfig = {.name = "kconfig", .pairs = &m->kconfig};
	struct edit_map harden = {.name = "hardening", .scalar_key = "profile"};
	char *text;
	size_t len;

	if (file_read(a, m->path, MANIFEST_MAX_BYTES, &text, &len, u->c->d))
		return -1;
	text = arena_strdup(a, edit_manifest(a, text, &kconfig, options));
	m = manifest_parse(a, m->path, m->dir, text, strlen(text), false, u->c->d);
	if (!m)
		return -1;
	harden.pairs = &m->harden.mechs;
	harden.scalar = m->harden.profile.loc.line ? &m->harden.profile : NULL;
	harden.has_others = m->harden.seed.s != NULL;
	text = arena_strdup(a, edit_manifest(a, text, &harden, levels));
	if (!manifest_parse(a, m->path, m->dir, text, strlen(text), false, u->c->d))
		return -1;
	if (u->c->dry_run)
		return fputs(text, stdout) < 0 ? -1 : 0;
	return file_write_if_changed(m->path, text, strlen(text), NULL, u->c->d);
}

int cmd_menuconfig(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	const char *platform = m ? ctx_one_platform(c, m) : NULL;
	struct edit_keys levels = {0}, options = {0};
	const struct kconf_request *requests;
	struct pipeline p = {0};
	struct menu u;
	size_t len;
	json_t *o;

	if (!platform || build_resolve(c, m, platform, NULL, &p))
		return -1;
	u = (struct menu){.c = c, .m = m, .p = &p};
	u.dir = path_join(c->a, c->out_dir, "cache/kconfig");
	u.k = kconf_read(c->a, p.tree, &p.tools, c->d);
	if (!u.k)
		return -1;
	requests = resolve_requests(c->a, m, u.k, &p.sel, &len);
	if (kconf_menu(c->a, u.k, u.dir, requests, len, &u.wanted, c->d) || check_platform(&u))
		return -1;
	level_keys(&u, &levels);
	if (option_keys(&u, &options))
		return -1;
	if (!levels.len && !options.len)
		log_info("nothing changed");
	else if (write_back(&u, &levels, &options))
		return -1;
	say_keys("kconfig", &options);
	say_keys("hardening", &levels);
	if (c->json) {
		o = json_object();
		json_object_set_new(o, "kconfig", keys_json(&options));
		json_object_set_new(o, "hardening", keys_json(&levels));
		json_print(o, stdout);
		json_decref(o);
	}
	return 0;
}
