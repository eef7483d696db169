/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A format that can be written is one that an attacker may have written: it must not have %n, which writes.
 * The linker puts __wrap_vfprintf() in place of vfprintf (--wrap), in which the whole printf family ends.
 */
#include "fortify.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <uk/platform.h>
#include <uk/trap.h>

struct _IO_FILE;
int __wrap_vfprintf(struct _IO_FILE *f, const char *format, va_list args);
/* Weak: it pulls no vfprintf into an image that has none. */
__attribute__((weak)) int __real_vfprintf(struct _IO_FILE *f, const char *format, va_list args);
void uk_fortify_format(const char *format);

/* Constants, and tables of constants. */
static bool is_read_only(uintptr_t at)
{
	return at >= (uintptr_t)__rodata_start && at < (uintptr_t)__roinit_end;
}

/* Behind the percent sign: flags, width, precision, length (C11, 7.21.6.1), then the letter. */
static bool has_write(const char *p)
{
	while (*p) {
		if (*p++ != '%')
			continue;
		while (*p && (*p == '#' || *p == '-' || *p == '+' || *p == ' ' || *p == '.' ||
			      *p == '*' || *p == '$' || *p == '\'' || (*p >= '0' && *p <= '9') ||
			      *p == 'h' || *p == 'l' || *p == 'L' || *p == 'j' || *p == 'z' ||
			      *p == 't' || *p == 'q'))
			p++;
		if (*p == 'n')
			return true;
		if (*p)
			p++;
	}
	return false;
}

__attribute__((noinline)) void uk_fortify_format(const char *format)
{
	if (!is_read_only((uintptr_t)format) && has_write(format))
		uk_trap("fortify");
}

int __wrap_vfprintf(struct _IO_FILE *f, const char *format, va_list args)
{
	uk_fortify_format(format);
	return __real_vfprintf(f, format, args);
}
