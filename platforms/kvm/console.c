/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: the first serial port, polled. */
#include <uk/platform.h>
#include <uk/x86.h>

#include "uart.h"

enum {
	LINE_STATUS_THR_EMPTY = 0x20,
};

void uk_plat_console_drain(void)
{
	/* The port has no more than a few bytes to send, and sends them whatever becomes of us. */
}

void uk_plat_console_write(const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		while (!(inb(UART_COM1 + UART_LINE_STATUS) & LINE_STATUS_THR_EMPTY))
			;
		outb(UART_COM1 + UART_DATA, (uint8_t)*s++);
	}
}
