/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why something is in an image, or why it is not: units, symbols, object files, Kconfig options. Only
 * reads what the stages left behind and makes lines of text of it.
 */
#ifndef UKB_EXPLAIN_H
#define UKB_EXPLAIN_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>

struct arena;
struct kconf;
struct manifest;
struct plan;
struct scan;
struct selection;
struct tree;
struct unit;
struct why;

/* What there is to explain. */
struct explain_in {
	const struct tree *tree;
	const struct manifest *manifest;
	const struct scan *scan;
	const struct selection *sel;
	const struct plan *plan;   /* for object files; or NULL */
	const struct kconf *kconf; /* for options; or NULL */
};

struct explanation {
	const char *subject;
	const char *kind; /* "library", "platform", "mechanism", "symbol", "object", "option" */
	bool is_in;       /* part of the image; an option: not "n" */
	struct strs lines;
};

/*
 * Finds what subject is (unit, object or source label, option, symbol, in this order) and explains
 * it. Nothing of that name: an error with the nearest one.
 */
int explain(struct arena *a, const struct explain_in *in, const char *subject,
	    struct explanation *ret, struct diags *d);
/* Why a unit is not in the image; an error when it is. */
int explain_not(struct arena *a, const struct explain_in *in, const char *subject,
		struct explanation *ret, struct diags *d);
/* One line, innermost last: "app/main.c:5:2 'printf' -> musl/src/stdio/printf.c -> ...". */
const char *explain_chain(struct arena *a, const struct why *why);

#endif
