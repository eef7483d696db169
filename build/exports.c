/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The symbols that a public header declares: functions and extern variables, by a tokenizer that
 * knows enough C for the headers of this project (macros that make declarations are not expanded).
 * A compiler would take 20 ms a header; the whole tree has 5 ms.
 */
#include "tree.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

enum token_kind {
	TOKEN_END,
	TOKEN_IDENT,
	TOKEN_CHAR, /* one character of punctuation, or any literal */
};

struct token {
	enum token_kind kind;
	const char *s;
	size_t len;
};

struct lexer {
	const char *p, *end;
	bool at_line_start;
};

static const char *skip_line(const char *p, const char *end)
{
	while (p < end && *p != '\n') {
		if (*p == '\\' && end - p > 1)
			p++;
		p++;
	}
	return p;
}

static const char *skip_comment(const char *p, const char *end)
{
	for (p += 2; end - p >= 2; p++)
		if (p[0] == '*' && p[1] == '/')
			return p + 2;
	return end;
}

static const char *skip_literal(const char *p, const char *end)
{
	char quote = *p++;

	while (p < end && *p != quote && *p != '\n') {
		if (*p == '\\' && end - p > 1)
			p++;
		p++;
	}
	return p < end ? p + 1 : end;
}

static bool is_ident_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static struct token next_token(struct lexer *l)
{
	while (l->p < l->end) {
		const char *s = l->p;

		if (*s == '\n') {
			l->at_line_start = true;
			l->p++;
		} else if (isspace((unsigned char)*s)) {
			l->p++;
		} else if (l->end - s >= 2 && s[0] == '/' && s[1] == '*') {
			l->p = skip_comment(s, l->end);
		} else if ((l->end - s >= 2 && s[0] == '/' && s[1] == '/') ||
			   (*s == '#' && l->at_line_start)) {
			l->p = skip_line(s, l->end);
		} else {
			l->at_line_start = false;
			if (is_ident_char(*s)) {
				while (l->p < l->end && is_ident_char(*l->p))
					l->p++;
				return (struct token){TOKEN_IDENT, s, (size_t)(l->p - s)};
			}
			l->p = *s == '"' || *s == '\'' ? skip_literal(s, l->end) : s + 1;
			return (struct token){TOKEN_CHAR, s, 1};
		}
	}
	return (struct token){TOKEN_END, l->end, 0};
}

static bool is_word(const struct token *t, const char *word)
{
	return t->kind == TOKEN_IDENT && t->len == strlen(word) && !memcmp(t->s, word, t->len);
}

static bool is_char(const struct token *t, char c)
{
	return t->kind == TOKEN_CHAR && *t->s == c;
}

/* Skips to behind the bracket that closes the one just read. */
static void skip_brackets(struct lexer *l, char open, char close)
{
	size_t depth = 1;

	while (depth > 0) {
		struct token t = next_token(l);

		if (t.kind == TOKEN_END)
			return;
		if (is_char(&t, open))
			depth++;
		else if (is_char(&t, close))
			depth--;
	}
}

/* What one declaration at file scope has shown so far. */
struct decl {
	struct token last, name;
	bool is_static, is_typedef, is_extern, is_tag;
	bool has_name, is_function, is_init;
};

static bool takes_argument(const struct token *t)
{
	static const char *const words[] = {
		"__attribute__",  "__attribute",   "__asm__",    "_Alignas", "alignas",
		"_Static_assert", "static_assert", "__typeof__", "typeof",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (is_word(t, words[i]))
			return true;
	return false;
}

static void see_ident(struct decl *d, const struct token *t)
{
	if (is_word(t, "static"))
		d->is_static = true;
	else if (is_word(t, "typedef"))
		d->is_typedef = true;
	else if (is_word(t, "extern"))
		d->is_extern = true;
	else if (is_word(t, "struct") || is_word(t, "union") || is_word(t, "enum"))
		d->is_tag = true;
	if (!d->has_name && !d->is_init)
		d->last = *t;
}

/* After '(': a parameter list if a name stands before it, or a declarator such as (*hook). */
static void see_paren(struct lexer *l, struct decl *d, const struct token *before)
{
	struct lexer peek = *l;
	struct token t;

	if (before->kind == TOKEN_IDENT && !takes_argument(before) && !d->has_name && !d->is_init) {
		t = next_token(&peek);
		if (is_char(&t, '*')) {
			t = next_token(&peek);
			d->name = t;
			d->has_name = t.kind == TOKEN_IDENT;
		} else {
			d->name = *before;
			d->has_name = d->is_function = true;
		}
	}
	skip_brackets(l, '(', ')');
}

static void finish(struct arena *a, const struct decl *d, struct strs *ret)
{
	struct token name = d->has_name ? d->name : d->last;

	if (d->is_static || d->is_typedef || name.kind != TOKEN_IDENT)
		return;
	if (d->is_function || d->is_extern)
		strs_push(a, ret, arena_memdup(a, name.s, name.len));
}

void tree_header_symbols(struct arena *a, const char *text, size_t len, struct strs *ret)
{
	struct lexer l = {text, text + len, true};
	struct decl d = {0};
	struct token before = {0};

	for (;;) {
		struct token t = next_token(&l);

		if (t.kind == TOKEN_END)
			return;
		if (t.kind == TOKEN_IDENT) {
			if (!takes_argument(&t))
				see_ident(&d, &t);
		} else if (is_char(&t, '(')) {
			see_paren(&l, &d, &before);
		} else if (is_char(&t, '[')) {
			if (!d.has_name && d.last.kind == TOKEN_IDENT && !d.is_init) {
				d.name = d.last;
				d.has_name = true;
			}
			skip_brackets(&l, '[', ']');
		} else if (is_char(&t, '{')) {
			skip_brackets(&l, '{', '}');
			if (d.is_function && !d.is_init) { /* a body: nothing to link to */
				d = (struct decl){0};
			}
		} else if (is_char(&t, '=')) {
			d.is_init = true;
		} else if (is_char(&t, ',')) {
			finish(a, &d, ret);
			d.has_name = d.is_function = d.is_init = false;
			d.last.kind = TOKEN_END;
		} else if (is_char(&t, ';')) {
			finish(a, &d, ret);
			d = (struct decl){0};
		}
		before = t;
	}
}
