/* SPDX-License-Identifier: BSD-2-Clause */
/* int sigsetjmp(sigjmp_buf, int): with the second argument the signal mask is kept too. */
	.section .text.sigsetjmp, "ax", @progbits
	.globl sigsetjmp, __sigsetjmp
	.type sigsetjmp, @function
	.type __sigsetjmp, @function
sigsetjmp:
__sigsetjmp:
#if CONFIG_NEEDS_CET_BRANCH
	endbr64
#endif
	testl %esi, %esi
	jz uk_setjmp_save
	pushq %rdi
	call uk_setjmp_save_mask
	popq %rdi
	movl $1, %esi
	jmp uk_setjmp_save
	.size sigsetjmp, . - sigsetjmp
	.size __sigsetjmp, . - __sigsetjmp

	.section .note.GNU-stack, "", @progbits
