/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading the tree: walks libs/, platforms/ and hardening/, reads each unit's fragment, public
 * headers and index, and checks that what a fragment names is there. Knows no unit by name.
 */
#include "tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"

/* Fragments and headers are small; a generated index of a C library is some 300 KiB. */
#define FRAGMENT_MAX_BYTES (1u << 20)
#define INDEX_MAX_BYTES (8u << 20)

struct kind_info {
	const char *name, *folder, *fragment, *config_prefix;
};

static const struct kind_info kinds[] = {
	[UNIT_LIB] = {"library", "libs", "lib.mk", "LIB_"},
	[UNIT_PLATFORM] = {"platform", "platforms", "plat.mk", "PLAT_"},
	[UNIT_MECHANISM] = {"mechanism", "hardening", "harden.mk", "HARDEN_"},
};

const char *unit_kind_name(enum unit_kind kind)
{
	return kinds[kind].name;
}

static int compare_names(const void *key, const void *elem)
{
	return strcmp(key, *(const char *const *)elem);
}

bool unit_provides(const struct unit *u, const char *symbol)
{
	return u->symbols.len && bsearch(symbol, u->symbols.v, u->symbols.len,
					 sizeof(*u->symbols.v), compare_names) != NULL;
}

const char *mechanism_level(const struct unit *mech, const char *word)
{
	for (size_t i = 0; i < mech->level_names.len; i++)
		if (str_eq(mech->level_names.v[i].s, word))
			return mech->level_names.v[i].s;
	return str_eq(word, "on") ? mech->default_level : NULL;
}

const struct platform_status *mechanism_status(const struct unit *mech, const char *platform)
{
	static const struct platform_status untried = {NULL, STANDS_UNTRIED, NULL, {NULL, 0, 0}};

	for (size_t i = 0; i < mech->statuses.len; i++)
		if (str_eq(mech->statuses.v[i].platform, platform))
			return &mech->statuses.v[i];
	return &untried;
}

const char *standing_name(enum standing s)
{
	static const char *const names[] = {
		[STANDS_UNTRIED] = "untried",        [STANDS_PROVEN] = "proven",
		[STANDS_VERIFIER] = "verifier only", [STANDS_INHERENT] = "inherent",
		[STANDS_REFUSED] = "refused",
	};

	return names[s];
}

static const char *config_name(struct arena *a, enum unit_kind kind, const char *name)
{
	char *s = arena_printf(a, "%s%s", kinds[kind].config_prefix, name);

	for (char *p = s; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return s;
}

/* A file or folder that a fragment names, below the unit's folder. */
static int check_path(struct arena *a, const struct unit *u, const char *path, struct loc loc,
		      bool want_dir, struct diags *d)
{
	const char *full = path_join(a, u->dir, path);

	if (path[0] == '/' || str_starts(path, "../") || strstr(path, "/../"))
		return diag_error(d, loc, "'%s' leaves the folder of the %s", path,
				  unit_kind_name(u->kind));
	if (want_dir ? !file_is_dir(full) : !file_exists(full) || file_is_dir(full))
		return diag_error(d, loc, "there is no %s '%s' in %s", want_dir ? "folder" : "file",
				  path, u->rel);
	return 0;
}

static void check_words(struct arena *a, const struct unit *u, const struct words *w, bool want_dir,
			struct diags *d)
{
	for (size_t i = 0; i < w->len; i++) {
		/* Folders of an unpacked source appear only when it is fetched. */
		if (want_dir && u->source &&
		    (str_eq(w->v[i].s, "source") || str_starts(w->v[i].s, "source/")))
			continue;
		(void)check_path(a, u, w->v[i].s, w->v[i].loc, want_dir, d); /* in d->errors */
	}
}

static bool is_source_file(const struct unit *u, const char *file)
{
	for (size_t i = 0; i < u->index_len; i++)
		if (str_eq(u->index[i].file, file))
			return true;
	return false;
}

static int check_source(struct arena *a, const struct unit *u, struct diags *d)
{
	const struct source_spec *s = u->source;

	if (!s->package || !s->archive || !s->sha256 || !s->unpacked)
		return diag_error(d, s->loc, "a source needs SOURCE, ARCHIVE, SHA256 and UNPACKED");
	check_words(a, u, &s->patches, false, d);
	return s->overlay ? check_path(a, u, s->overlay, s->loc, true, d) : 0;
}

/* Whether all that the fragment names is there. */
static int check_unit(struct arena *a, const struct unit *u, struct diags *d)
{
	size_t errors = d->errors;

	check_words(a, u, &u->src, false, d);
	check_words(a, u, &u->includes, true, d);
	check_words(a, u, &u->public_includes, true, d);
	for (size_t i = 0; i < u->sym_src.len; i++)
		(void)check_path(a, u, u->sym_src.v[i].file, u->sym_src.v[i].loc, false, d);
	for (size_t i = 0; i < u->levels.len; i++)
		check_words(a, u, &u->levels.v[i].src, false, d);
	for (size_t i = 0; i < u->exempt.len; i++)
		if (!is_source_file(u, u->exempt.v[i].file))
			(void)check_path(a, u, u->exempt.v[i].file, u->exempt.v[i].loc, false, d);
	if (u->source)
		(void)check_source(a, u, d);
	return d->errors == errors ? 0 : -1;
}

/* Files below include/ (one level of folders, as include/uk). */
static int read_headers(struct arena *a, struct unit *u, const char *dir, struct diags *d)
{
	struct strs list = {0};

	if (!file_is_dir(dir))
		return 0;
	if (file_list(a, dir, &list, d))
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		const char *path = path_join(a, dir, list.v[i]);
		char *text;
		size_t len;

		if (file_is_dir(path)) {
			if (read_headers(a, u, path, d))
				return -1;
		} else if (str_ends(path, ".h")) {
			if (file_read(a, path, FRAGMENT_MAX_BYTES, &text, &len, d))
				return -1;
			tree_header_symbols(a, text, len, &u->symbols);
		}
	}
	return 0;
}

/* What kind of list an index line holds. */
static struct strs *index_list(struct index_file *f, char mark)
{
	switch (mark) {
	case 'D':
		return &f->defines;
	case 'W':
		return &f->weak;
	case 'N':
		return &f->needs;
	default:
		return NULL;
	}
}

/* A strong definition wins over a weak one; else the first in the file. */
static void index_symbols(struct arena *a, struct unit *u)
{
	u->index_by_symbol = map_new(a);
	for (int is_weak = 0; is_weak <= 1; is_weak++)
		for (size_t i = 0; i < u->index_len; i++) {
			struct index_file *f = &u->index[i];
			const struct strs *l = is_weak ? &f->weak : &f->defines;

			for (size_t k = 0; k < l->len; k++)
				if (!map_get(u->index_by_symbol, l->v[k], NULL))
					map_put(u->index_by_symbol, l->v[k], f);
		}
}

int tree_parse_index(struct arena *a, struct unit *u, const char *path, const char *text,
		     size_t len, struct diags *d)
{
	struct {
		struct index_file *v;
		size_t len, cap;
	} files = {0};
	unsigned line = 0;

	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;
		const char *s = arena_memdup(a, text + at, end - at);
		struct strs *list;

		line++;
		at = end + 1;
		if (s[0] == '#' || s[0] == '\0')
			continue;
		if (s[0] == 'F' && s[1] == ' ' && s[2]) {
			vec_push(a, &files, (struct index_file){.file = s + 2});
			continue;
		}
		list = files.len ? index_list(&files.v[files.len - 1], s[0]) : NULL;
		if (!list || s[1] != ' ')
			return diag_error(d, (struct loc){path, line, 1},
					  "expected 'F file', then 'D', 'W' or 'N' and symbols");
		strs_split(a, list, s + 2);
	}
	u->index = files.v;
	u->index_len = files.len;
	index_symbols(a, u);
	return 0;
}

static int read_index(struct arena *a, struct unit *u, struct diags *d)
{
	const char *path = path_join(a, u->dir, arena_printf(a, "%s.index", u->name));
	char *text;
	size_t len;

	if (!file_exists(path))
		return 0;
	if (file_read(a, path, INDEX_MAX_BYTES, &text, &len, d))
		return -1;
	return tree_parse_index(a, u, path, text, len, d);
}

/* Whether a unit of the same kind has u's name or option already. */
static int check_name(const struct tree *t, const struct unit *u, struct loc loc, struct diags *d)
{
	for (size_t i = 0; i < t->len; i++) {
		const struct unit *o = t->v[i];

		if (o->kind != u->kind ||
		    (!str_eq(o->name, u->name) && !str_eq(o->config, u->config)))
			continue;
		return diag_error(d, loc, "%s '%s' is already in %s", unit_kind_name(u->kind),
				  o->name, o->rel);
	}
	return 0;
}

/* Adds the unit: the symbols that it provides, besides those its headers declare. */
static void add_unit(struct arena *a, struct tree *t, struct unit *u)
{
	for (size_t i = 0; i < u->exports.len; i++)
		strs_push(a, &u->symbols, u->exports.v[i].s);
	for (size_t i = 0; i < u->sym_src.len; i++)
		strs_push(a, &u->symbols, u->sym_src.v[i].symbol);
	strs_sort_uniq(&u->symbols);
	vec_push(a, t, u);
}

/* One platform of a folder that has several: the fragment again, now as the one named. */
static int load_named(struct arena *a, struct tree *t, const struct unit *folder,
		      const struct word *name, const char *text, size_t len, struct diags *d)
{
	struct unit *u = arena_alloc(a, sizeof(*u));

	u->kind = folder->kind;
	u->name = name->s;
	u->rel = folder->rel;
	u->dir = folder->dir;
	u->names = folder->names;
	u->config = config_name(a, u->kind, u->name);
	if (check_name(t, u, name->loc, d) ||
	    tree_parse_fragment(a, u, folder->loc.path, text, len, d))
		return -1;
	strs_concat(a, &u->symbols, &folder->symbols);
	add_unit(a, t, u);
	return 0;
}

static int load_folder(struct arena *a, struct tree *t, enum unit_kind kind, const char *name,
		       struct diags *d)
{
	const struct kind_info *k = &kinds[kind];
	struct unit *u = arena_alloc(a, sizeof(*u));
	size_t errors = d->errors;
	const char *path;
	char *text;
	size_t len;

	u->kind = kind;
	u->name = name;
	u->rel = arena_printf(a, "%s/%s", k->folder, name);
	u->dir = path_join(a, t->home, u->rel);
	u->config = config_name(a, kind, name);
	path = path_join(a, u->dir, k->fragment);
	if (!file_exists(path))
		return diag_error(d, (struct loc){u->dir, 0, 0}, "%s '%s' has no %s", k->name, name,
				  k->fragment);
	if (file_read(a, path, FRAGMENT_MAX_BYTES, &text, &len, d) ||
	    tree_parse_fragment(a, u, path, text, len, d) || read_index(a, u, d) ||
	    check_unit(a, u, d))
		return -1;
	/* The headers of a third-party library are not ours to list: its index is. */
	if (!u->source && read_headers(a, u, path_join(a, u->dir, "include"), d))
		return -1;
	if (!u->names.len) {
		if (check_name(t, u, u->loc, d))
			return -1;
		add_unit(a, t, u);
		return 0;
	}
	for (size_t i = 0; i < u->names.len; i++)
		(void)load_named(a, t, u, &u->names.v[i], text, len, d); /* in d->errors */
	return d->errors == errors ? 0 : -1;
}

static int compare_units(const void *x, const void *y)
{
	const struct unit *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

static int load_kind(struct arena *a, struct tree *t, enum unit_kind kind, struct diags *d)
{
	const char *dir = path_join(a, t->home, kinds[kind].folder);
	struct strs list = {0};
	size_t first = t->len;

	if (!file_is_dir(dir))
		return 0;
	if (file_list(a, dir, &list, d))
		return -1;
	for (size_t i = 0; i < list.len; i++)
		if (list.v[i][0] != '.' && file_is_dir(path_join(a, dir, list.v[i])))
			(void)load_folder(a, t, kind, list.v[i], d); /* go on: all errors at once */
	if (t->len > first)
		qsort(t->v + first, t->len - first, sizeof(*t->v), compare_units);
	return 0;
}

/* One profile: `name := mechanism=level ...`. */
static int parse_profile(struct arena *a, struct tree *t, const char *path, unsigned line,
			 const char *s, struct diags *d)
{
	struct loc loc = {path, line, 1};
	struct profile p = {0};
	const char *mark = strstr(s, ":=");
	struct strs words = {0};

	if (!mark)
		return diag_error(d, loc, "expected 'profile := mechanism=level ...'");
	strs_split(a, &words, arena_memdup(a, s, (size_t)(mark - s)));
	if (words.len != 1)
		return diag_error(d, loc, "expected one profile name before ':='");
	p.name = words.v[0];
	if (tree_profile(t, p.name))
		return diag_error(d, loc, "profile '%s' is set a second time", p.name);
	words = (struct strs){0};
	strs_split(a, &words, mark + 2);
	for (size_t i = 0; i < words.len; i++) {
		const char *eq = strchr(words.v[i], '=');

		if (!eq || eq == words.v[i] || !eq[1])
			return diag_error(d, loc, "'%s' is not mechanism=level", words.v[i]);
		vec_push(a, &p,
			 (struct profile_entry){
				 arena_memdup(a, words.v[i], (size_t)(eq - words.v[i])), eq + 1,
				 loc});
	}
	t->profiles =
		vec_grow(a, t->profiles, t->profiles_len, &t->profiles_cap, sizeof(*t->profiles));
	t->profiles[t->profiles_len++] = p;
	return 0;
}

static int load_profiles(struct arena *a, struct tree *t, struct diags *d)
{
	const char *path = path_join(a, t->home, "hardening/profiles.mk");
	unsigned line = 0;
	char *text;
	size_t len;

	if (!file_exists(path))
		return 0;
	if (file_read(a, path, FRAGMENT_MAX_BYTES, &text, &len, d))
		return -1;
	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;
		const char *hash = memchr(text + at, '#', end - at);
		const char *s =
			arena_memdup(a, text + at, (hash ? (size_t)(hash - text) : end) - at);

		line++;
		at = end + 1;
		if (s[strspn(s, " \t\r")] && parse_profile(a, t, path, line, s, d))
			return -1;
	}
	return 0;
}

static void check_status(struct arena *a, const struct tree *t, const struct platform_status *s,
			 struct diags *d)
{
	struct strs names = {0};
	const char *near;

	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_PLATFORM)
			strs_push(a, &names, t->v[i]->name);
	if (strs_has(&names, s->platform))
		return;
	(void)diag_error(d, s->loc, "there is no platform '%s'", s->platform);
	near = str_suggest(s->platform, names.v, names.len);
	if (near)
		(void)diag_hint(d, "did you mean '%s'?", near);
}

/* Names in NOHARDEN and CONFLICTS must be mechanisms of the tree, those of STATUS platforms. */
static int check_mechanism_names(struct arena *a, const struct tree *t, struct diags *d)
{
	size_t errors = d->errors;

	for (size_t i = 0; i < t->len; i++) {
		const struct unit *u = t->v[i];

		for (size_t k = 0; k < u->exempt.len; k++)
			if (!tree_find(t, UNIT_MECHANISM, u->exempt.v[k].mechanism))
				(void)diag_error(d, u->exempt.v[k].loc,
						 "there is no mechanism '%s'",
						 u->exempt.v[k].mechanism);
		for (size_t k = 0; k < u->statuses.len; k++)
			check_status(a, t, &u->statuses.v[k], d);
		for (size_t k = 0; k < u->conflicts.len; k++) {
			const struct word *w = &u->conflicts.v[k];

			if (!tree_find(t, UNIT_MECHANISM,
				       arena_memdup(a, w->s, strcspn(w->s, "="))))
				(void)diag_error(d, w->loc, "there is no mechanism '%s'", w->s);
		}
	}
	return d->errors == errors ? 0 : -1;
}

struct tree *tree_load(struct arena *a, const char *home, struct diags *d)
{
	struct tree *t = arena_alloc(a, sizeof(*t));
	size_t errors = d->errors;

	t->home = path_absolute(a, home);
	if (load_kind(a, t, UNIT_LIB, d) || load_kind(a, t, UNIT_PLATFORM, d) ||
	    load_kind(a, t, UNIT_MECHANISM, d) || load_profiles(a, t, d))
		return NULL;
	if (d->errors == errors)
		(void)check_mechanism_names(a, t, d); /* in d->errors */
	if (d->errors != errors)
		return NULL;
	if (t->len == 0) {
		(void)diag_fail(d, DIAG_TOOL, "no libraries, platforms or mechanisms in '%s'",
				t->home);
		(void)diag_hint(d, "set UKBUILD_HOME to the folder of ukbuild's sources");
		return NULL;
	}
	return t;
}

const struct unit *tree_find(const struct tree *t, enum unit_kind kind, const char *name)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == kind && str_eq(t->v[i]->name, name))
			return t->v[i];
	return NULL;
}

const char *tree_script(struct arena *a, const struct tree *t, const struct unit *platform)
{
	const char *own = path_join(a, platform->dir, "image.ld");

	return file_exists(own) ? own : path_join(a, t->home, "libs/plat/image.ld");
}

const struct profile *tree_profile(const struct tree *t, const char *name)
{
	for (size_t i = 0; i < t->profiles_len; i++)
		if (str_eq(t->profiles[i].name, name))
			return &t->profiles[i];
	return NULL;
}
