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

size_t uk_put_digits(char text[UK_DIGITS_MAX], uint64_t v, uint32_t base)
{
	size_t at = UK_DIGITS_MAX;

	do {
		uint32_t digit = (uint32_t)(v % base);

		text[--at] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
		v /= base;
	} while (v);
	return at;
}

void uk_put_number(uint64_t v, uint32_t base)
{
	char text[UK_DIGITS_MAX];
	size_t at = uk_put_digits(text, v, base);

	uk_plat_console_write(text + at, sizeof(text) - at);
}

void uk_put_hex(uint64_t v)
{
	uk_put("0x");
	uk_put_number(v, 16);
}

void uk_put_dec(uint64_t v)
{
	uk_put_number(v, 10);
}
