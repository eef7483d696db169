/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which variants are measured: the profiles, and each mechanism of the tree alone over none, with
 * what it depends on. Read from the tree, so that a new mechanism is measured without a change here.
 */
#ifndef UKB_VARIANTS_H
#define UKB_VARIANTS_H

#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct diags;
struct manifest;
struct tree;
struct unit;

struct variant {
	const char *name;
	const char
		*spec; /* as --harden takes it, on a manifest without own keys; NULL = as written */
	const char *stops; /* one line */
};
struct variants {
	struct variant *v;
	size_t len, cap;
};

/*
 * only: names; empty = all. A name that is no variant is an error. A mechanism alone at a level that is not the one
 * users get has the name "canary=all" and is there when it is named.
 */
int variants_of(struct arena *a, const struct tree *t, const struct manifest *m,
		const struct strs *only, struct variants *ret, struct diags *d);
/* What users get of a mechanism by default, or the strongest level there is. */
const char *variants_level(const struct tree *t, const struct unit *mech);
/* The names of the variants of a mechanism at its other levels. */
void variants_other_levels(struct arena *a, const struct tree *t, const struct unit *mech,
			   struct strs *ret);
/* The mechanisms without which mech cannot be on. */
int variants_needs(struct arena *a, const struct tree *t, const struct unit *mech, struct strs *ret,
		   struct diags *d);
/*
 * From the text of a mechanism's Kconfig file: its first prompt, and the mechanisms it depends on
 * (lower case).
 */
void variants_read_kconfig(struct arena *a, const char *text, const char **ret_prompt,
			   struct strs *ret_depends);

#endif
