/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The address space as mechanisms ask for it (INIT layout functions, boot code, run once before the
 * page tables are built) and as the platform then draws it. All false and zero: everything is
 * mapped, readable, writable and executable at its physical address or at a fixed one.
 */
#ifndef UK_LAYOUT_H
#define UK_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uk_layout {
	/* Asked for by mechanisms. */
	bool is_rights_enforced; /* text RX, rodata R, data RW; no second mapping; boot and tables
				    unmapped */
	bool is_roinit_sealed; /* what only the boot writes is read-only from then on (with rights) */
	bool is_text_hidden; /* text can be fetched, not read (with rights; uk_plat_hides_text()) */
	bool is_null_unmapped; /* the first 64 KiB are not mapped */
	bool is_random;        /* bases below are drawn from the seed (needs NEEDS_BOOT_RELOC) */
	bool is_shadowed; /* each stack has a shadow, uk_shadow_distance from it (NEEDS_SHADOW) */
	bool has_unsafe_stacks; /* each stack has a second one, whose place tells nothing of its own
				   (NEEDS_UNSAFE_STACK) */
	bool is_call_shadowed;  /* the processor keeps return addresses too (NEEDS_CET_SHADOW) */
	bool is_branch_tracked; /* and wants endbr64 where an indirect branch leads
				   (NEEDS_CET_BRANCH) */
	size_t guard_bytes;     /* unmapped gap around each stack and the memory map; 0 = none */

	/* Drawn by uk_layout_place(). */
	uintptr_t image_base;   /* where __image_start is at run time */
	uintptr_t ram_base;     /* physical address p is at ram_base + p */
	uintptr_t stack_base;   /* start of the area with all stacks and the thread control block */
	uintptr_t shadow_base;  /* where the shadow of stack_base is; always drawn */
	uintptr_t unsafe_base;  /* start of the area with all unsafe stacks; always drawn */
	uint32_t stack_offset;  /* bytes left free at the top of the main stack, multiple of 16 */
	uint32_t unsafe_offset; /* and of its unsafe one */
};

/*
 * From any address of a stack to its shadow, memory of the same size at a place of its own with nothing
 * mapped around it. 0, so that it is its own shadow, while the boot runs on stacks that have none. Written
 * once by the boot, at a moment when no function that looked at it before ever returns.
 */
extern uintptr_t uk_shadow_distance;

enum {
	UK_NULL_GUARD_BYTES = 64 << 10,
	UK_LAYOUT_SEED_BYTES = 48,
	/* How many bits of each address the seed decides. */
	UK_LAYOUT_IMAGE_BITS = 32,
	UK_LAYOUT_STACK_BITS = 31,
	UK_LAYOUT_RAM_BITS = 25,
	UK_LAYOUT_OFFSET_BITS = 8,
	UK_LAYOUT_SHADOW_BITS = 31,
	UK_LAYOUT_UNSAFE_BITS = 31,
};

/*
 * Fills the second half of `l` from the first, the seed (used for is_random, is_shadowed and has_unsafe_stacks) and the image's
 * link address and size. Pure: the same input gives the same addresses, on the host too.
 */
void uk_layout_place(struct uk_layout *l, const uint8_t seed[UK_LAYOUT_SEED_BYTES],
		     uintptr_t link_base, size_t image_bytes);

/* Generated: calls the INIT layout entries. */
void uk_init_layout(struct uk_layout *l);

/*
 * Walks the finished page tables: false when a page is both writable and executable, or writable
 * although it holds text or constants. Boot code only, phase `late`.
 */
bool uk_plat_audit_rights(void) __attribute__((noinline));

/* Whether this machine can map text that cannot be read (NEEDS_EXECUTE_ONLY). Boot code only. */
bool uk_plat_hides_text(void) __attribute__((noinline));

#endif
