/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault entries: 32 stubs of 8 bytes. The return address that a stub's call leaves on the stack tells the
 * vector. Every fault is fatal, so no register is kept and nothing ever returns.
 */
	.section .text.uk_kvm_stubs, "ax", @progbits
	.balign 16
	.globl uk_kvm_stubs
	.type uk_kvm_stubs, @function
uk_kvm_stubs:
	.rept 32
	.balign 8
	call uk_kvm_fault
	.endr
	.size uk_kvm_stubs, . - uk_kvm_stubs

	.type uk_kvm_fault, @function
uk_kvm_fault:
	cld
	movq %rsp, %rdi
	movq %cr2, %rsi
	andq $-16, %rsp
	call uk_kvm_exception
	ud2
	.size uk_kvm_fault, . - uk_kvm_fault
