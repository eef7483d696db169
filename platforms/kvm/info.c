/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot: the serial port, and what the PVH loader left. */
#include <uk/platform.h>
#include <uk/pvh.h>
#include <uk/x86.h>

#include "uart.h"

#include <uk/boot.h>

/* The UART as firmware would leave it: 115200 baud, 8N1, FIFOs, no interrupts. */
void uk_boot_console(const void *info)
{
	static const struct {
		uint8_t reg, value;
	} setup[] = {
		{UART_INTERRUPTS, 0},  {UART_LINE, 0x80}, /* divisor latch */
		{UART_DIVISOR_LOW, 1}, {UART_DIVISOR_HIGH, 0}, {UART_LINE, 0x03},
		{UART_FIFO, 0x07},     {UART_MODEM, 0x03},
	};

	(void)info; /* the port is where it always is */
	for (size_t i = 0; i < sizeof(setup) / sizeof(setup[0]); i++)
		outb((uint16_t)(UART_COM1 + setup[i].reg), setup[i].value);
}

void uk_boot_info(const void *info, struct uk_boot *b)
{
	/* A loader that gives no memory map is none we know. */
	if (!uk_pvh_info(info, b))
		uk_trap("start-info");
	if (CONFIG_NEEDS_VIRTIO)
		uk_virtio_boot(b);
}
