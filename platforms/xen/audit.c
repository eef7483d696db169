/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks the finished tables: every page they map must be one the layout knows, at the one address and with
 * the rights that belong to it. So nothing is writable and executable, nothing is mapped twice, and no table
 * can be written. Entries hold machine frames: Xen's own table says which page of ours each is.
 *
 * Left over for uk_boot_leave(), which is boot code itself: the boot's part of the image, the right to write
 * .roinit, and the tables, which this reads.
 */
#include "call.h"
#include "pv.h"

#include <uk/boot.h>

enum {
	PTE_HIGH_BITS = 12, /* above the address */
};

static bool is_inside(uintptr_t va, uintptr_t base, size_t len)
{
	return va - base < len;
}

static uint64_t physical_of(uint64_t entry)
{
	return machine_to_phys_mapping[(entry & PTE_ADDRESS) >> PAGE_SHIFT] << PAGE_SHIFT;
}

static bool is_image_page_right(uintptr_t va, uint64_t entry)
{
	if (physical_of(entry) != va - (uintptr_t)__image_start + UK_LINK_ADDRESS)
		return false;
	if (va < (uintptr_t)__boot_end)
		return true;
	if (va < (uintptr_t)__text_end)
		return !(entry & PTE_WRITE);
	if (va < (uintptr_t)__roinit_start)
		return !(entry & PTE_WRITE) && entry & PTE_NX;
	return entry & PTE_NX;
}

/* Page tables, and with NEEDS_GRANTS the table of machine frames: where they are, but only to read. */
static bool is_read_only(uint64_t physical)
{
	const struct pv_boot *pv = &uk_xen_pv;

	for (size_t i = 0; i < pv->tables_len; i++)
		if (is_inside(physical, pv->tables[i].base, pv->tables[i].bytes))
			return true;
	return CONFIG_NEEDS_GRANTS && is_inside(physical, (uintptr_t)pv->frames,
						(pv->bytes >> PAGE_SHIFT) * sizeof(*pv->frames));
}

/* Pages from `va` on that are memory for the allocator or stacks in it. */
static size_t ram_pages(uintptr_t va)
{
	const struct uk_map *m = &uk_map;

	for (size_t i = 0; i < m->ram_len; i++)
		if (is_inside(va, m->ram[i].base, m->ram[i].bytes))
			return (m->ram[i].base + m->ram[i].bytes - va) >> PAGE_SHIFT;
	for (size_t i = 0; i < UK_SLOT_DEVICES; i++)
		if (is_inside(va, m->slots[i].base, m->slots[i].bytes))
			return (m->slots[i].base + m->slots[i].bytes - va) >> PAGE_SHIFT;
	return 0;
}

/* A table of the map of all memory; `flags` are those that the tables above agree on. */
static bool is_ram_table_right(const uint64_t *table, uintptr_t va, uint64_t flags)
{
	const uint64_t *frames = machine_to_phys_mapping, ram_base = uk_map.ram_base;
	size_t i = pte_next(table, 0);

	/* One register, not a constant of ten bytes each time. */
	__asm__("" : "+r"(frames));

	if (!(flags & PTE_NX))
		return false;
	for (; i < ENTRIES; i = pte_next(table, i)) {
		const uintptr_t at = va + (i << PAGE_SHIFT);
		uint64_t frame = (at - ram_base) >> PAGE_SHIFT;
		size_t n = ram_pages(at), end;

		if (!n) {
			if (table[i] &&
			    (table[i] & PTE_WRITE || physical_of(table[i]) != at - ram_base ||
			     !is_read_only(at - ram_base)))
				return false;
			i++;
			continue;
		}
		end = n < ENTRIES - i ? i + n : ENTRIES;
		/* Memory comes by the thousand pages: the two shifts are the short form of the address mask. */
#pragma clang loop unroll_count(8)
		for (; i < end; i++)
			if (frames[table[i] << PTE_HIGH_BITS >> (PTE_HIGH_BITS + PAGE_SHIFT)] !=
			    frame++)
				return false;
	}
	return true;
}

static bool is_leaf_right(uintptr_t va, uint64_t entry)
{
	const struct uk_map *m = &uk_map;

	if (!(entry & PTE_PRESENT))
		return false;
	if (is_inside(va, (uintptr_t)__image_start, (size_t)(__image_end - __image_start)))
		return is_image_page_right(va, entry);
	if (!(entry & PTE_NX))
		return false;
	for (size_t i = 0; i < UK_SLOT_COUNT; i++)
		if (is_inside(va, m->slots[i].base, m->slots[i].bytes))
			return true;
	return va < UK_NULL_GUARD_BYTES && physical_of(entry) == va;
}

/* At most four levels deep; `flags` as above. */
static bool is_table_right(uint64_t machine, uintptr_t base, unsigned int shift, uint64_t flags)
{
	const uint64_t *table = (const uint64_t *)(uk_xen_pv.window + physical_of(machine));
	const uintptr_t ram_base = uk_map.ram_base;

	if (shift == PAGE_SHIFT && is_inside(base, ram_base, uk_xen_pv.bytes))
		return is_ram_table_right(table, base, flags);
	for (size_t i = pte_next(table, 0); i < ENTRIES; i = pte_next(table, i + 1)) {
		const uintptr_t va = base + (i << shift);
		const uint64_t entry = table[i];

		/* The upper half is Xen's. */
		if (shift == ROOT_SHIFT && i >= ENTRIES / 2)
			break;
		if (shift == PAGE_SHIFT
			    ? !is_leaf_right(va, entry | (flags & PTE_NX))
			    : !is_table_right(entry & PTE_ADDRESS, va, shift - LEVEL_BITS,
					      flags | (entry & PTE_NX)))
			return false;
	}
	return true;
}

bool uk_plat_audit_rights(void)
{
	return is_table_right(uk_xen_pv.root, 0, ROOT_SHIFT, 0);
}
