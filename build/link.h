/* SPDX-License-Identifier: BSD-2-Clause */
/* The edges behind the objects: section order, link, finished image. */
#ifndef UKB_LINK_H
#define UKB_LINK_H

#include <stddef.h>

struct arena;
struct diags;
struct plan;
struct plan_in;

/* Adds ORDER (when seed_file is given), LD and IMAGE edges to p->rest and sets p->image. */
int link_add(struct arena *a, const struct plan_in *in, const char *seed_file, struct plan *p,
	     struct diags *d);

#endif
