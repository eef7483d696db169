/* SPDX-License-Identifier: BSD-2-Clause */
/* Text and numbers on the console without a C library: for the boot, traps and the trailer. */
#include <uk/platform.h>

void uk_put(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	uk_plat_console_write(s, len);
}

static void put_number(uint64_t v, uint32_t base)
{
	char text[20];
	size_t at = sizeof(text);

	do {
		uint32_t digit = (uint32_t)(v % base);

		text[--at] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
		v /= base;
	} while (v);
	uk_plat_console_write(text + at, sizeof(text) - at);
}

void uk_put_hex(uint64_t v)
{
	uk_put("0x");
	put_number(v, 16);
}

void uk_put_dec(uint64_t v)
{
	put_number(v, 10);
}
