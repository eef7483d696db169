/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qsort() with upstream's sort, compiled a second time so that it calls the comparison directly.
 * Upstream goes through qsort_r() and a wrapper: two indirect calls a comparison, each of which pays
 * for a control-flow check.
 */
#include <stdlib.h>
#include <string.h>

/* The sort under a name of its own and without upstream's alias. */
#undef weak_alias
#define weak_alias(old, new) struct ukb_no_alias
#define __qsort_r ukb_sort
#define cmp(a, b, arg) ((int (*)(const void *, const void *))(cmp))(a, b)

/* One frame, and so one canary, for each sift instead of two. */
static inline __attribute__((__always_inline__)) void cycle(size_t, unsigned char **, int);

#include "../stdlib/qsort.c"

#undef cmp

void qsort(void *base, size_t nel, size_t width, int (*cmp)(const void *, const void *))
{
	ukb_sort(base, nel, width, (cmpfun)cmp, NULL);
}
