/* SPDX-License-Identifier: BSD-2-Clause */
#include_next <string.h>

#ifndef UK_FORTIFY_STRING_H
#define UK_FORTIFY_STRING_H

#include <uk/fortify.h>

UK_FORTIFY_KNOWN void *memcpy(void *__restrict d, const void *__restrict s, size_t n)
{
	return __builtin___memcpy_chk(d, s, n, UK_FORTIFY_SIZE(d));
}

UK_FORTIFY_KNOWN void *memmove(void *d, const void *s, size_t n)
{
	return __builtin___memmove_chk(d, s, n, UK_FORTIFY_SIZE(d));
}

UK_FORTIFY_KNOWN void *memset(void *d, int c, size_t n)
{
	return __builtin___memset_chk(d, c, n, UK_FORTIFY_SIZE(d));
}

/* What they fill is a member: only the caller knows which one, so its size comes along. */
UK_FORTIFY_OVERLOAD char *strcpy(char *const d UK_FORTIFY_SIZED_MEMBER, const char *s)
{
	return __builtin___strcpy_chk(d, s, UK_FORTIFY_MEMBER(d));
}

UK_FORTIFY_OVERLOAD char *strcat(char *const d UK_FORTIFY_SIZED_MEMBER, const char *s)
{
	return __builtin___strcat_chk(d, s, UK_FORTIFY_MEMBER(d));
}

UK_FORTIFY_OVERLOAD char *strncpy(char *const d UK_FORTIFY_SIZED_MEMBER, const char *s, size_t n)
{
	return __builtin___strncpy_chk(d, s, n, UK_FORTIFY_MEMBER(d));
}

UK_FORTIFY_OVERLOAD char *strncat(char *const d UK_FORTIFY_SIZED_MEMBER, const char *s, size_t n)
{
	return __builtin___strncat_chk(d, s, n, UK_FORTIFY_MEMBER(d));
}

/* As in the C library's header: not in strict ISO C. */
#if defined(_POSIX_SOURCE) || defined(_POSIX_C_SOURCE) || defined(_XOPEN_SOURCE) || \
	defined(_GNU_SOURCE) || defined(_BSD_SOURCE)
UK_FORTIFY_OVERLOAD char *stpcpy(char *const d UK_FORTIFY_SIZED_MEMBER, const char *s)
{
	return __builtin___stpcpy_chk(d, s, UK_FORTIFY_MEMBER(d));
}

UK_FORTIFY_OVERLOAD char *stpncpy(char *const d UK_FORTIFY_SIZED_MEMBER, const char *s, size_t n)
{
	return __builtin___stpncpy_chk(d, s, n, UK_FORTIFY_MEMBER(d));
}
#endif

#endif
