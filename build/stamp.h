/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stamps: what an image was made from, by path, size and time. A build whose stamp holds runs no
 * tool. Text: a few `key value` lines, then `@size mtime path` lines.
 */
#ifndef UKB_STAMP_H
#define UKB_STAMP_H

#include "base/str.h"
#include <stdbool.h>

struct arena;
struct diags;

/* Key-value facts (borrowed strings) and the files that must not have changed. */
struct stamp {
	struct strs keys, vals;
	struct strs files; /* absolute; missing files are recorded as missing */
};

const char *stamp_get(const struct stamp *s, const char *key);
int stamp_write(struct arena *a, const char *path, struct stamp *s, struct diags *d);
/* True when the stamp exists and every file is as it was; then ret has the facts. */
bool stamp_is_current(struct arena *a, const char *path, struct stamp *ret);
/* Adds the prerequisites named in a make depfile; a missing depfile adds nothing. */
void stamp_add_depfile(struct arena *a, struct stamp *s, const char *depfile);

#endif
