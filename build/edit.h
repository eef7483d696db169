/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing keys in the text of a manifest: edits the places that the parser recorded and leaves every
 * other byte alone, so comments and layout survive.
 */
#ifndef UKB_EDIT_H
#define UKB_EDIT_H

#include "manifest.h"
#include <stdbool.h>

struct arena;

/* A key to set (val) or to take out (val NULL). */
struct edit_key {
	const char *key, *val;
};
struct edit_keys {
	struct edit_key *v;
	size_t len, cap;
};

/* A map at the top level of the manifest: `kconfig`, `hardening`. */
struct edit_map {
	const char *name;
	const struct mpairs *pairs; /* its keys, with places in text */
	const struct mstr
		*scalar;        /* `hardening: max`: the word there, or a key of the map; or NULL */
	const char *scalar_key; /* what that word is called in the map form: "profile" */
	bool has_others;        /* the map has keys that are not in pairs */
};

/*
 * The new text. Keys that are there get their new value where they stand; new ones come after the
 * last; a map that loses its last key goes, one that was not there is added at the end.
 */
const char *edit_manifest(struct arena *a, const char *text, const struct edit_map *map,
			  const struct edit_keys *keys);

/* Whether the map is written as one word, `hardening: max`, which is s. */
bool edit_is_scalar(const char *text, const char *map, const struct mstr *s);
/* The text with another word in the place of s. */
const char *edit_scalar(struct arena *a, const char *text, const struct mstr *s, const char *word);

#endif
