/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault entries: 32 stubs of PVH_STUB_BYTES. The return address that a stub's call leaves on the stack tells the
 * vector. Every fault is fatal, so no register is kept and nothing ever returns.
 */
	.section .text.uk_pvh_stubs, "ax", @progbits
	.balign 16
	.globl uk_pvh_stubs
	.type uk_pvh_stubs, @function
uk_pvh_stubs:
	.rept 32
#if CONFIG_NEEDS_CET_BRANCH
	endbr64 /* the processor looks for it where a fault leads, too (SDM vol. 1, 17.3.3) */
#else
	.balign 8
#endif
	call uk_pvh_fault
	.endr
	.size uk_pvh_stubs, . - uk_pvh_stubs

	.type uk_pvh_fault, @function
uk_pvh_fault:
	cld
	movq %rsp, %rdi
	movq %cr2, %rsi
	andq $-16, %rsp
	call uk_pvh_exception
	ud2
	.size uk_pvh_fault, . - uk_pvh_fault
