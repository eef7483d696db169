/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

#include <stdarg.h>

int vsnprintf(char *d, size_t n, const char *format, va_list args);
int __vsnprintf_chk(char *d, size_t n, int flag, size_t size, const char *format, va_list args);

CHECKED int __vsnprintf_chk(char *d, size_t n, int flag, size_t size, const char *format,
			    va_list args)
{
	(void)flag; /* what it asks for elsewhere is done always: format.c */
	if (n > size)
		uk_fortify_fail();
	return vsnprintf(d, n, format, args);
}
