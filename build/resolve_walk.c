/* SPDX-License-Identifier: BSD-2-Clause */
#include "resolve_walk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "manifest.h"
#include "scan.h"
#include "tree.h"

#define SCRIPT_MAX_BYTES (1u << 20)
/* Files of one image: a bound for a broken index, far above the 1,300 of a whole C library. */
#define FILES_MAX 20000

struct wants {
	struct want *v;
	size_t len, cap;
};

struct files {
	struct sel_file **v;
	size_t len, cap;
};

struct walk {
	struct arena *arena;
	const struct resolve_in *in;
	struct selection *sel;
	struct diags *d;
	struct map *wanted;  /* set: symbols that are on a list */
	struct map *defined; /* set: symbols that a file in the image or the linker script has */
	struct map *by_label;
	struct map *unit_in; /* unit->config -> struct why * */
	struct wants todo, open, deferred;
	struct files files, unread;
	bool has_third_party;
};

/* One way to get a symbol. */
struct candidate {
	const struct unit *unit;
	const char *file;                     /* SRC-symbol, or NULL: all of SRC */
	const struct index_file *third_party; /* or NULL */
};
struct candidates {
	struct candidate *v;
	size_t len, cap;
	const struct unit *declares; /* a unit that only declares the symbol, or NULL */
};

static bool is_symbol_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool has(const struct map *m, const char *key)
{
	return map_get(m, key, NULL) != NULL;
}

/* Maps are used as sets: any value that is not NULL will do. */
static void put(struct map *m, const char *key)
{
	map_put(m, key, m);
}

static void want(struct walk *w, const char *symbol, struct why why)
{
	if (has(w->wanted, symbol))
		return;
	put(w->wanted, symbol);
	why.symbol = symbol;
	vec_push(w->arena, &w->todo, (struct want){symbol, why});
}

/* Symbols that the linker or the driver's generated file defines. */
static bool is_made(const char *s)
{
	static const char *const names[] = {
		/* build/gen.c */
		"uk_app_main", "uk_app_argv", "uk_app_argc", "uk_app_envp", "uk_init_layout",
		"uk_init_early", "uk_init_mem", "uk_init_device", "uk_init_late", "uk_fault_name",
		"uk_romfs_files", "uk_romfs_files_len",
		/* lld: addReservedSymbols() */
		"_DYNAMIC", "_GLOBAL_OFFSET_TABLE_", "__ehdr_start", "__init_array_start",
		"__init_array_end", "__fini_array_start", "__fini_array_end",
		"__preinit_array_start", "__preinit_array_end"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(s, names[i]))
			return true;
	return str_starts(s, "__start_") || str_starts(s, "__stop_") ||
	       str_starts(s, "__kcfi_typeid_");
}

/* ENTRY(symbol): where the image starts, so it is needed whoever has it. */
static void want_entry(struct walk *w, const char *path, const char *text)
{
	static const char word[] = "ENTRY";
	struct why why = {WHY_ENTRY, NULL, NULL, {path, 1, 1}};
	bool is_comment = false;

	for (const char *line = text, *p = text; *p; p++) {
		size_t len;

		if (*p == '\n') {
			line = p + 1;
			why.loc.line++;
		} else if (str_starts(p, is_comment ? "*/" : "/*")) {
			is_comment = !is_comment;
			p++;
		} else if (!is_comment && str_starts(p, word) &&
			   (p == text || !is_symbol_char(p[-1]))) {
			p += strlen(word);
			p += strspn(p, " \t");
			if (*p++ != '(')
				return;
			p += strspn(p, " \t");
			why.loc.col = (unsigned)(p - line) + 1;
			for (len = 0; is_symbol_char(p[len]); len++)
				;
			if (len)
				want(w, arena_memdup(w->arena, p, len), why);
			return;
		}
	}
}

/* Symbols that the platform's linker script assigns: words before '=', also in PROVIDE(...). */
static int read_script(struct walk *w, const struct unit *platform)
{
	const char *path = tree_script(w->arena, w->in->tree, platform);
	char *text;
	size_t len;

	if (!file_exists(path))
		return 0;
	if (file_read(w->arena, path, SCRIPT_MAX_BYTES, &text, &len, w->d))
		return -1;
	want_entry(w, path, text);
	for (const char *p = text; *p;) {
		const char *start = p;

		while (is_symbol_char(*p))
			p++;
		if (p > start) {
			const char *after = p + strspn(p, " \t");

			if (*after == '=' && after[1] != '=')
				put(w->defined, arena_memdup(w->arena, start, (size_t)(p - start)));
		} else {
			p++;
		}
	}
	return 0;
}

static const char *file_label(struct arena *a, const struct unit *u, const char *file,
			      bool is_third_party)
{
	return is_third_party ? arena_printf(a, "%s/%s", u->name, file)
			      : arena_printf(a, "%s/%s", u->rel, file);
}

static const char *file_path(const struct walk *w, const struct unit *u, const char *file,
			     bool is_third_party)
{
	bool in_unit = !is_third_party ||
		       (u->source && u->source->overlay && str_starts(file, u->source->overlay) &&
			file[strlen(u->source->overlay)] == '/');

	return path_join(w->arena, in_unit ? u->dir : w->in->source_dir, file);
}

static void enter_symbols(struct walk *w, struct sel_file *f)
{
	for (size_t i = 0; i < f->defines.len; i++)
		if (!has(w->defined, f->defines.v[i]))
			put(w->defined, f->defines.v[i]);
	for (size_t i = 0; i < f->needs.len; i++)
		want(w, f->needs.v[i], (struct why){WHY_SYMBOL, f->needs.v[i], f, loc_none});
}

static int add_file(struct walk *w, const struct unit *u, const char *file,
		    const struct index_file *third_party, const struct why *why)
{
	const char *label = file_label(w->arena, u, file, third_party != NULL);
	struct sel_file *f;

	if (has(w->by_label, label))
		return 0;
	if (w->files.len >= FILES_MAX)
		return diag_error(w->d, u->loc, "more than %d files in one image", FILES_MAX);
	f = arena_alloc(w->arena, sizeof(*f));
	f->unit = u;
	f->path = file_path(w, u, file, third_party != NULL);
	f->label = label;
	f->is_third_party = third_party != NULL;
	f->why = *why;
	map_put(w->by_label, label, f);
	vec_push(w->arena, &w->files, f);
	vec_push(w->arena, &w->unread, f);
	if (!third_party)
		return 0;
	w->has_third_party = true;
	strs_concat(w->arena, &f->defines, &third_party->defines);
	strs_concat(w->arena, &f->defines, &third_party->weak);
	strs_concat(w->arena, &f->needs, &third_party->needs);
	enter_symbols(w, f);
	return 0;
}

static int add_words(struct walk *w, const struct unit *u, const struct words *src,
		     const struct why *why)
{
	for (size_t i = 0; i < src->len; i++)
		if (add_file(w, u, src->v[i].s, NULL, why))
			return -1;
	return 0;
}

/* Takes a unit into the image with the files that are always part of it. */
static int add_unit(struct walk *w, const struct unit *u, const struct why *why)
{
	if (!has(w->unit_in, u->config)) {
		struct why *copy = arena_alloc(w->arena, sizeof(*copy));

		*copy = *why;
		map_put(w->unit_in, u->config, copy);
	}
	return add_words(w, u, &u->src, why);
}

static bool is_in(const struct walk *w, const struct unit *u)
{
	return has(w->unit_in, u->config);
}

/* What the manifest says of a library: 1 = wanted, 0 = nothing, -1 = refused. */
static int manifest_says(const struct walk *w, const struct unit *u)
{
	const struct manifest *m = w->in->manifest;

	for (size_t i = 0; i < m->kconfig.len; i++)
		if (str_eq(m->kconfig.v[i].key.s, u->config))
			return str_eq(m->kconfig.v[i].val.s, "y") ? 1 : -1;
	for (size_t i = 0; i < m->libs.len; i++)
		if (u->kind == UNIT_LIB && str_eq(m->libs.v[i].s, u->name))
			return 1;
	return 0;
}

static const struct mech_level *active_level(const struct walk *w, const struct unit *mech)
{
	for (size_t i = 0; i < w->sel->mechs_len; i++)
		if (w->sel->mechs[i].mech == mech && !str_eq(w->sel->mechs[i].level, "off"))
			return &w->sel->mechs[i];
	return NULL;
}

/* Whether u may take part in this image at all. */
static bool is_eligible(const struct walk *w, const struct unit *u)
{
	switch (u->kind) {
	case UNIT_LIB:
		return manifest_says(w, u) >= 0;
	case UNIT_PLATFORM:
		return u == w->sel->platform;
	default:
		return active_level(w, u) != NULL;
	}
}

static void find_in_unit(struct walk *w, const struct unit *u, const char *symbol,
			 struct candidates *ret)
{
	const struct index_file *f =
		u->index_by_symbol ? map_get(u->index_by_symbol, symbol, NULL) : NULL;

	if (f) {
		vec_push(w->arena, ret, (struct candidate){u, f->file, f});
		return;
	}
	if (!unit_provides(u, symbol))
		return;
	for (size_t i = 0; i < u->sym_src.len; i++)
		if (str_eq(u->sym_src.v[i].symbol, symbol)) {
			vec_push(w->arena, ret, (struct candidate){u, u->sym_src.v[i].file, NULL});
			return;
		}
	/* A unit that is in may still be unread; once it is read, it does not define the symbol. */
	if (u->src.len && (!is_in(w, u) || w->unread.len))
		vec_push(w->arena, ret, (struct candidate){u, NULL, NULL});
	else if (!ret->declares)
		ret->declares = u;
}

static int take(struct walk *w, const struct candidate *c, const struct want *x)
{
	if (add_unit(w, c->unit, &x->why))
		return -1;
	return c->file ? add_file(w, c->unit, c->file, c->third_party, &x->why) : 0;
}

/*
 * Whether no later file can change the choice: a mechanism that is on has the symbol, or the third-party
 * library that is in.
 */
static bool is_settled(const struct walk *w, const struct candidates *c)
{
	for (size_t i = 0; i < c->len; i++)
		if (c->v[i].unit->kind == UNIT_MECHANISM ||
		    (w->has_third_party && c->v[i].third_party))
			return true;
	return false;
}

/*
 * A mechanism before everything: what it provides is there to take a library's place. Then a unit that is
 * in before one that is not. Of those that are in the third-party one, because it fits
 * the rest of its library; of new ones ours, because it is smaller. Then the first by name.
 */
static const struct candidate *best_candidate(const struct walk *w, const struct candidates *c)
{
	const struct candidate *best = &c->v[0];

	for (size_t i = 0; i < c->len; i++) {
		const struct candidate *n = &c->v[i];
		bool is_new = !is_in(w, n->unit);

		if (n->unit->kind == UNIT_MECHANISM)
			return n;
		if (is_new != !is_in(w, best->unit)) {
			if (!is_new)
				best = n;
		} else if ((n->third_party != NULL) != (best->third_party != NULL) &&
			   (n->third_party == NULL) == is_new) {
			best = n;
		}
	}
	return best;
}

static int satisfy(struct walk *w, const struct want *x, bool may_defer)
{
	struct candidates c = {0};

	if (has(w->defined, x->symbol) || is_made(x->symbol))
		return 0;
	for (size_t i = 0; i < w->in->tree->len; i++)
		if (is_eligible(w, w->in->tree->v[i]))
			find_in_unit(w, w->in->tree->v[i], x->symbol, &c);
	if (may_defer) /* the first time: whoever provides it must define it in the end */
		vec_push(w->arena, &w->open, *x);
	if (c.declares && add_unit(w, c.declares, &x->why))
		return -1;
	if (c.len == 0)
		return 0;
	/* Where things start is often in a file of the platform that is not read yet. */
	if (may_defer && !is_settled(w, &c) &&
	    (c.len > 1 || x->why.kind == WHY_START || x->why.kind == WHY_ENTRY)) {
		vec_push(w->arena, &w->deferred, *x);
		return 0;
	}
	return take(w, best_candidate(w, &c), x);
}

static int add_mechanism(struct walk *w, const struct mech_level *m)
{
	struct why why = {WHY_REQUEST, NULL, NULL, m->loc};
	struct why hook = {WHY_INIT, NULL, NULL, m->loc};
	bool has_files = false;

	if (add_unit(w, m->mech, &why))
		return -1;
	for (size_t i = 0; i < m->mech->levels.len; i++) {
		const struct level *l = &m->mech->levels.v[i];

		if (l->name[0] && !str_eq(l->name, m->level))
			continue;
		has_files = has_files || l->src.len > 0;
		if (add_words(w, m->mech, &l->src, &why))
			return -1;
		for (size_t k = 0; k < l->init.len; k++)
			want(w, l->init.v[k].function, hook);
	}
	/* A level without code of its own (link-time order) has no faults to name. */
	for (size_t i = 0; has_files && i < m->mech->fault.len; i++)
		want(w, m->mech->fault.v[i].s, hook);
	return 0;
}

static struct why app_why(const struct walk *w, const char *symbol)
{
	struct why why = {WHY_APP, symbol, NULL, loc_none};
	const struct scan_use *use = scan_place(w->in->scan, symbol);

	if (use)
		why.loc = use->loc;
	return why;
}

/* Where the manifest asks for a library. */
static struct loc request_place(const struct manifest *m, const struct unit *u)
{
	for (size_t i = 0; i < m->libs.len; i++)
		if (str_eq(m->libs.v[i].s, u->name))
			return m->libs.v[i].loc;
	for (size_t i = 0; i < m->kconfig.len; i++)
		if (str_eq(m->kconfig.v[i].key.s, u->config))
			return m->kconfig.v[i].key.loc;
	return loc_none;
}

/*
 * Libraries that Kconfig switched on and nothing references. Last, so that a library which is needed
 * has its real reason. True when one was added.
 */
static bool add_kconfig_libs(struct walk *w)
{
	const struct why why = {WHY_KCONFIG, NULL, NULL, loc_none};
	bool added = false;

	for (size_t i = 0; i < w->in->tree->len; i++) {
		const struct unit *u = w->in->tree->v[i];

		if (u->kind != UNIT_LIB || is_in(w, u) ||
		    !str_eq(selection_config(w->sel, u->config), "y"))
			continue;
		if (add_unit(w, u, &why))
			return added;
		added = true;
	}
	return added;
}

static int add_roots(struct walk *w)
{
	const struct resolve_in *in = w->in;
	struct selection *sel = w->sel;
	struct why why = {WHY_PLATFORM, NULL, NULL, loc_none};

	if (read_script(w, sel->platform) || add_unit(w, sel->platform, &why))
		return -1;
	for (size_t i = 0; i < sel->mechs_len; i++)
		if (!str_eq(sel->mechs[i].level, "off") && add_mechanism(w, &sel->mechs[i]))
			return -1;
	for (size_t i = 0; i < in->tree->len; i++) {
		const struct unit *u = in->tree->v[i];

		why = (struct why){WHY_REQUEST, NULL, NULL, request_place(in->manifest, u)};
		if (u->kind == UNIT_LIB && manifest_says(w, u) > 0 && add_unit(w, u, &why))
			return -1;
	}
	for (size_t i = 0; i < in->scan->defines.len; i++)
		put(w->defined, in->scan->defines.v[i]);
	for (size_t i = 0; i < in->scan->needs.len; i++)
		want(w, in->scan->needs.v[i], app_why(w, in->scan->needs.v[i]));
	want(w, "uk_start", (struct why){WHY_START, NULL, NULL, loc_none});
	return 0;
}

/* Third-party files are read too: their index only says what to expect. */
static int read_files(struct walk *w)
{
	struct files batch = w->unread;

	w->unread = (struct files){0};
	if (w->in->needs->read(w->in->needs->arg, w->sel, batch.v, batch.len, w->d))
		return -1;
	for (size_t i = 0; i < batch.len; i++)
		enter_symbols(w, batch.v[i]);
	return 0;
}

/* The deferred symbol to decide next: by name, the start of the program after all others. */
static size_t next_deferred(const struct walk *w)
{
	size_t best = 0;

	for (size_t i = 1; i < w->deferred.len; i++) {
		const struct want *x = &w->deferred.v[i], *b = &w->deferred.v[best];

		if ((x->why.kind == WHY_START) != (b->why.kind == WHY_START)
			    ? b->why.kind == WHY_START
			    : strcmp(x->symbol, b->symbol) < 0)
			best = i;
	}
	return best;
}

static int run(struct walk *w)
{
	size_t errors = w->d->errors;

	for (size_t at = 0;;) {
		struct want x;
		size_t i;

		/* Symbols first: reading compiles, and a large batch keeps every processor busy. */
		if (at < w->todo.len) {
			x = w->todo.v[at++];
			if (satisfy(w, &x, true))
				return -1;
		} else if (w->unread.len) {
			if (read_files(w))
				return -1;
		} else if (w->deferred.len) {
			i = next_deferred(w);
			x = w->deferred.v[i];
			w->deferred.v[i] = w->deferred.v[--w->deferred.len];
			if (satisfy(w, &x, false))
				return -1;
		} else if (!add_kconfig_libs(w)) {
			return w->d->errors == errors ? 0 : -1;
		}
	}
}

static void all_symbols(const struct walk *w, struct strs *ret)
{
	for (size_t i = 0; i < w->in->tree->len; i++) {
		const struct unit *u = w->in->tree->v[i];

		if (u->kind == UNIT_LIB)
			strs_concat(w->arena, ret, &u->symbols);
		for (size_t k = 0; k < u->index_len; k++)
			strs_concat(w->arena, ret, &u->index[k].defines);
	}
}

/* Symbols that nobody defined: allowed system calls are noted, the rest are errors. */
static int check_open(struct walk *w)
{
	const struct manifest *m = w->in->manifest;
	size_t errors = w->d->errors;
	struct strs known = {0};

	w->sel->missing = (struct strs){0};
	for (size_t i = 0; i < w->open.len; i++) {
		const struct want *x = &w->open.v[i];
		bool is_allowed = false;

		if (has(w->defined, x->symbol))
			continue;
		for (size_t k = 0; k < m->allow_missing.len; k++)
			if (str_starts(x->symbol, "uk_sys_") &&
			    str_eq(x->symbol + strlen("uk_sys_"), m->allow_missing.v[k].s))
				is_allowed = true;
		if (is_allowed) {
			strs_add(w->arena, &w->sel->missing, x->symbol + strlen("uk_sys_"));
			continue;
		}
		if (!known.len)
			all_symbols(w, &known);
		(void)resolve_report_missing(w->arena, w->in, x, &known, w->d); /* in d->errors */
	}
	strs_sort(&w->sel->missing);
	return w->d->errors == errors ? 0 : -1;
}

static int compare_files(const void *x, const void *y)
{
	return strcmp((*(struct sel_file *const *)x)->label, (*(struct sel_file *const *)y)->label);
}

static void write_selection(struct walk *w)
{
	struct selection *sel = w->sel;
	const struct tree *t = w->in->tree;

	sel->units = arena_array(w->arena, t->len, sizeof(*sel->units));
	sel->units_why = arena_array(w->arena, t->len, sizeof(*sel->units_why));
	sel->units_len = 0;
	for (size_t i = 0; i < t->len; i++) {
		const struct why *why = map_get(w->unit_in, t->v[i]->config, NULL);

		if (!why)
			continue;
		sel->units[sel->units_len] = t->v[i];
		sel->units_why[sel->units_len++] = *why;
	}
	if (w->files.len)
		qsort(w->files.v, w->files.len, sizeof(*w->files.v), compare_files);
	sel->files = w->files.v;
	sel->files_len = w->files.len;
}

int resolve_walk(struct arena *a, const struct resolve_in *in, struct selection *sel,
		 struct diags *d)
{
	struct walk w = {
		.arena = a,
		.in = in,
		.sel = sel,
		.d = d,
		.wanted = map_new(a),
		.defined = map_new(a),
		.by_label = map_new(a),
		.unit_in = map_new(a),
	};

	if (!strs_has(&in->scan->defines, "main"))
		return diag_error(d, in->manifest->name.loc,
				  "the application '%s' defines no 'main'", in->manifest->name.s);
	if (add_roots(&w) || run(&w) || check_open(&w))
		return -1;
	write_selection(&w);
	return 0;
}
