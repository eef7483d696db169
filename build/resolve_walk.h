/* SPDX-License-Identifier: BSD-2-Clause */
/* One walk over the symbols of an image, for the configuration in sel: inside of resolve only. */
#ifndef UKB_RESOLVE_WALK_H
#define UKB_RESOLVE_WALK_H

#include "resolve.h"

/* A symbol that something references, with the first reason. */
struct want {
	const char *symbol;
	struct why why;
};

/* Fills units, units_why, files and missing from sel->mechs and sel->config. */
int resolve_walk(struct arena *a, const struct resolve_in *in, struct selection *sel,
		 struct diags *d);

/*
 * Records an error for a symbol that nothing provides: at the application's place, with the chain
 * that leads to it. known: all symbols there are, for did-you-mean.
 */
int resolve_report_missing(struct arena *a, const struct resolve_in *in, const struct want *w,
			   const struct strs *known, struct diags *d);

#endif
