/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PV entry (xen/xen.h, "start-of-day memory layout": 64-bit mode, ring 3, paging on, %rsi = start_info), the
 * notes that ask for it, the move to the final addresses, and the last instruction of the boot.
 */
#define __ASSEMBLY__ /* for the headers of Xen */
#include <xen/elfnote.h>
#include <xen/xen.h>

	.macro note_text type, text
	.balign 4
	.long 4, 2f - 1f, \type
	.asciz "Xen"
1:	.asciz "\text"
2:	.balign 4
	.endm
	.macro note_word type, word
	.balign 4
	.long 4, 8, \type
	.asciz "Xen"
	.quad \word
	.endm

	/* Physical = linked = virtual address. No hypercall page: `syscall` stands in the image. */
	.section .note.Xen, "a", @note
	note_text XEN_ELFNOTE_GUEST_OS, "ukbuild"
	note_text XEN_ELFNOTE_XEN_VERSION, "xen-3.0"
	note_text XEN_ELFNOTE_LOADER, "generic"
	note_word XEN_ELFNOTE_VIRT_BASE, 0
	note_word XEN_ELFNOTE_PADDR_OFFSET, 0
	note_word XEN_ELFNOTE_ENTRY, uk_abs_entry
	note_text XEN_ELFNOTE_PAE_MODE, "yes"
	note_text XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb"

	.section .boot.text, "ax", @progbits
	.globl uk_entry
	.type uk_entry, @function
uk_entry:
	rdtsc
	shlq $32, %rdx
	leaq uk_boot_stack_end(%rip), %rsp
	movq %rsi, %rdi
	leaq (%rax,%rdx), %rsi
	xorl %ebp, %ebp
	cld
	call uk_boot_low
	/* %rax = how far the image's addresses move, %rdx = main stack: go there. */
	leaq 1f(%rip), %rcx
	addq %rax, %rcx
	movq %rdx, %rsp
	jmpq *%rcx
1:	call uk_boot_high
	ud2

	/*
	 * In assembler: canaries before and after it are not the same, and until here they were read at
	 * address 0. Writing the register would be emulated, at four times the price.
	 */
	.globl uk_boot_thread_pointer
	.type uk_boot_thread_pointer, @function
uk_boot_thread_pointer:
	movq %rdi, %rsi
	movl $SEGBASE_FS, %edi
	movl $__HYPERVISOR_set_segment_base, %eax
	syscall
	testq %rax, %rax
	jnz 1f
#if CONFIG_NEEDS_PAGING
	jmp uk_xen_pv_drop_linear
#else
	ret
#endif
1:	ud2

	/* void uk_boot_leave(int argc, char **argv, char **envp, uintptr_t sp) */
	.globl uk_boot_leave
	.type uk_boot_leave, @function
uk_boot_leave:
	movq %rcx, %rsp
	movl %edi, %r12d
	movq %rsi, %r13
	movq %rdx, %r14
#if CONFIG_NEEDS_PAGING
	call uk_xen_pv_last
	movq %rax, %rbx
	movq %rax, %rdi
	movl $2, %esi
#endif
	jmp .Lleave

	/* Exactly 16 bytes, the last of the boot text: what follows is the first of .text. */
	.section .boot_leave, "ax", @progbits
	.balign 16
.Lleave:
#if CONFIG_NEEDS_PAGING
	.skip 9, 0x90
	movl $__HYPERVISOR_multicall, %eax
	syscall
#else
	.skip 16, 0x90
#endif

	.section .text_first, "ax", @progbits
#if CONFIG_NEEDS_PAGING
	/* Both calls of struct last (leave.c) must have worked; what they were told is wiped. */
	orq 8(%rbx), %rax
	orq 64 + 8(%rbx), %rax
	jnz 1f
	movq %rbx, %rdi
	movl $512, %ecx
	rep stosq
#endif
	movl %r12d, %edi
	movq %r13, %rsi
	movq %r14, %rdx
	xorl %ebx, %ebx
	xorl %ebp, %ebp
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	xorl %eax, %eax
	call uk_start
1:	ud2

	.section .boot.bss, "aw", @nobits
	.balign 16
	.skip 3072
uk_boot_stack_end:
