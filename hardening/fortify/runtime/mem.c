/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

void *memcpy(void *d, const void *s, size_t n);
void *memmove(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
void *__memcpy_chk(void *d, const void *s, size_t n, size_t size);
void *__memmove_chk(void *d, const void *s, size_t n, size_t size);
void *__memset_chk(void *d, int c, size_t n, size_t size);

CHECKED void *__memcpy_chk(void *d, const void *s, size_t n, size_t size)
{
	if (n > size)
		uk_fortify_fail();
	return memcpy(d, s, n);
}

CHECKED void *__memmove_chk(void *d, const void *s, size_t n, size_t size)
{
	if (n > size)
		uk_fortify_fail();
	return memmove(d, s, n);
}

CHECKED void *__memset_chk(void *d, int c, size_t n, size_t size)
{
	if (n > size)
		uk_fortify_fail();
	return memset(d, c, n);
}
