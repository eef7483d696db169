/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the PV half share: a guest in ring 3 whose page tables belong to Xen. It may read them and
 * asks for each change; docs/xen.md tells the layout.
 *
 * Three kinds of addresses: machine (what a page-table entry holds), physical (Xen's "pseudo-physical": the
 * guest's own numbering, from 0 without holes) and virtual. Xen maps the start of memory at virtual =
 * physical; that mapping is called linear here.
 */
#ifndef XEN_PV_H
#define XEN_PV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/platform.h>
#include <uk/pte.h>

/* trap_x86_64.S, fault.c */
extern const char uk_xen_pv_stubs[];
_Noreturn void uk_xen_pv_exception(const uint64_t *frame);

/* frame.c: where the table of machine frames is in physical memory, for uk_xen_frame(). */
extern uintptr_t uk_xen_pv_frames;

/* Boot only from here on. */

enum {
	/*
	 * Pages below UK_RAM_LOWEST at whose linear addresses the boot sees what Xen shares. Their own
	 * memory is not used.
	 */
	PV_SHARED_VA = 0x1000,
	PV_GRANTS_VA = 0x2000,
	PV_LOW_FREE = CONFIG_NEEDS_GRANTS ? 0x3000 : 0x2000,
	PV_TABLES_MAX = 16,
};

struct pv_boot {
	uint64_t bytes;         /* of memory */
	const uint64_t *frames; /* machine frame of each physical page */
	uint64_t root;          /* machine address of the one root, Xen's */
	uintptr_t
		window; /* where the boot has physical memory: linear, later in the map of all memory */
	/* Physical pages of page tables, Xen's and ours, as they lie together. */
	struct uk_range tables[PV_TABLES_MAX];
	size_t tables_len;
	uintptr_t devices[UK_DEVICES_MAX]; /* linear addresses, 0 = none */
	struct uk_range spare; /* what the boot alone reads: boot module, frames, start_info */
	size_t null_bytes;     /* from physical 0 on: not mapped in the end */
	bool is_roinit_sealed; /* and with it the right to write what only the boot writes */
	bool is_sealed;        /* uk_boot_leave() takes away what only the boot may use */
};
extern struct pv_boot uk_xen_pv;

/* An entry of a page table: where the boot reads it, and its machine address. */
struct pv_entry {
	const uint64_t *entry;
	uint64_t at;
};

/* mmu.c */

/* The entry for `va` of the level whose lowest address bit is `shift`. Traps "xen" where there is none. */
struct pv_entry uk_xen_pv_find(uintptr_t va, unsigned int shift);
/* Queues "the entry at this machine address becomes that"; traps "xen" when Xen refuses. */
void uk_xen_pv_update(uint64_t at, uint64_t entry);
void uk_xen_pv_flush(void);
/* Queues other rights for the leaves of whole pages: bits to set, bits to clear. */
void uk_xen_pv_change(uintptr_t va, size_t bytes, uint64_t set, uint64_t clear);
void uk_xen_pv_unmap(uintptr_t va, size_t bytes);
/* Physical address of a page for a table, all zeros. */
uint64_t uk_xen_pv_take_table(struct uk_boot *b);

/* identity.c */

/* Xen's linear mapping grows until it has all memory. */
void uk_xen_pv_map_linear(struct uk_boot *b);
/* [from, to) is memory again, in its place among the regions. */
void uk_xen_pv_give(struct uk_boot *b, uint64_t from, uint64_t to);
/* The same for what the boot has read; the table of frames stays, read-only, with NEEDS_GRANTS. */
void uk_xen_pv_give_spare(struct uk_boot *b);

/* tables.c: second step of the final mapping. */
void uk_xen_pv_drop_linear(void);

static inline uint64_t pv_machine(uint64_t physical)
{
	return uk_xen_pv.frames[physical >> PAGE_SHIFT] << PAGE_SHIFT;
}

#endif
