/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings: predicates, lists of strings, growing text buffers, did-you-mean. */
#ifndef UKB_STR_H
#define UKB_STR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A list of borrowed or arena-owned strings. */
struct strs {
	const char **v;
	size_t len, cap;
};

bool str_eq(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

void strs_push(struct arena *a, struct strs *l, const char *s);
void strs_pushf(struct arena *a, struct strs *l, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void strs_concat(struct arena *a, struct strs *l, const struct strs *more);
bool strs_has(const struct strs *l, const char *s);
/* Adds s unless it is there; true when it was added. Linear: for short lists. */
bool strs_add(struct arena *a, struct strs *l, const char *s);
void strs_sort(struct strs *l);
/* Sorts and drops equal neighbours. */
void strs_sort_uniq(struct strs *l);
/* All strings with sep between them. */
char *strs_join(struct arena *a, const struct strs *l, const char *sep);
/* Splits at runs of blanks and newlines. */
void strs_split(struct arena *a, struct strs *l, const char *text);

/* The same at one character: "a,b" at ','. */
void strs_split_at(struct arena *a, struct strs *l, const char *text, char sep);

/* The entry of list nearest to word (edit distance at most 1/3 of its length), or NULL. */
const char *str_suggest(const char *word, const char *const *list, size_t len);

/* Length of the UTF-8 character at text (RFC 3629, section 4), 0 when it is not one. left > 0. */
size_t str_utf8_len(const char *text, size_t left);

/* A growing text buffer: { NULL } is empty; sb_str() is always zero-terminated. */
struct sb {
	char *v;
	size_t len, cap;
	struct arena *arena;
};
void sb_init(struct sb *b, struct arena *a);
void sb_put(struct sb *b, const char *s);
void sb_putn(struct sb *b, const char *s, size_t len);
void sb_putf(struct sb *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *sb_str(struct sb *b);

/* s quoted for a POSIX shell if it needs quoting. */
const char *str_shell_quote(struct arena *a, const char *s);

/*
 * A list as a response file of compilers and linkers: one word a line, quoted as GNU tools read it
 * ("@file" in the manual of GNU ld). strs_from_response() reads what strs_to_response() wrote.
 */
const char *strs_to_response(struct arena *a, const struct strs *l);
void strs_from_response(struct arena *a, struct strs *l, const char *text);

/* A set/map from string to pointer (hash table); keys are borrowed. */
struct map;
struct map *map_new(struct arena *a);
void map_put(struct map *m, const char *key, void *val);
/* NULL when absent; *ret_found (may be NULL) tells absent from a NULL value. */
void *map_get(const struct map *m, const char *key, bool *ret_found);

#endif
