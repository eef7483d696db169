/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading Kconfig files and .config files as far as messages, requests and menus need it. Syntax
 * errors in Kconfig files are kconfig-conf's to find; this reader only has to survive them.
 */
#include "kconf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Nested if, choice and menu blocks. */
#define NESTING_MAX 32
#define SYMBOLS_MAX 20000

enum block_kind {
	BLOCK_IF,
	BLOCK_CHOICE,
	BLOCK_MENU,
};

struct block {
	enum block_kind kind;
	const char *condition; /* NULL = none (yet) */
	unsigned choice;
};

struct reader {
	struct arena *arena;
	struct kconf *k;
	const struct unit *unit;
	const char *path;
	unsigned line;
	struct block blocks[NESTING_MAX];
	size_t depth;
	size_t entry;        /* index + 1 of the symbol whose lines these are, 0 = none */
	bool in_help;        /* help text goes on while lines are indented deeper than ... */
	size_t help_indent;  /* 0 = not known yet: the first line of the text tells */
	size_t entry_indent; /* of the `help` line */
	struct diags *d;
};

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The first word of s; *ret_rest is what follows, without leading blanks. */
static const char *first_word(struct arena *a, const char *s, const char **ret_rest)
{
	size_t len = 0;

	while (is_word_char(s[len]) || s[len] == '-')
		len++;
	*ret_rest = s + len + strspn(s + len, " \t");
	return arena_memdup(a, s, len);
}

/* The text in double quotes at the start of s, or NULL. */
static const char *quoted(struct arena *a, const char *s)
{
	const char *end;

	if (*s != '"' || !(end = strchr(s + 1, '"')))
		return NULL;
	return arena_memdup(a, s + 1, (size_t)(end - s - 1));
}

static bool is_constant(const char *s)
{
	if (str_eq(s, "y") || str_eq(s, "n") || str_eq(s, "m") || str_eq(s, "if") ||
	    str_eq(s, "on"))
		return true;
	return isdigit((unsigned char)*s) != 0;
}

/* Records every symbol that an expression names. */
static void mention(struct reader *r, const char *line, const char *expr)
{
	const char *p = expr;

	while (*p) {
		const char *start = p, *word;

		if (*p == '#')
			return;
		if (*p == '"') {
			p = strchr(p + 1, '"');
			if (!p)
				return;
			p++;
			continue;
		}
		while (is_word_char(*p))
			p++;
		if (p == start) {
			p++;
			continue;
		}
		word = arena_memdup(r->arena, start, (size_t)(p - start));
		if (is_constant(word))
			continue;
		r->k->mentions = vec_grow(r->arena, r->k->mentions, r->k->mentions_len,
					  &r->k->mentions_cap, sizeof(*r->k->mentions));
		r->k->mentions[r->k->mentions_len++] = (struct kconf_mention){
			word, {r->path, r->line, (unsigned)(start - line) + 1}};
	}
}

const struct kconf_symbol *kconf_find(const struct kconf *k, const char *name)
{
	const size_t *index = k->by_name ? map_get(k->by_name, name, NULL) : NULL;

	return index ? &k->v[*index] : NULL;
}

static struct kconf_symbol *entry_of(struct reader *r)
{
	return r->entry ? &r->k->v[r->entry - 1] : NULL;
}

/* A symbol may be declared many times (promptless interface symbols are): the first has the place. */
static int begin_symbol(struct reader *r, const char *name, unsigned col)
{
	struct loc loc = {r->path, r->line, col};
	const struct kconf_symbol *old = kconf_find(r->k, name);
	struct kconf_symbol *s;
	size_t *index;

	if (!*name)
		return diag_error(r->d, loc, "expected a name after 'config'");
	if (old) {
		r->entry = (size_t)(old - r->k->v) + 1;
	} else {
		if (r->k->len >= SYMBOLS_MAX)
			return diag_error(r->d, loc, "more than %d options", SYMBOLS_MAX);
		vec_push(r->arena, r->k,
			 (struct kconf_symbol){.name = name, .unit = r->unit, .loc = loc});
		r->entry = r->k->len;
		index = arena_alloc(r->arena, sizeof(*index));
		*index = r->entry - 1;
		map_put(r->k->by_name, name, index);
	}
	s = entry_of(r);
	for (size_t i = 0; i < r->depth; i++) {
		if (r->blocks[i].condition)
			strs_add(r->arena, &s->depends, r->blocks[i].condition);
		if (r->blocks[i].choice)
			s->choice = r->blocks[i].choice;
	}
	return 0;
}

static int push_block(struct reader *r, enum block_kind kind, const char *condition)
{
	if (r->depth == NESTING_MAX)
		return diag_error(r->d, (struct loc){r->path, r->line, 1},
				  "blocks nested deeper than %d", NESTING_MAX);
	r->blocks[r->depth++] = (struct block){
		kind,
		condition ? arena_strdup(r->arena, condition) : NULL,
		kind == BLOCK_CHOICE ? ++r->k->choices : 0,
	};
	r->entry = 0;
	return 0;
}

static void pop_block(struct reader *r, enum block_kind kind)
{
	if (r->depth > 0 && r->blocks[r->depth - 1].kind == kind)
		r->depth--;
	r->entry = 0;
}

static void set_type(struct reader *r, const char *type, const char *rest)
{
	struct kconf_symbol *s = entry_of(r);

	if (!s)
		return;
	s->type = type;
	if (quoted(r->arena, rest))
		s->prompt = quoted(r->arena, rest);
}

/* `depends on EXPR` of an entry, or of the choice or menu that was just opened. */
static void add_depends(struct reader *r, const char *rest)
{
	struct kconf_symbol *s = entry_of(r);
	const char *expr;

	if (!str_starts(rest, "on"))
		return;
	expr = arena_strdup(r->arena, rest + 2 + strspn(rest + 2, " \t"));
	if (s)
		strs_add(r->arena, &s->depends, expr);
	else if (r->depth > 0 && !r->blocks[r->depth - 1].condition)
		r->blocks[r->depth - 1].condition = expr;
}

static int top_word(struct reader *r, const char *word, const char *rest, const char *line)
{
	const char *name, *after;

	if (str_eq(word, "config") || str_eq(word, "menuconfig")) {
		name = first_word(r->arena, rest, &after);
		return begin_symbol(r, name, (unsigned)(rest - line) + 1);
	}
	if (str_eq(word, "if"))
		return push_block(r, BLOCK_IF, rest);
	if (str_eq(word, "choice"))
		return push_block(r, BLOCK_CHOICE, NULL);
	if (str_eq(word, "menu"))
		return push_block(r, BLOCK_MENU, NULL);
	if (str_eq(word, "endif"))
		pop_block(r, BLOCK_IF);
	else if (str_eq(word, "endchoice"))
		pop_block(r, BLOCK_CHOICE);
	else if (str_eq(word, "endmenu"))
		pop_block(r, BLOCK_MENU);
	else if (str_eq(word, "source") || str_eq(word, "comment") || str_eq(word, "mainmenu"))
		r->entry = 0;
	return 0;
}

static void entry_word(struct reader *r, const char *word, const char *rest)
{
	static const char *const types[][2] = {
		{"bool", "bool"},
		{"int", "int"},
		{"hex", "hex"},
		{"string", "string"},
		{"def_bool", "bool"},
		{"tristate", "tristate"},
		{"def_tristate", "tristate"},
	};
	struct kconf_symbol *s = entry_of(r);
	const char *after;

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_eq(word, types[i][0]))
			set_type(r, types[i][1], rest);
	if (str_eq(word, "depends"))
		add_depends(r, rest);
	else if (s && str_eq(word, "prompt") && quoted(r->arena, rest))
		s->prompt = quoted(r->arena, rest);
	else if (s && str_eq(word, "range"))
		s->range = rest;
	else if (s && str_eq(word, "select"))
		strs_add(r->arena, &s->selects, first_word(r->arena, rest, &after));
}

/* True while line belongs to a help text. */
static bool is_help(struct reader *r, size_t indent, bool is_empty)
{
	if (!r->in_help)
		return false;
	if (is_empty)
		return true;
	if (r->help_indent == 0 && indent > r->entry_indent)
		r->help_indent = indent;
	if (r->help_indent && indent >= r->help_indent)
		return true;
	r->in_help = false;
	return false;
}

/* Columns before the text: kconfig counts tabs to the next multiple of 8. */
static size_t indent_of(const char *line, size_t *ret_bytes)
{
	size_t columns = 0, i = 0;

	for (; line[i] == ' ' || line[i] == '\t'; i++)
		columns = line[i] == '\t' ? (columns & ~(size_t)7) + 8 : columns + 1;
	*ret_bytes = i;
	return columns;
}

static int read_line(struct reader *r, const char *line)
{
	static const char *const with_expr[] = {"depends", "select", "if",     "default",
						"range",   "imply",  "visible"};
	size_t bytes, indent = indent_of(line, &bytes);
	const char *text = line + bytes, *word, *rest, *condition;

	if (is_help(r, indent, *text == '\0') || *text == '\0' || *text == '#')
		return 0;
	word = first_word(r->arena, text, &rest);
	if (str_eq(word, "help") || str_eq(word, "---help---")) {
		r->in_help = true;
		r->help_indent = 0;
		r->entry_indent = indent;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(with_expr); i++)
		if (str_eq(word, with_expr[i]))
			mention(r, line, rest);
	condition = strstr(rest, " if ");
	if (condition && (str_eq(word, "bool") || str_eq(word, "def_bool") || str_eq(word, "int")))
		mention(r, line, condition + 4);
	if (top_word(r, word, rest, line))
		return -1;
	entry_word(r, word, rest);
	if (entry_of(r))
		entry_of(r)->last_line = r->line;
	return 0;
}

int kconf_parse(struct arena *a, struct kconf *k, const struct unit *u, const char *path,
		const char *text, size_t len, struct diags *d)
{
	struct reader r = {.arena = a, .k = k, .unit = u, .path = path, .d = d};

	if (!k->by_name)
		k->by_name = map_new(a);
	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;

		r.line++;
		if (read_line(&r, arena_memdup(a, text + at, end - at)))
			return -1;
		at = end + 1;
	}
	return 0;
}

/* A .config value as plain text: quotes taken off, backslashes too. */
static const char *config_text(struct arena *a, const char *s)
{
	struct sb b;

	if (*s != '"')
		return s;
	sb_init(&b, a);
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		sb_putn(&b, s, 1);
	}
	return sb_str(&b);
}

static int compare_values(const void *a, const void *b)
{
	const struct kconf_value *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int kconf_parse_config(struct arena *a, const char *path, const char *text, size_t len,
		       struct kconf_values *ret, struct diags *d)
{
	struct kconf_values values = {0};
	unsigned line = 0;

	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;
		const char *s = arena_memdup(a, text + at, end - at), *eq;

		line++;
		at = end + 1;
		if (*s == '#' || *s == '\0')
			continue; /* "is not set" is what absent means */
		eq = strchr(s, '=');
		if (!str_starts(s, "CONFIG_") || !eq || eq == s + 7)
			return diag_error(d, (struct loc){path, line, 1},
					  "expected 'CONFIG_NAME=value'");
		vec_push(a, &values,
			 (struct kconf_value){arena_memdup(a, s + 7, (size_t)(eq - s) - 7),
					      config_text(a, eq + 1)});
	}
	if (values.len)
		qsort(values.v, values.len, sizeof(*values.v), compare_values);
	*ret = values;
	return 0;
}

const char *kconf_value(const struct kconf_values *v, const char *name)
{
	struct kconf_value key = {name, NULL};
	const struct kconf_value *hit =
		v->len ? bsearch(&key, v->v, v->len, sizeof(*v->v), compare_values) : NULL;

	return hit ? hit->val : "n";
}
