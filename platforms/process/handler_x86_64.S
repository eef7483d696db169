/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry of every fatal signal: %rdi = signal, %rsi = siginfo, %rdx = ucontext. They lie on the signal
 * stack, which they may fill; nothing ever returns, so the rest happens on a stack of its own.
 */
	.section .text.uk_process_handler, "ax", @progbits
	.globl uk_process_handler
	.type uk_process_handler, @function
uk_process_handler:
	cld
	movq uk_process_handler_sp(%rip), %rsp
	call uk_process_fault
	ud2
	.size uk_process_handler, . - uk_process_handler
