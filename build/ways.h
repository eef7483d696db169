/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways out of a function, for verifiers of checks that stand before a return: does any path miss the
 * check? A path begins unchecked where the caller says, and ends checked where a check was passed.
 */
#ifndef UKB_WAYS_H
#define UKB_WAYS_H

#include "code.h"
#include <stdbool.h>
#include <stddef.h>

struct ways_rule {
	const void *arg;
	/* The jump at `at`, which is conditional, is a check: one side of it is a failure. */
	bool (*is_check)(const void *arg, const struct code_insns *f, size_t at);
	/* The failure begins at instruction `at`: it leads to the trap and nowhere else. */
	bool (*is_failure)(const void *arg, const struct code_insns *f, size_t at);
	/* The instruction makes a check void that was passed before it. NULL: once is enough. */
	bool (*undoes)(const void *arg, const struct code_insns *f, size_t at);
	/* A call of the function at `target` does not come back. NULL: only that of no_return. */
	bool (*never_returns)(const void *arg, uint64_t target);
	/* Where a call or jump outside the function never comes back from; 0 = none. */
	uint64_t no_return;
};

/*
 * What is wrong with the first way out that misses the check, as a predicate ("returns without a check"),
 * or NULL. The paths begin at instruction start.
 */
const char *ways_unchecked(const struct code *c, const struct code_insns *f, size_t start,
			   const struct ways_rule *rule);

/* True when f has a way out at all: a return or a tail call. */
bool ways_returns(const struct code_insns *f);

#endif
