/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tools a build uses: where they are, their versions, what the compiler can do. Found once
 * (UKBUILD_CC, UKBUILD_LD, ... override; else clang-19, then clang-22, ...), cached under out/.
 */
#ifndef UKB_TOOL_H
#define UKB_TOOL_H

#include "base/str.h"
#include <stdbool.h>

struct arena;
struct diags;

struct tools {
	const char *cc, *ld, *nm, *symbolizer; /* absolute paths */
	const char *cc_version;                /* first line of --version */
	unsigned cc_major;                     /* 19 */
	const char *cc_include;                /* the compiler's own headers (stdarg.h ...) */
	const char
		*identity; /* hash of paths, sizes, mtimes, versions: part of each command hash */
	const char *system_include; /* UKBUILD_SYSTEM_INCLUDE, else /usr/include */
	struct strs features;       /* probed CC_HAS_* symbols without prefix, e.g. "KCFI" */
};

/* One tool for `ukbuild doctor`. */
struct tool_status {
	const char *name, *path, *version, *package, *purpose;
	bool is_required, is_ok;
	const char *problem; /* NULL when ok */
};

/* cache_dir: where the probe results are kept (out/cache). */
int tools_find(struct arena *a, const char *cache_dir, struct tools *ret, struct diags *d);

#endif
