/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the boot: with rights enforced, what start-up wrote becomes read-only, and tables and boot code
 * are mapped no more. One call, in entry_x86_64.S, takes the boot's own pages away and returns to the first
 * instruction of .text.
 */
#include "call.h"
#include "pv.h"

#include <uk/boot.h>

enum {
	/* Tables lie together, but for the ends of regions and of what one table of leaves maps. */
	PIECES_MAX = 4 * PV_TABLES_MAX,
};

/* In a page that stays mapped and nobody else uses: entry_x86_64.S reads the results and wipes it. */
struct last {
	struct multicall_entry calls[2];
	struct mmuext_op flush;
	struct mmu_update unmap[240];
};
_Static_assert(sizeof(struct multicall_entry) == 64, "entry_x86_64.S reads the results");
_Static_assert(sizeof(struct last) <= UK_PAGE_BYTES, "the page of UK_SLOT_DOUBLE");

struct last *uk_xen_pv_last(void);

/* Entries of one table of leaves, all to be cleared. */
struct piece {
	uint64_t at;
	size_t len;
};

static size_t find_tables(struct piece pieces[PIECES_MAX])
{
	const struct pv_boot *pv = &uk_xen_pv;
	size_t n = 0;

	for (size_t i = 0; i < pv->tables_len; i++) {
		uintptr_t va = pv->window + pv->tables[i].base;
		const uintptr_t end = va + pv->tables[i].bytes;

		while (va < end) {
			uintptr_t stop = (va + LARGE_BYTES) & ~(uintptr_t)(LARGE_BYTES - 1);

			if (stop > end)
				stop = end;
			if (n == PIECES_MAX)
				uk_trap("memory");
			pieces[n++] = (struct piece){uk_xen_pv_find(va, PAGE_SHIFT).at,
						     (stop - va) >> PAGE_SHIFT};
			va = stop;
		}
	}
	return n;
}

/* The tables are read one last time, then they are gone. Returns the pages of `last->unmap`. */
static size_t seal(struct last *last)
{
	static struct piece pieces[PIECES_MAX];
	size_t len = 0, n;

	if (uk_xen_pv.is_roinit_sealed)
		uk_xen_pv_change((uintptr_t)__roinit_start, (size_t)(__data_start - __roinit_start),
				 0, PTE_WRITE);
	for (uintptr_t va = (uintptr_t)__boot_start; va < (uintptr_t)__boot_end;
	     va += UK_PAGE_BYTES) {
		if (len == sizeof(last->unmap) / sizeof(last->unmap[0]))
			uk_trap("memory");
		last->unmap[len++] = (struct mmu_update){uk_xen_pv_find(va, PAGE_SHIFT).at, 0};
	}
	n = find_tables(pieces);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < pieces[i].len; k++)
			uk_xen_pv_update(pieces[i].at + k * sizeof(uint64_t), 0);
	uk_xen_pv_flush();
	return len;
}

struct last *uk_xen_pv_last(void)
{
	struct last *last = (struct last *)uk_map.slots[UK_SLOT_DOUBLE].base;
	const size_t len = uk_xen_pv.is_sealed ? seal(last) : 0;

	last->flush.cmd = MMUEXT_TLB_FLUSH_LOCAL;
	last->calls[0] = (struct multicall_entry){
		.op = __HYPERVISOR_mmu_update,
		.args = {(uintptr_t)last->unmap, len, 0, DOMID_SELF},
	};
	last->calls[1] = (struct multicall_entry){
		.op = __HYPERVISOR_mmuext_op,
		.args = {(uintptr_t)&last->flush, 1, 0, DOMID_SELF},
	};
	return last;
}
