/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * int setjmp(jmp_buf): stores what a function keeps for its caller (System V ABI for x86-64, 3.2.1), then
 * uk_setjmp_seal() finishes the buffer and returns to the caller. uk_setjmp_save() is the same with
 * the second argument of that in %esi.
 */
#define SETJMP_SHADOW 88 /* buffer.h */

	.section .text.setjmp, "ax", @progbits
	.globl setjmp, _setjmp, __setjmp
	.type setjmp, @function
	.type _setjmp, @function
	.type __setjmp, @function
setjmp:
_setjmp:
__setjmp:
#if CONFIG_NEEDS_CET_BRANCH
	endbr64
#endif
	xorl %esi, %esi
	jmp uk_setjmp_save
	.size setjmp, . - setjmp
	.size _setjmp, . - _setjmp
	.size __setjmp, . - __setjmp

	.globl uk_setjmp_save
	.hidden uk_setjmp_save
	.type uk_setjmp_save, @function
uk_setjmp_save:
	movq %rbx, (%rdi)
	movq %rbp, 8(%rdi)
	movq %r12, 16(%rdi)
	movq %r13, 24(%rdi)
	movq %r14, 32(%rdi)
	movq %r15, 40(%rdi)
	leaq 8(%rsp), %rdx /* as it will be when this has returned */
	movq %rdx, 48(%rdi)
	movq (%rsp), %rdx
	movq %rdx, 56(%rdi)
#if CONFIG_NEEDS_CET_SHADOW
	xorl %edx, %edx
	rdsspq %rdx /* stays 0 where there is no shadow stack */
	movq %rdx, SETJMP_SHADOW(%rdi)
#endif
	jmp uk_setjmp_seal
	.size uk_setjmp_save, . - uk_setjmp_save

	.section .note.GNU-stack, "", @progbits
