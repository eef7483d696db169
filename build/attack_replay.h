/* SPDX-License-Identifier: BSD-2-Clause */
/* What one start of an image says about another: entropy, replayed addresses, and targets of calls. */
#ifndef UKB_ATTACK_REPLAY_H
#define UKB_ATTACK_REPLAY_H

#include "attack_run.h"
#include <stddef.h>
#include <stdint.h>

struct run;
struct variant;

/*
 * Bits that are drawn at boot: <uk/layout.h> (a unit test compares; the stack with its offset in the page, the
 * heap with the least that the first run's place adds, libs/pages), and of the canary all but its lowest byte.
 */
enum {
	ATTACK_IMAGE_BITS = 32,
	ATTACK_STACK_BITS = 39,
	ATTACK_HEAP_BITS = 30,
	ATTACK_CANARY_BITS = 56,
};

/* One run of the suite. */
struct attack_session {
	struct ctx *c;
	const struct manifest *manifest;
	const struct tree *tree;
	struct attack_defs defs;
	struct strs files; /* of all of them, and in a profile of those that fit the image */
	struct strs units; /* of the image in this profile */
	const char *platform;
	bool *is_wanted; /* parallel to defs */
	bool has_replay;
	size_t done, total;
	const struct diag *cause; /* the first failure of a profile, or NULL */
};

/*
 * Starts a twin n times, with the words of each args behind "ukbuild-attack", as many at a time as there are jobs and
 * memory is free. Of each run: end, status, mechanism, console. what: for the progress. again (or NULL): for each
 * NULL, or the attack whose second start, in the memory of the first, is the run that counts, with both consoles;
 * unless the first one already said no ATTACK_SAYS_CONTROL.
 */
#define ATTACK_SAYS_CONTROL "control: ok" /* attacks/attack.h, attacks/matrix.c */
int attack_start_all(struct attack_session *s, const struct attack_twin *twin, const char *what,
		     const struct strs *args, const struct attack_def *const *again, size_t n,
		     struct run *ret);
/* Memory that new programs can have without swapping; 0 where Linux does not say. */
uint64_t attack_memory_available(struct arena *a);
/* How many starts attack_replay() makes. */
size_t attack_replay_starts(const struct attack_session *s);
/* Adds entropy, replays and targets of calls to a profile. */
int attack_replay(struct attack_session *s, const struct variant *v, const struct attack_twin *twin,
		  struct attack_profile *ret);
/* Bits and distinct values among n values. */
struct attack_entropy attack_entropy_of(const char *what, const uint64_t *values, size_t n);

#endif
