/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void uk_wipe_switch(enum uk_exit how, uintptr_t stack): C cannot leave the stack it runs on. Registers that
 * a function saves may hold what the program worked with: they are cleared first.
 */
	.section .text.uk_wipe_switch, "ax", @progbits
	.globl uk_wipe_switch
	.type uk_wipe_switch, @function
uk_wipe_switch:
	movq %rsi, %rsp
	xorl %ebx, %ebx
	xorl %ebp, %ebp
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	call uk_wipe_memory
	ud2
	.size uk_wipe_switch, . - uk_wipe_switch
