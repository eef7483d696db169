/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

/* musl's FILE: nothing here looks inside. */
struct _IO_FILE;
char *fgets(char *d, int n, struct _IO_FILE *f);
char *__fgets_chk(char *d, int n, struct _IO_FILE *f, size_t size);

CHECKED char *__fgets_chk(char *d, int n, struct _IO_FILE *f, size_t size)
{
	if (n > 0 && (size_t)n > size)
		uk_fortify_fail();
	return fgets(d, n, f);
}
