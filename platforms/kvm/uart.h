/* SPDX-License-Identifier: BSD-2-Clause */
/* The first serial port and the registers of its 16550 (PC16550D data sheet, register summary). */
#ifndef KVM_UART_H
#define KVM_UART_H

enum uart {
	UART_COM1 = 0x3f8,
	UART_DATA = 0,
	UART_DIVISOR_LOW = 0,
	UART_INTERRUPTS = 1,
	UART_DIVISOR_HIGH = 1,
	UART_FIFO = 2,
	UART_LINE = 3,
	UART_MODEM = 4,
	UART_LINE_STATUS = 5,
	UART_IS_IDLE = 0x40, /* of the line status: nothing left to send */
};

#endif
