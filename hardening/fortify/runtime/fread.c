/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

struct _IO_FILE;
size_t fread(void *d, size_t each, size_t n, struct _IO_FILE *f);
size_t __fread_chk(void *d, size_t each, size_t n, struct _IO_FILE *f, size_t size);

CHECKED size_t __fread_chk(void *d, size_t each, size_t n, struct _IO_FILE *f, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(each, n, &bytes) || bytes > size)
		uk_fortify_fail();
	return fread(d, each, n, f);
}
