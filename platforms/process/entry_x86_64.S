/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry from the tender (process.h: %rbx = info, no stack), the move to the final addresses, the end of
 * the boot, and the first instructions of permanent text, which take the gate away for good.
 */
#include "process.h"

	.section .note.ukbuild, "a", @note
	.balign 4
	.long 8
	.long 8
	.long PROCESS_NOTE
	.asciz "ukbuild"
	.long PROCESS_ABI
#if CONFIG_NEEDS_EXECUTE_ONLY
	.long PROCESS_NOTE_RIGHTS | PROCESS_NOTE_HIDDEN
#elif CONFIG_NEEDS_RIGHTS
	.long PROCESS_NOTE_RIGHTS
#else
	.long 0
#endif

	.section .boot.text, "ax", @progbits
	.globl uk_entry
	.type uk_entry, @function
uk_entry:
	rdtsc
	shlq $32, %rdx
	leaq (%rdx,%rax), %rsi
	movq %rbx, %rdi
	leaq uk_boot_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	call uk_boot_low
	/* %rax = how far the image moves, %rdx = main stack, which is at its final address already. */
	movq %rdx, %rsp
#if CONFIG_NEEDS_BOOT_RELOC
	movq %rax, %r12
	testq %rax, %rax
	jz 4f
	/* Three moves, because a move takes pages of equal rights: data and signal stack, boot data, code. */
	movl $PROCESS_GATE, %ebx
	leaq __boot_text_start(%rip), %r13
	andq $-PROCESS_PAGE, %r13
	leaq __rodata_start(%rip), %r14
#if CONFIG_NEEDS_SHADOW
	leaq __image_end + PROCESS_PAGE - 1(%rip), %rsi /* the signal stack has moved with the others */
#else
	leaq __image_end + PROCESS_PAGE - 1 + PROCESS_SIGNAL_STACK(%rip), %rsi
#endif
	andq $-PROCESS_PAGE, %rsi
	movq %r14, %rdi
	call .Lmove
	leaq __image_start(%rip), %rdi
	movq %r13, %rsi
	call .Lmove
	/* This code itself: the gate returns to where it is then. */
	leaq 4f(%rip), %rax
	addq %r12, %rax
	pushq %rax
	movq %r13, %rdi
	movq %r14, %rsi
	call .Lmove_arguments
	jmpq *%rbx

	/* Moves [%rdi, %rsi) by %r12. */
.Lmove:
	call .Lmove_arguments
	call *%rbx
	cmpq $-4096, %rax
	ja .Lfailed
	ret
.Lmove_arguments:
	subq %rdi, %rsi
	movq %rsi, %rdx
	movl $MREMAP_MAYMOVE_FIXED, %r10d
	leaq (%rdi,%r12), %r8
	movl $SYS_MREMAP, %eax
	ret
4:
#endif
	call uk_boot_high
.Lfailed:
	ud2

	/* long uk_process_gate(nr, a, b, c, d, e): from C's registers to a system call's. */
	.globl uk_process_gate
	.type uk_process_gate, @function
uk_process_gate:
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %r10
	movq %r9, %r8
	movl $PROCESS_GATE, %ecx
	jmpq *%rcx

	/* void uk_boot_thread_pointer(uintptr_t tp). In C its own canary would change while it runs. */
	.globl uk_boot_thread_pointer
	.type uk_boot_thread_pointer, @function
uk_boot_thread_pointer:
	movq %rdi, %rsi
	movl $ARCH_SET_FS_CODE, %edi
	movl $SYS_ARCH_PRCTL, %eax
	movl $PROCESS_GATE, %ecx
	call *%rcx
	testl %eax, %eax
	jnz .Lfailed
	ret

	/* void uk_boot_leave(int argc, char **argv, char **envp, uintptr_t sp) */
	.globl uk_boot_leave
	.type uk_boot_leave, @function
uk_boot_leave:
	movq %rcx, %rsp
	movl %edi, %r12d
	movq %rsi, %r13
	movq %rdx, %r14
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r15d, %r15d
	xorl %ebp, %ebp
	movl $PROCESS_GATE, %ebx
#if CONFIG_NEEDS_RIGHTS
	cmpb $0, uk_process_is_sealed(%rip)
	je 5f
	/* Constants, and what only the boot writes. */
	leaq __rodata_start(%rip), %rdi
	leaq __data_start(%rip), %rsi
	cmpb $0, uk_process_is_roinit_sealed(%rip)
	jne 4f
	leaq __roinit_start(%rip), %rsi
4:
	subq %rdi, %rsi
	movl $MAP_READ, %edx
	movl $SYS_MPROTECT, %eax
	call *%rbx
	testl %eax, %eax
	jnz .Lfailed
	/* The boot's own pages; the gate returns to permanent text. */
	leaq __text_start(%rip), %rsi
	pushq %rsi
	leaq __image_start(%rip), %rdi
	subq %rdi, %rsi
	movl $SYS_MUNMAP, %eax
	jmpq *%rbx
5:
#endif
	jmp __text_start

	/* Removes the gate. Verifiers know these bytes: build/code.c. */
	.section .text_first, "ax", @progbits
	.globl uk_process_sealed
	.type uk_process_sealed, @function
uk_process_sealed:
	movl $SYS_MUNMAP, %eax
	movl $PROCESS_GATE, %edi
	movl $PROCESS_PAGE, %esi
	syscall
	xorl %ebx, %ebx
	movl %r12d, %edi
	movq %r13, %rsi
	movq %r14, %rdx
	xorl %eax, %eax
	call uk_start
	ud2
	.size uk_process_sealed, . - uk_process_sealed

	.section .boot.bss, "aw", @nobits
	.balign 16
	.skip 3072
uk_boot_stack_end:
