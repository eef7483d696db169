/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Third-party sources, of the tree's units and of applications alike, never copied into either:
 * fetch, verify, unpack, patch, prepare. A prepared source is a folder of the cache whose name holds
 * the hash of all that went into it, so it is made once and never changes; the archive stays beside
 * it, and with it everything works offline.
 */
#ifndef UKB_SOURCE_H
#define UKB_SOURCE_H

#include "fetch.h"
#include <stdbool.h>

struct arena;
struct diags;
struct manifest;
struct msource;
struct unit;

/* A file that is fetched, pinned by its hash. */
struct pinned_file {
	const char *name;   /* as upstream or the distribution calls it; NULL = there is none */
	const char *sha256; /* 64 hex digits */
	struct loc loc;     /* where it was asked for */
};

struct source_patch {
	const char *path; /* absolute */
	struct loc loc;
};

/* All that a prepared source depends on. */
struct source {
	struct loc loc;
	enum fetch_kind kind;
	const char *from;    /* package, URL, npm package, or absolute path of the archive */
	const char *name;    /* for people and in the prepared folder's name */
	const char *version; /* or NULL */
	struct pinned_file archive;
	struct pinned_file series; /* the distribution's patches, applied before ours */
	const char *unpacked;      /* top folder of the archive; NULL = the only one */
	struct {
		struct source_patch *v;
		size_t len, cap;
	} patches;
	const char *script; /* run in the unpacked folder at last, or NULL */
};

/* What the tree says of a unit (u->source is not NULL), and what a manifest says of one of its. */
struct source source_of_unit(struct arena *a, const struct unit *u);
struct source source_of_manifest(struct arena *a, const struct manifest *m,
				 const struct msource *s);

/*
 * The prepared source in ret_dir: cache_dir/NAME-VERSION-HASH. Returns at once when it is there.
 * Else the files come from cache_dir, or from the network when they are not there; their SHA-256 must
 * be the pinned ones (DIAG_CHECK), patches must apply without fuzz (DIAG_INPUT at the patch), and
 * the script, if there is one, must succeed in the unpacked folder (DIAG_TOOL).
 */
int source_prepare(struct arena *a, const struct source *s, const char *cache_dir,
		   const char **ret_dir, struct diags *d);
/* Fetches a file of s afresh, whatever the cache has, and checks its hash; keeps nothing. */
int source_check(struct arena *a, const struct source *s, const struct pinned_file *file,
		 const char *cache_dir, struct diags *d);

#endif
