/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc in a comment
   of two lines: free */
#define CALL(f) call f
	.extern	malloc
	.globl	calls
	.type	calls, @function
calls:
	mov	$8, %edi	# malloc
	call	malloc@PLT	// free
	mov	%rax, %rdi
	CALL(free)
	xor	%eax, %eax
	ret
	.section .rodata
	.string	"free \" malloc"
