/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PVH entry (Xen docs/misc/pvh.pandoc, "x86/HVM direct boot ABI": 32-bit protected mode, flat segments,
 * paging off, %ebx = physical address of hvm_start_info, no stack), the way into 64-bit mode, the move
 * to the final addresses, and the last instruction of the boot.
 */

/* ELF note types: Xen public/elfnote.h. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

/* Intel SDM vol. 3, 2.5 (control registers) and 2.2.1 (EFER). */
#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_EM (1 << 2)
#define CR0_TS (1 << 3)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define CR4_OSFXSR (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

/* SDM vol. 4, table 2-2. */
#define MSR_S_CET 0x6a2
#define S_CET_SH_STK_EN 1

/* CPUID (SDM vol. 2, CPUID). */
#define CPUID_1_EDX_SSE_SSE2 (3 << 25)
#define CPUID_80000001_EDX_NX (1 << 20)
#define CPUID_80000001_EDX_LM (1 << 29)

/* Page-table entry: present, writable, accessed, dirty; and the same as a 2 MiB leaf (SDM vol. 3, 4.5). */
#define PTE_TABLE 0x63
#define PTE_LARGE 0xe3

#define CS64 8
#define DS64 16

	.section .note.pvh, "a", @note
	.balign 4
	.long 4
	.long 4
	.long XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long uk_abs_entry

	.section .boot.text, "ax", @progbits
	.code32
	.globl uk_entry
	.type uk_entry, @function
uk_entry:
	rdtsc
	movl %eax, %esi
	movl %edx, %ebp
	movl %ebx, %edi

	/* Nothing below may use SSE or 64-bit mode before the processor says that it has both. */
	movl $1, %eax
	cpuid
	notl %edx
	testl $CPUID_1_EDX_SSE_SSE2, %edx
	jnz .Lunsupported
	movl $0x80000001, %eax
	cpuid
	testl $CPUID_80000001_EDX_LM, %edx
	jz .Lunsupported

	/* First GiB at its physical address: PML4, PDPT, one directory of 2 MiB pages. Loaded as zeros. */
	movl $uk_abs_tables, %ebx
	leal 0x1000 + PTE_TABLE(%ebx), %eax
	movl %eax, (%ebx)
	addl $0x1000, %eax
	movl %eax, 0x1000(%ebx)
	movl $PTE_LARGE, %eax
	leal 0x2000(%ebx), %ecx
1:	movl %eax, (%ecx)
	addl $8, %ecx
	addl $0x200000, %eax
	cmpl $0x40000000, %eax
	jb 1b

	movl %cr4, %eax
	orl $CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
	movl %eax, %cr4
	movl %ebx, %cr3
	movl %edx, %ebx
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	testl $CPUID_80000001_EDX_NX, %ebx
	jz 2f
	orl $EFER_NXE, %eax
2:	wrmsr
	movl %cr0, %eax
	andl $~(CR0_EM | CR0_TS), %eax
	orl $CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_PG, %eax
	movl %eax, %cr0
	lgdt uk_abs_gdtr
	ljmp $CS64, $uk_abs_entry64

.Lunsupported:
	/* No console yet: the launcher's exit device says "trap". */
	movl $2, %eax
	movw $0xf4, %dx
	outl %eax, %dx
3:	hlt
	jmp 3b

	.code64
	.globl uk_entry64
	.type uk_entry64, @function
uk_entry64:
	movl $DS64, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	leaq uk_boot_stack_end(%rip), %rsp
	/* %edi = start_info; the time stamp is in %ebp:%esi. */
	shlq $32, %rbp
	orq %rbp, %rsi
	xorl %ebp, %ebp
	call uk_boot_low
	/* %rax = how far the image's addresses move, %rdx = main stack: go there. */
	leaq 4f(%rip), %rcx
	addq %rax, %rcx
	movq %rdx, %rsp
	jmpq *%rcx
4:	call uk_boot_high
	ud2

	/* void uk_boot_leave(int argc, char **argv, char **envp, uintptr_t sp) */
	.globl uk_boot_leave
	.type uk_boot_leave, @function
uk_boot_leave:
	movq %rcx, %rsp
#if CONFIG_NEEDS_CET_SHADOW || CONFIG_NEEDS_CET_BRANCH
	/* Now, when nothing returns any more: the shadow stack is empty, what called this has no endbr64. */
	movl uk_pvh_cet(%rip), %eax
	testl %eax, %eax
	jz 5f
	movq %rdx, %r8
	xorl %edx, %edx
	movl $MSR_S_CET, %ecx
	wrmsr
	movq %r8, %rdx
#if CONFIG_NEEDS_CET_SHADOW
	testb $S_CET_SH_STK_EN, %al
	jz 5f
	setssbsy
#endif
5:
#endif
#if CONFIG_NEEDS_PAGING
	movq uk_pvh_root(%rip), %rax
#endif
	xorl %ebx, %ebx
	xorl %ecx, %ecx
	xorl %ebp, %ebp
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	jmp .Lleave

	/* Exactly 16 bytes, the last of the boot text: what follows is the first of .text. */
	.section .boot_leave, "ax", @progbits
	.balign 16
.Lleave:
#if CONFIG_NEEDS_PAGING
	.skip 13, 0x90
	movq %rax, %cr3
#else
	.skip 16, 0x90
#endif

	.section .text_first, "ax", @progbits
	xorl %eax, %eax
	call uk_start
	ud2

	/*
	 * Flat 64-bit code and data, accessed bit set so that the processor never writes them, and room
	 * for the task state's descriptor, filled at boot (SDM vol. 3, 3.4.5 and 7.2.3).
	 */
	.section .roinit, "aw", @progbits
	.balign 16
	.globl uk_pvh_gdt
uk_pvh_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0, 0
	.size uk_pvh_gdt, 40

	.section .boot.data, "aw", @progbits
	.balign 4
	.globl uk_boot_gdtr
uk_boot_gdtr:
	.word 39
	.long uk_abs_gdt

	.section .boot.bss, "aw", @nobits
	.balign 16
	.skip 3072
uk_boot_stack_end:

	/* First in the image, so page-aligned without asking for it: see image.ld. */
	.section .boot.tables, "aw", @nobits
	.globl uk_pvh_tables
uk_pvh_tables:
	.skip 3 * 4096
