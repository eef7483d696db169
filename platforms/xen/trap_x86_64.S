/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault entries: 20 stubs of 8 bytes. The return address that a stub's call leaves on the stack tells the
 * vector. Every fault is fatal, so no register is kept and nothing ever returns.
 *
 * Xen pushes on the stack that was in use and ends the domain where it cannot; what follows runs on a stack
 * of its own.
 */
	.section .text.uk_xen_pv_stubs, "ax", @progbits
	.balign 16
	.globl uk_xen_pv_stubs
	.type uk_xen_pv_stubs, @function
uk_xen_pv_stubs:
	.rept 20
	.balign 8
	call uk_xen_pv_fault
	.endr
	.size uk_xen_pv_stubs, . - uk_xen_pv_stubs

	.type uk_xen_pv_fault, @function
uk_xen_pv_fault:
	cld
	movq %rsp, %rdi
	movq uk_xen_pv_fault_stack(%rip), %rsp
	call uk_xen_pv_exception
	ud2
	.size uk_xen_pv_fault, . - uk_xen_pv_fault

	.section .bss.roinit, "aw", @nobits
	.balign 8
	.globl uk_xen_pv_fault_stack
uk_xen_pv_fault_stack:
	.skip 8
	.size uk_xen_pv_fault_stack, 8
