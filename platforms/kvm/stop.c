/* SPDX-License-Identifier: BSD-2-Clause */
/* Every way to stop that the machines of this platform know. */
#include <uk/platform.h>
#include <uk/x86.h>

#include "uart.h"

/* Ways to stop, tried in this order where the one before did not work. */
enum {
	DEBUG_EXIT_PORT = 0xf4,        /* QEMU -device isa-debug-exit,iobase=0xf4,iosize=4 */
	ACPI_PM1_CNT = 0x604,          /* QEMU pc and q35, as their firmware places it */
	ACPI_SLEEP_S5 = 0x2000,        /* SLP_EN, type 0 (ACPI 4.8.3.2.1; QEMU hw/acpi) */
	CLOUD_HYPERVISOR_PORT = 0x600, /* its ACPI shutdown device */
	CLOUD_HYPERVISOR_S5 = 0x34,    /* SLP_EN, type 5 */
	KEYBOARD_PORT = 0x64,
	KEYBOARD_RESET = 0xfe, /* pulse the reset line (IBM PC AT) */
	RESET_CONTROL = 0xcf9, /* ICH9 data sheet, RST_CNT */
	RESET_FULL = 6,
};

_Noreturn void uk_plat_stop(enum uk_exit how)
{
	/* The last characters are still on the line, except on machines that take no time for it. */
	while (!(inb(UART_COM1 + UART_LINE_STATUS) & UART_IS_IDLE))
		;
	outl(DEBUG_EXIT_PORT, how);
	outw(ACPI_PM1_CNT, ACPI_SLEEP_S5);
	outb(CLOUD_HYPERVISOR_PORT, CLOUD_HYPERVISOR_S5);
	outb(KEYBOARD_PORT, KEYBOARD_RESET);
	outb(RESET_CONTROL, RESET_FULL);
	for (;;)
		__asm__ volatile("cli; hlt");
}
