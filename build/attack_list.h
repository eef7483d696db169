/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of attacks: which there are, whose they are, and what has to stop each. Read from the first lines
 * of the files in attacks/ and hardening/NAME/attack/ (attacks/attack.h has the directives), and for the
 * matrix from the tables in attack_list.c. Knows nothing of images and runs.
 */
#ifndef UKB_ATTACK_LIST_H
#define UKB_ATTACK_LIST_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct tree;

struct attack_def {
	const char *name, *group, *adversary; /* as in attack.h */
	const char *
		program; /* what the guest calls it: its file's name;the matrix has one for all its cells */
	const char *file;      /* its C file; NULL: of the matrix */
	struct strs args;      /* of the guest */
	const char *mechanism; /* whose own attack it is, or NULL */
	const char
		*again; /* started twice, with one memory: argument of the second start; or NULL */
	bool again_is_stuck;     /* that start: every source of randomness gives zeros */
	const char *on_argument; /* an argument where that mechanism is on, or NULL */
	const char
		*refused; /* where it is on, no such image is built: what the error says, or NULL */
	const char *symbol;    /* its address is the first argument, or NULL */
	struct strs stops;     /* mechanisms, each of which has to stop it */
	struct strs levels;    /* of its own mechanism, at which that holds; empty = all */
	struct strs needs;     /* mechanisms without which its own does nothing, "wx=on" */
	struct strs platforms; /* where it can be tried; empty = everywhere */
	struct strs inherent;  /* platforms that stop it by themselves */
	const char *unit; /* it attacks this unit: nothing where the image is without, or NULL */
	const char
		*machine; /* it needs this one, which no launcher starts (tests/MACHINE), or NULL */
	bool is_harmless; /* where it is on, the attack comes to nothing and nobody says so */
	bool misses; /* where it is on, the attack hits something else, whatever comes of that */
	bool has_arguments; /* its main takes them */
	bool is_quick;      /* one of those that stand for the rest where a start takes long */
};
struct attack_defs {
	struct attack_def *v;
	size_t len, cap;
};

/* files: C files that belong to all of them. */
int attack_list(struct arena *a, const struct tree *t, struct attack_defs *ret, struct strs *files,
		struct diags *d);
/* One file's attack from its text; false when it has none. mechanism may be NULL. */
bool attack_parse(struct arena *a, const char *path, const char *mechanism, const char *text,
		  struct attack_def *ret);
/* The cells of the matrix. */
void attack_matrix(struct arena *a, struct attack_defs *ret);

enum attack_part {
	ATTACK_TARGET,  /* "member/direct" */
	ATTACK_PAYLOAD, /* "member/direct/inject" */
};
/* What cells of the matrix that differ in where things lie have in common; another attack's name as it is. */
const char *attack_line_name(struct arena *a, const char *name, enum attack_part part);

/* What a mechanism does against an adversary. */
enum attack_effect {
	EFFECT_NOTHING,
	EFFECT_COSTS, /* raises the cost */
	EFFECT_STOPS, /* an attack in the list shows it */
};
enum attack_effect attack_effect_of(const struct attack_defs *l, const char *mechanism,
				    const char *adversary);
/* The adversaries that attacks in the list belong to: "A1", "A2", "A3"; ends with NULL. */
extern const char *const attack_adversaries[];

#endif
