/* SPDX-License-Identifier: BSD-2-Clause */
#include_next <stdio.h>

#ifndef UK_FORTIFY_STDIO_H
#define UK_FORTIFY_STDIO_H

#include <uk/fortify.h>

UK_FORTIFY_OVERLOAD int vsnprintf(char *const d UK_FORTIFY_SIZED_MEMBER, size_t n,
				  const char *format, __builtin_va_list args)
{
	return __builtin___vsnprintf_chk(d, n, 0, UK_FORTIFY_MEMBER(d), format, args);
}

UK_FORTIFY_OVERLOAD int vsprintf(char *const d UK_FORTIFY_SIZED_MEMBER, const char *format,
				 __builtin_va_list args)
{
	return __builtin___vsprintf_chk(d, 0, UK_FORTIFY_MEMBER(d), format, args);
}

UK_FORTIFY_VARIADIC __attribute__((__format__(__printf__, 3, 4))) int
snprintf(char *const d UK_FORTIFY_SIZED_MEMBER, size_t n, const char *format, ...)
{
	__builtin_va_list args;
	int len;

	__builtin_va_start(args, format);
	len = __builtin___vsnprintf_chk(d, n, 0, UK_FORTIFY_MEMBER(d), format, args);
	__builtin_va_end(args);
	return len;
}

UK_FORTIFY_VARIADIC __attribute__((__format__(__printf__, 2, 3))) int
sprintf(char *const d UK_FORTIFY_SIZED_MEMBER, const char *format, ...)
{
	__builtin_va_list args;
	int len;

	__builtin_va_start(args, format);
	len = __builtin___vsprintf_chk(d, 0, UK_FORTIFY_MEMBER(d), format, args);
	__builtin_va_end(args);
	return len;
}

char *__fgets_chk(char *, int, FILE *, size_t);
char *__uk_fgets(char *, int, FILE *) __asm__("fgets");
UK_FORTIFY_OVERLOAD char *fgets(char *const d UK_FORTIFY_SIZED_MEMBER, int n, FILE *f)
{
	const size_t size = UK_FORTIFY_MEMBER(d);

	return UK_FORTIFY_FITS((size_t)n, size) ? __uk_fgets(d, n, f) : __fgets_chk(d, n, f, size);
}

size_t __fread_chk(void *, size_t, size_t, FILE *, size_t);
size_t __uk_fread(void *, size_t, size_t, FILE *) __asm__("fread");
UK_FORTIFY_OVERLOAD size_t fread(void *const d UK_FORTIFY_SIZED, size_t each, size_t n, FILE *f)
{
	const size_t size = UK_FORTIFY_SIZE(d);

	return size == (size_t)-1 ? __uk_fread(d, each, n, f) : __fread_chk(d, each, n, f, size);
}

#endif
