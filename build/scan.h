/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scanning the application: what its objects really reference (the truth), and where in the source
 * (libclang, in the helper program ukbuild-scan, whose answers are cached by file size and time).
 */
#ifndef UKB_SCAN_H
#define UKB_SCAN_H

#include "base/str.h"
#include <stddef.h>

struct arena;
struct diags;
struct scan;
struct tools;

/*
 * Fills ret->needs and ret->defines from the application's objects. What no section reachable from
 * `main` (or from a section that linkers keep) references is not needed. LLVM bitcode counts whole.
 */
int scan_objects(struct arena *a, const struct tools *tools, const struct strs *objects,
		 struct scan *ret, struct diags *d);

/* All global symbols an object defines and all strong undefined ones it references, sorted. */
struct object_symbols {
	const char *path;
	struct strs defines, needs;
};
/* Fills defines and needs of each. */
int scan_symbols(struct arena *a, const struct tools *tools, struct object_symbols *objects,
		 size_t len, struct diags *d);

/*
 * The C library's functions that the mathematical intrinsics of an object in bitcode may become when the
 * linker generates code, added to ret.
 */
void scan_math_calls(struct arena *a, const char *bytes, size_t len, struct strs *ret);

/*
 * Adds to ret->uses where the assembly source at path, which is called shown, names one of ret->needs.
 */
int scan_assembly(struct arena *a, const char *path, const char *shown, struct scan *ret,
		  struct diags *d);
/* The same of a text. */
void scan_assembly_text(struct arena *a, const char *text, const char *shown, struct scan *ret);

/* One source file and the words of its compile command (without compiler, -o, -M*, and source). */
struct scan_source {
	const char *path;
	struct strs flags;
};

/*
 * Fills ret->uses, ->main_proto and ->main_loc; ret->needs must be there. self: this ukbuild; ukbuild-scan lies beside it (or in
 * PATH). cache_dir: where its answers are kept. Runs nothing when no file has changed.
 */
int scan_sources(struct arena *a, const char *self, const char *cache_dir,
		 const struct scan_source *sources, size_t len, struct scan *ret, struct diags *d);
/* The place where the application uses symbol, directly or through a call that compilers rewrite. */
const struct scan_use *scan_place(const struct scan *s, const char *symbol);

#endif
