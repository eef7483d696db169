/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

#include <limits.h>
#include <stdarg.h>

int vsnprintf(char *d, size_t n, const char *format, va_list args);
int __vsprintf_chk(char *d, int flag, size_t size, const char *format, va_list args);

/* One byte too much is written nowhere: the text is cut off first, and then there is no going on. */
CHECKED int __vsprintf_chk(char *d, int flag, size_t size, const char *format, va_list args)
{
	/* No text is longer than INT_MAX (C11, 7.21.6.12), and vsnprintf refuses more room than that. */
	const size_t room = size < INT_MAX ? size : INT_MAX;
	int len = vsnprintf(d, room, format, args);

	(void)flag;
	if (len >= 0 && (size_t)len >= room)
		uk_fortify_fail();
	return len;
}
