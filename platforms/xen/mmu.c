/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of page tables, asked of Xen in batches; never a store, where Xen would let that pass neither. */
#include "call.h"
#include "pv.h"

#include <uk/x86.h>

#include <uk/boot.h>

enum {
	BATCH = 128,
};

struct pv_boot uk_xen_pv;

static struct mmu_update batch[BATCH];
static size_t batch_len;

/* Where the boot reads the table that an entry names. */
static const uint64_t *table_of(uint64_t entry)
{
	const uint64_t frame = machine_to_phys_mapping[(entry & PTE_ADDRESS) >> PAGE_SHIFT];

	return (const uint64_t *)(uk_xen_pv.window + (frame << PAGE_SHIFT));
}

struct pv_entry uk_xen_pv_find(uintptr_t va, unsigned int shift)
{
	uint64_t table = uk_xen_pv.root;

	for (unsigned int level = ROOT_SHIFT;; level -= LEVEL_BITS) {
		const size_t i = va >> level & (ENTRIES - 1);
		const uint64_t *entry = &table_of(table)[i];

		if (level == shift)
			return (struct pv_entry){entry, table + i * sizeof(*entry)};
		if (!*entry)
			uk_trap("xen");
		table = *entry & PTE_ADDRESS;
	}
}

void uk_xen_pv_flush(void)
{
	if (batch_len &&
	    uk_xen_call(__HYPERVISOR_mmu_update, (uintptr_t)batch, batch_len, 0, DOMID_SELF))
		uk_trap("xen");
	batch_len = 0;
}

void uk_xen_pv_update(uint64_t at, uint64_t entry)
{
	if (batch_len == BATCH)
		uk_xen_pv_flush();
	batch[batch_len++] = (struct mmu_update){at | MMU_NORMAL_PT_UPDATE, entry};
}

void uk_xen_pv_change(uintptr_t va, size_t bytes, uint64_t set, uint64_t clear)
{
	const uintptr_t end = va + bytes;

	while (va < end) {
		struct pv_entry e = uk_xen_pv_find(va, PAGE_SHIFT);

		/* The entries of one table lie side by side. */
		do {
			const uint64_t entry = (*e.entry & ~clear) | set;

			if (entry != *e.entry)
				uk_xen_pv_update(e.at, entry);
			e.entry++;
			e.at += sizeof(*e.entry);
			va += UK_PAGE_BYTES;
		} while (va < end && va & (LARGE_BYTES - 1));
	}
}

void uk_xen_pv_unmap(uintptr_t va, size_t bytes)
{
	uk_xen_pv_change(va, bytes, 0, ~0ULL);
}

uint64_t uk_xen_pv_take_table(struct uk_boot *b)
{
	const uint64_t table = uk_boot_take(b, UK_PAGE_BYTES);
	struct pv_boot *pv = &uk_xen_pv;
	struct uk_range *last = &pv->tables[pv->tables_len - 1];

	if (pv->tables_len > 1 && last->base + last->bytes == table) {
		last->bytes += UK_PAGE_BYTES;
	} else {
		if (pv->tables_len == PV_TABLES_MAX)
			uk_trap("memory");
		pv->tables[pv->tables_len++] = (struct uk_range){table, UK_PAGE_BYTES};
	}
	uk_stats[UK_STAT_PT_PAGES]++;
	fill_words((void *)(uintptr_t)table, 0, ENTRIES);
	return table;
}
