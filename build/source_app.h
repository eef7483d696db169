/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Third-party sources of an application as the build needs them: prepared folders, and the files in
 * them that the manifest wants compiled.
 */
#ifndef UKB_SOURCE_APP_H
#define UKB_SOURCE_APP_H

#include "base/str.h"
#include <stddef.h>

struct arena;
struct diags;
struct manifest;
struct msource;

struct app_source {
	const struct msource *spec;
	const char *name;  /* for people: "lua5.4" */
	const char *dir;   /* absolute: the prepared folder */
	struct strs files; /* to compile, relative to dir, sorted */
};
struct app_sources {
	struct app_source *v;
	size_t len, cap;
};

/* Prepares every source of m, from the cache or the network, and finds its files. */
int app_sources(struct arena *a, const struct manifest *m, const char *cache_dir,
		struct app_sources *ret, struct diags *d);

#endif
