/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON through jansson, which no other file includes. Objects keep insertion order. */
#ifndef UKB_JSON_H
#define UKB_JSON_H

#include <jansson.h>
#include <stdio.h>

struct arena;
struct diags;
struct strs;

/* Sorted nothing, two-space indent, final newline: the form of every --json answer. */
void json_print(const json_t *j, FILE *to);
char *json_text(struct arena *a, const json_t *j);
/* Parses text; an error carries path:line:col. The caller owns the result (json_decref). */
json_t *json_parse(const char *path, const char *text, size_t len, struct diags *d);
/*
 * Reads and parses a file of at most max_bytes. NULL with the reason in d: it is not there, too large, or no
 * JSON. The caller owns the result.
 */
json_t *json_read(struct arena *a, const char *path, size_t max_bytes, struct diags *d);
json_t *json_strs(const struct strs *l);

#endif
