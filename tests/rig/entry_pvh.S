/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PVH fixture's note (xen/elfnote.h) and entry: 32-bit, flat, paging off, ebx = hvm_start_info.
 * Maps the first 4 GiB to itself in 2 MiB pages and goes to 64-bit mode (AMD64 manual volume 2, 14.6).
 */
#include <xen/elfnote.h>

	.section .note.Xen, "a", @note
	.balign 4
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	fixture_entry

	.text
	.code32
	.globl fixture_entry
fixture_entry:
	mov	$stack_end, %esp
	xor	%ecx, %ecx
1:	mov	%ecx, %eax
	shl	$21, %eax
	or	$0x83, %eax
	mov	%eax, level2(, %ecx, 8)
	inc	%ecx
	cmp	$2048, %ecx
	jne	1b
	movl	$level2 + 0x0003, level3
	movl	$level2 + 0x1003, level3 + 8
	movl	$level2 + 0x2003, level3 + 16
	movl	$level2 + 0x3003, level3 + 24
	movl	$level3 + 3, level4
	mov	$level4, %eax
	mov	%eax, %cr3
	mov	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx	/* EFER */
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	mov	$0x80000013, %eax	/* PG, ET, MP, PE */
	mov	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $2f
	.code64
2:	mov	$16, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	mov	%ebx, %edi
	call	fixture_main

	.data
	.balign 8
gdt:	.quad	0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign 4096
level4:	.skip 4096
level3:	.skip 4096
level2:	.skip 4 * 4096
	.skip 16384
stack_end:
