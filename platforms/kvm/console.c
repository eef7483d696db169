/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: the first serial port, polled. */
#include "kvm.h"

enum {
	LINE_STATUS_THR_EMPTY = 0x20,
};

void uk_plat_console_write(const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		while (!(inb(UART_COM1 + UART_LINE_STATUS) & LINE_STATUS_THR_EMPTY))
			;
		outb(UART_COM1 + UART_DATA, (uint8_t)*s++);
	}
}

void uk_kvm_put(const char *s)
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

void uk_kvm_put_hex(uint64_t v)
{
	uk_kvm_put("0x");
	put_number(v, 16);
}

void uk_kvm_put_dec(uint64_t v)
{
	put_number(v, 10);
}
