/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void longjmp(jmp_buf, int value): back to where setjmp() was called, which returns value, or 1 for 0. Before each
 * name stands the hash of its type, for calls through pointers under kcfi.
 */
#define SETJMP_SHADOW 88 /* buffer.h */
#define INCSSP_MOST 255 /* SDM vol. 2, INCSSPQ: the low byte counts */

	.section .text.longjmp, "ax", @progbits
	.globl longjmp, _longjmp
	.type longjmp, @function
	.type _longjmp, @function
	.weak __kcfi_typeid__longjmp
	.byte 0xb8
	.4byte __kcfi_typeid__longjmp
_longjmp:
#if CONFIG_NEEDS_CET_BRANCH
	endbr64
#endif
	.weak __kcfi_typeid_longjmp
	.byte 0xb8 /* run on the way from the other name, when nothing is in %eax yet */
	.4byte __kcfi_typeid_longjmp
longjmp:
#if CONFIG_NEEDS_CET_BRANCH
	endbr64
#endif
	pushq %rdi
	pushq %rsi
	subq $8, %rsp /* calls want 16 bytes */
	call uk_setjmp_check
	addq $8, %rsp
	popq %rsi
	popq %rdi
	xorl %eax, %eax
	cmpl $1, %esi /* carry: value is 0 */
	adcl %esi, %eax
#if CONFIG_NEEDS_CET_SHADOW
	/* Off the shadow stack comes all up to the return address of setjmp(), which is left by a jump. */
	xorl %ecx, %ecx
	rdsspq %rcx
	testq %rcx, %rcx
	jz 2f
	negq %rcx
	addq SETJMP_SHADOW(%rdi), %rcx
	shrq $3, %rcx
	incq %rcx
	movl $INCSSP_MOST, %edx
1:	cmpq %rdx, %rcx
	cmovbq %rcx, %rdx
	incsspq %rdx
	subq %rdx, %rcx
	jnz 1b
2:
#endif
	movq (%rdi), %rbx
	movq 8(%rdi), %rbp
	movq 16(%rdi), %r12
	movq 24(%rdi), %r13
	movq 32(%rdi), %r14
	movq 40(%rdi), %r15
	movq 48(%rdi), %rsp
	jmp *56(%rdi)
	.size longjmp, . - longjmp
	.size _longjmp, . - _longjmp

	.section .note.GNU-stack, "", @progbits
