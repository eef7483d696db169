/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware of one purpose, in the place of a BIOS: it starts one image by the PVH boot ABI. From the reset
 * vector (real mode, SDM vol. 3, 9.1.4) to 32-bit flat segments, then load.c. Everything lies in the ROM, the
 * image and its command line too: IMAGE and CMDLINE are files that the assembler includes.
 */
#define CODE32 8
#define DATA32 16
#define STACK_TOP 0x7000 /* memory below 64 KiB, which no image uses */

	.section .reset, "ax", @progbits
	.code16
	jmp start16
	.balign 16, 0

	.section .start, "ax", @progbits
	.code16
start16:
	cli
	lgdtl %cs:gdtr_real
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmpl $CODE32, $start32

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
	.globl gdtr
gdtr:
	.word gdtr - gdt - 1
	.long gdt

	.code32
start32:
	movl $DATA32, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl $STACK_TOP, %esp
	call load
	/* Entry in %eax, start_info in %edx. */
	movl %edx, %ebx
	jmp *%eax

	.section .image, "a", @progbits
	.balign 16
	.globl image
image:
	.incbin IMAGE
	.section .cmdline, "a", @progbits
	.globl cmdline, cmdline_end
cmdline:
	.incbin CMDLINE
	.byte 0
cmdline_end:
