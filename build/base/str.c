/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings, lists of strings, text buffers, did-you-mean. See str.h. The map is in map.c. */
#include "str.h"

#include "arena.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(s + len - suffix_len, suffix) == 0;
}

void strs_push(struct arena *a, struct strs *l, const char *s)
{
	vec_push(a, l, s);
}

void strs_pushf(struct arena *a, struct strs *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strs_push(a, l, arena_vprintf(a, fmt, ap));
	va_end(ap);
}

void strs_concat(struct arena *a, struct strs *l, const struct strs *more)
{
	for (size_t i = 0; i < more->len; i++)
		strs_push(a, l, more->v[i]);
}

bool strs_has(const struct strs *l, const char *s)
{
	for (size_t i = 0; i < l->len; i++) {
		if (str_eq(l->v[i], s))
			return true;
	}
	return false;
}

bool strs_add(struct arena *a, struct strs *l, const char *s)
{
	if (strs_has(l, s))
		return false;
	strs_push(a, l, s);
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void strs_sort(struct strs *l)
{
	if (l->len > 1)
		qsort(l->v, l->len, sizeof(*l->v), compare);
}

void strs_sort_uniq(struct strs *l)
{
	size_t kept = 0;

	strs_sort(l);
	for (size_t i = 0; i < l->len; i++) {
		if (kept == 0 || !str_eq(l->v[kept - 1], l->v[i]))
			l->v[kept++] = l->v[i];
	}
	l->len = kept;
}

char *strs_join(struct arena *a, const struct strs *l, const char *sep)
{
	struct sb b;

	sb_init(&b, a);
	for (size_t i = 0; i < l->len; i++) {
		if (i)
			sb_put(&b, sep);
		sb_put(&b, l->v[i]);
	}
	return arena_strdup(a, sb_str(&b));
}

void strs_split(struct arena *a, struct strs *l, const char *text)
{
	static const char blanks[] = " \t\r\n";

	for (;;) {
		size_t len;

		text += strspn(text, blanks);
		len = strcspn(text, blanks);
		if (!len)
			return;
		strs_push(a, l, arena_memdup(a, text, len));
		text += len;
	}
}

/* Longest word that gets suggestions; longer ones are no typing mistakes. */
enum {
	SUGGEST_MAX_LEN = 48
};

/* Edit distance where swapping two neighbours counts one (optimal string alignment). */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][SUGGEST_MAX_LEN + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		const size_t *before = rows[(i + 1) % 3], *above = rows[(i - 1) % 3];
		size_t *row = rows[i % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[a_len % 3][b_len];
}

void strs_split_at(struct arena *a, struct strs *l, const char *text, char sep)
{
	while (*text) {
		const char *end = strchr(text, sep);
		size_t len = end ? (size_t)(end - text) : strlen(text);

		if (len)
			strs_push(a, l, arena_memdup(a, text, len));
		text += len + (end != NULL);
	}
}

const char *str_suggest(const char *word, const char *const *list, size_t len)
{
	size_t word_len = strlen(word);
	size_t limit = (word_len + 1) / 3;
	const char *best = NULL;

	if (word_len > SUGGEST_MAX_LEN)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		size_t distance;

		if (strlen(list[i]) > SUGGEST_MAX_LEN)
			continue;
		distance = edit_distance(word, list[i]);
		if (distance <= limit && (!best || distance < edit_distance(word, best)))
			best = list[i];
	}
	return best;
}

size_t str_utf8_len(const char *text, size_t left)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf; /* range of the second byte */
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (len > left || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

void sb_init(struct sb *b, struct arena *a)
{
	*b = (struct sb){.arena = a};
}

void sb_putn(struct sb *b, const char *s, size_t len)
{
	if (b->cap - b->len <= len) {
		size_t cap = b->cap ? b->cap : 64;
		char *grown;

		while (cap - b->len <= len)
			cap *= 2;
		grown = arena_alloc(b->arena, cap);
		if (b->len)
			memcpy(grown, b->v, b->len);
		b->v = grown;
		b->cap = cap;
	}
	if (len)
		memcpy(b->v + b->len, s, len);
	b->len += len;
	b->v[b->len] = '\0';
}

void sb_put(struct sb *b, const char *s)
{
	sb_putn(b, s, strlen(s));
}

void sb_putf(struct sb *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sb_put(b, arena_vprintf(b->arena, fmt, ap));
	va_end(ap);
}

const char *sb_str(struct sb *b)
{
	return b->v ? b->v : "";
}

const char *strs_to_response(struct arena *a, const struct strs *l)
{
	struct sb b;

	sb_init(&b, a);
	for (size_t i = 0; i < l->len; i++) {
		sb_put(&b, "\"");
		for (const char *p = l->v[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				sb_put(&b, "\\");
			sb_putn(&b, p, 1);
		}
		sb_put(&b, "\"\n");
	}
	return sb_str(&b);
}

void strs_from_response(struct arena *a, struct strs *l, const char *text)
{
	while ((text = strchr(text, '"')) != NULL) {
		struct sb b;

		sb_init(&b, a);
		for (text++; *text && *text != '"'; text++) {
			text += *text == '\\' && text[1];
			sb_putn(&b, text, 1);
		}
		text += *text == '"';
		strs_push(a, l, sb_str(&b));
	}
}

const char *str_shell_quote(struct arena *a, const char *s)
{
	/* Characters that no POSIX shell treats specially in any word position. */
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "@%+=:,./_-";
	struct sb b;

	if (*s && s[strspn(s, plain)] == '\0')
		return s;
	sb_init(&b, a);
	sb_put(&b, "'");
	for (; *s; s++) {
		if (*s == '\'')
			sb_put(&b, "'\\''");
		else
			sb_putn(&b, s, 1);
	}
	sb_put(&b, "'");
	return sb_str(&b);
}
