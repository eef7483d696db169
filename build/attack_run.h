/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attacking an image: for each profile a twin of the manifest's image (the same objects, options and seed, and
 * the attacks beside the program), started anew for each attack of the list.
 */
#ifndef UKB_ATTACK_RUN_H
#define UKB_ATTACK_RUN_H

#include "attack.h"
#include "attack_list.h"
#include "base/str.h"
#include "build.h"
#include <stdbool.h>

struct arena;
struct ctx;
struct manifest;
struct tree;

struct attack_opts {
	struct strs
		profiles; /* variants' names, "none+aslr=link", or "all"; empty = the four profiles */
	struct strs only; /* attacks whose names contain one of these; empty = all */
	bool is_all;      /* the whole matrix where a start takes long, too */
};

/* A twin, and what decides which attacks it has to stop. */
struct attack_twin {
	struct built built;
	const struct image *image; /* with symbols */
	struct strs levels;        /* "canary=strong" of every mechanism that is on */
};
/* What it is built from. */
struct attack_twin_in {
	const struct manifest *manifest;
	const char *platform;
	const char *spec; /* put on the manifest without hardening keys; NULL = as it is written */
	const char *seed; /* instead of the manifest's, or NULL */
	const struct attack_defs *defs;
	const struct strs *files; /* the attacks' C files */
	bool is_verified;         /* its verifiers must be content, as with any image */
};
int attack_twin_build(struct ctx *c, const struct attack_twin_in *in, struct attack_twin *ret);
/* A list of the sidecar's record: its "units", or its "levels" as "canary=strong". */
int attack_record_list(struct ctx *c, const struct image *img, const char *key, struct strs *ret);
/* The level of a mechanism in it, or NULL where it is off. */
const char *attack_twin_level(struct arena *a, const struct attack_twin *t, const char *mechanism);

/*
 * Runs everything on the manifest's platforms. A profile that cannot be built is kept with its problem; -1
 * when none can.
 */
int attack_run(struct ctx *c, const struct manifest *m, const struct attack_opts *o,
	       struct attack_table *ret);

/* Why "all" has no profile of a mechanism on a platform, or NULL: asked for by its name it is an error. */
const char *attack_why_left_out(struct arena *a, const struct tree *t, const char *platform,
				const char *profile);

/* Attacks against profiles as a table, then what broke a promise and what still works, by adversary. */
void attack_print(const struct attack_table *t, FILE *to);
/* An error of kind DIAG_CHECK for each attack that a profile is said to stop and did not. */
int attack_check(struct arena *a, const struct attack_table *t, struct diags *d);

#endif
