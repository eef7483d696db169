/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places in assembly sources, which libclang does not read: where a name stands that the objects need.
 * The text is not preprocessed: a name that a macro puts together has no place.
 */
#include "scan.h"

#include "base/arena.h"
#include "base/file.h"
#include "resolve.h"

#include <ctype.h>
#include <string.h>

#define SOURCE_MAX_BYTES (16u << 20)

/* Reads along: line and col of at, both from 1. */
struct reader {
	const char *at, *line_start;
	unsigned line;
};

/* Directives that say something of a name without a reference to it (GNU as manual, "Pseudo Ops"). */
static const char *const declarations[] = {".extern",   ".global", ".globl",     ".hidden",
					   ".internal", ".local",  ".protected", ".size",
					   ".type",     ".weak"};

/* GNU as manual, "Symbol Names"; "strlen@PLT" ends at its '@'. */
static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static void advance(struct reader *r, size_t len)
{
	for (; len; len--, r->at++)
		if (*r->at == '\n') {
			r->line++;
			r->line_start = r->at + 1;
		}
}

/* Bytes of the comment, line for the preprocessor or string that begins here; 0 when none does. */
static size_t skipped(const struct reader *r)
{
	const char *end;

	if (str_starts(r->at, "/*")) {
		end = strstr(r->at + 2, "*/");
		return end ? (size_t)(end + 2 - r->at) : strlen(r->at);
	}
	/* '#' begins a comment of x86 (GNU as manual, "i386-Chars") or a line for the preprocessor. */
	if (*r->at == '#' || str_starts(r->at, "//"))
		return strcspn(r->at, "\n");
	if (*r->at != '"')
		return 0;
	for (end = r->at + 1; *end && *end != '"' && *end != '\n'; end++)
		end += end[0] == '\\' && end[1];
	return (size_t)(end - r->at) + (*end == '"');
}

static bool is_declaration(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(declarations); i++)
		if (strlen(declarations[i]) == len && !memcmp(declarations[i], word, len))
			return true;
	return false;
}

/* The rest of a declaration: to the end of the statement, or a comment, which may go on in other lines. */
static size_t declaration_bytes(const char *at)
{
	size_t len = strcspn(at, ";\n#/");

	while (at[len] == '/' && at[len + 1] != '*' && at[len + 1] != '/')
		len += 1 + strcspn(at + len + 1, ";\n#/");
	return len;
}

static void add_use(struct arena *a, const char *symbol, struct loc loc, struct scan *ret)
{
	ret->uses = vec_grow(a, ret->uses, ret->uses_len, &ret->uses_cap, sizeof(*ret->uses));
	ret->uses[ret->uses_len++] = (struct scan_use){.symbol = symbol, .loc = loc};
}

static void take_word(struct arena *a, const struct reader *r, size_t len, const char *path,
		      struct scan *ret)
{
	for (size_t i = 0; i < ret->needs.len; i++) {
		const char *symbol = ret->needs.v[i];

		if (strlen(symbol) == len && !memcmp(symbol, r->at, len))
			add_use(a, symbol,
				(struct loc){path, r->line, (unsigned)(r->at - r->line_start) + 1},
				ret);
	}
}

void scan_assembly_text(struct arena *a, const char *text, const char *shown, struct scan *ret)
{
	struct reader r = {.at = text, .line_start = text, .line = 1};

	while (*r.at) {
		size_t len = skipped(&r);

		if (!len && is_word(*r.at)) {
			while (is_word(r.at[len]))
				len++;
			if (is_declaration(r.at, len))
				len = declaration_bytes(r.at);
			else
				take_word(a, &r, len, shown, ret);
		}
		advance(&r, len ? len : 1);
	}
}

int scan_assembly(struct arena *a, const char *path, const char *shown, struct scan *ret,
		  struct diags *d)
{
	char *text;
	size_t len;

	if (file_read(a, path, SOURCE_MAX_BYTES, &text, &len, d))
		return -1;
	scan_assembly_text(a, text, shown, ret);
	return 0;
}
