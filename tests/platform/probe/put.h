/* SPDX-License-Identifier: BSD-2-Clause */
/* Text and numbers on the console, for guests without a C library (tests/process/calls is another). */
#ifndef PROBE_PUT_H
#define PROBE_PUT_H

#include <stddef.h>
#include <stdint.h>
#include <uk/plat.h>

static inline void put(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	uk_plat_console_write(s, len);
}

/* Hexadecimal digits, as few as it takes. */
static inline void put_hex(uint64_t v)
{
	char text[sizeof(v) * 2 + 1];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do
		text[--at] = "0123456789abcdef"[v & 15];
	while (v >>= 4);
	put(text + at);
}

#endif
