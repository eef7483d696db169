/* SPDX-License-Identifier: BSD-2-Clause */
/* The PV fixture's notes (xen/elfnote.h) and entry: 64-bit, paging on, rsi = start_info. */
#include <xen/elfnote.h>

	.macro note type, kind, value:vararg
	.balign 4
	.long 4, 2f - 1f, \type
	.asciz "Xen"
1:	\kind \value
2:	.balign 4
	.endm

	.section .note.Xen, "a", @note
	note XEN_ELFNOTE_GUEST_OS, .asciz, "fixture"
	note XEN_ELFNOTE_GUEST_VERSION, .asciz, "1"
	note XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
	note XEN_ELFNOTE_LOADER, .asciz, "generic"
	note XEN_ELFNOTE_VIRT_BASE, .quad, 0
	note XEN_ELFNOTE_PADDR_OFFSET, .quad, 0
	note XEN_ELFNOTE_ENTRY, .quad, fixture_entry
	note XEN_ELFNOTE_FEATURES, .asciz, "!writable_page_tables|pae_pgdir_above_4gb"
	note XEN_ELFNOTE_PAE_MODE, .asciz, "yes"

	.text
	.globl fixture_entry
fixture_entry:
	mov	%rsi, %rdi
	and	$-16, %rsp
	call	fixture_main
