/* SPDX-License-Identifier: BSD-2-Clause */
/* void longjmp(jmp_buf, int value): back to where setjmp() was called, which returns value, or 1 for 0. */
	.section .text.longjmp, "ax", @progbits
	.globl longjmp, _longjmp
	.type longjmp, @function
	.type _longjmp, @function
longjmp:
_longjmp:
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
