/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one instruction of permanent code that calls the kernel, in a function of its own: link-time
 * optimisation would spread an inline one over the image.
 */
	/* long uk_process_call(long nr, uintptr_t a, uintptr_t b, uintptr_t c) */
	.section .text.uk_process_call, "ax", @progbits
	.globl uk_process_call
	.type uk_process_call, @function
uk_process_call:
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	syscall
	ret
	.size uk_process_call, . - uk_process_call
