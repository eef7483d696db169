/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small YAML document as a tree of nodes, each with its place. Only what manifests need: one
 * document of scalars, lists and maps; no anchors, aliases or tags; bounded size and depth.
 */
#ifndef UKB_MANIFEST_NODE_H
#define UKB_MANIFEST_NODE_H

#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

struct node {
	enum node_kind kind;
	struct loc loc;
	const char *s;   /* scalars: the text, without NUL bytes */
	bool is_plain;   /* scalars: written without quotes */
	struct node **v; /* lists: items; maps: key, value, key, value ... */
	size_t len, cap; /* of v */
};

/* The top node of text, or NULL with a diagnostic. */
const struct node *yaml_parse(struct arena *a, const char *path, const char *text, size_t len,
			      struct diags *d);
/* No value at all: empty, "~" or "null" without quotes (YAML 1.2, 10.3.2). */
bool node_is_null(const struct node *n);
/* "a string", "a list", "a map": for messages. */
const char *node_kind_name(const struct node *n);

struct manifest;

/* Reads the keys of a manifest's top map into m. Errors are in d; -1 when there is any. */
int manifest_read_keys(struct arena *a, struct manifest *m, const struct node *top,
		       struct diags *d);

/*
 * The keys that the map "" (the manifest), "source", "budget" or "test" may have: fills at most max names and
 * returns how many there are. For the test that compares them with the JSON Schema.
 */
size_t manifest_key_names(const char *map, const char **ret_names, size_t max);

#endif
