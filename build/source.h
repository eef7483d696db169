/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Third-party sources, taken as the distribution's source packages and never copied into the tree:
 * fetch, verify, unpack, patch, prepare. A prepared source is a folder of the cache whose name
 * holds the hash of all that went into it, so it is made once and never changes; the archive stays
 * beside it, and with it everything works offline.
 */
#ifndef UKB_SOURCE_H
#define UKB_SOURCE_H

struct arena;
struct diags;
struct unit;

/*
 * The prepared source of u (u->source is not NULL) in ret_dir: cache_dir/PACKAGE-VERSION-HASH.
 * Returns at once when it is there. Else the archive comes from cache_dir, or from the network when
 * it is not there; its SHA-256 must be the unit's (DIAG_CHECK), our patches must apply without
 * fuzz, and the unit's prepare.sh, if it has one, must succeed in the unpacked folder.
 */
int source_prepare(struct arena *a, const struct unit *u, const char *cache_dir,
		   const char **ret_dir, struct diags *d);

#endif
