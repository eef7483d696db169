/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What attacks on an image came to: a table of attack x profile, kept as OUT/NAME/attack.json. How each
 * row is obtained is in docs/attacking.md; which attack belongs to which adversary, and what has to stop it,
 * in the table of build/attack_list.c.
 */
#ifndef UKB_ATTACK_H
#define UKB_ATTACK_H

#include "base/diag.h"
#include "base/json.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum attack_outcome {
	ATTACK_SUCCEEDED, /* in at least one trial */
	ATTACK_STOPPED,   /* never, and a mechanism or the platform named itself */
	ATTACK_FAILED, /* never, and nothing named itself: luck, or an attack that does not fit the image */
	ATTACK_ABSENT, /* cannot be tried there: reason */
};

struct attack_row {
	const char *attack;    /* "CORRUPT_STACK_STRONG", "stack/return/direct/inject" */
	const char *group;     /* "lkdtm", "matrix", "mechanism", "replay", "targets" */
	const char *adversary; /* "A1" .. "A5" */
	enum attack_outcome outcome;
	const char *by;     /* the mechanism that named itself, or NULL */
	const char *reason; /* absent: why; or NULL */
	bool is_promised;   /* the threat model says that this profile stops it */
	uint64_t trials, successes;
	double low, high; /* of the share of successes, 95 % */
};
struct attack_rows {
	struct attack_row *v;
	size_t len, cap;
};

/* Where something lies, or its value, over several starts of one image. */
struct attack_entropy {
	const char *what; /* "image", "stack", "heap", "canary" */
	uint64_t boots, distinct;
	unsigned varying_bits; /* bits that were not the same in all boots */
	unsigned lowest_bit;   /* the lowest of them: what lies below is known to everybody */
	unsigned drawn_bits;   /* by construction: what the layout functions draw */
};
struct attack_entropies {
	struct attack_entropy *v;
	size_t len, cap;
};

struct attack_profile {
	const char *profile; /* a variant's name as in measure.h, or a specification */
	const char *spec;    /* as --harden takes it */
	const char *problem; /* why there are no rows, or NULL */
	struct attack_rows rows;
	struct attack_entropies entropy;
};
struct attack_profiles {
	struct attack_profile *v;
	size_t len, cap;
};

/* A name and a value about the method. */
struct attack_fact {
	const char *name, *value;
};
struct attack_facts {
	struct attack_fact *v;
	size_t len, cap;
};

struct attack_tables {
	struct attack_table *v;
	size_t len, cap;
};
struct attack_table {
	const char *name, *platform;
	struct attack_facts method;
	struct attack_profiles profiles;
	struct attack_tables others; /* further platforms; without others of their own */
};

/* Rows that could be tried, and those of them that succeeded. */
size_t attack_tried(const struct attack_profile *p);
size_t attack_succeeded(const struct attack_profile *p);
/* NULL when it is not there. */
const struct attack_profile *attack_profile_named(const struct attack_table *t, const char *name);
const struct attack_row *attack_row_named(const struct attack_profile *p, const char *attack);
/* "succeeded", "stopped", "failed", "absent" */
const char *attack_outcome_name(enum attack_outcome outcome);

/* Where the result is kept: OUT/NAME/attack.json. */
const char *attack_path(struct arena *a, const char *out_dir, const char *name);
json_t *attack_to_json(const struct attack_table *t);
/* The reverse; a file of another version or without profiles is an error. */
int attack_from_json(struct arena *a, const char *path, const json_t *j, struct attack_table *ret,
		     struct diags *d);
/* Reads and writes that file. */
int attack_load(struct arena *a, const char *path, struct attack_table *ret, struct diags *d);
int attack_store(struct arena *a, const char *path, const struct attack_table *t, struct diags *d);

#endif
