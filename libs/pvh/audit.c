/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks the finished tables: every page they map must be one the layout knows, at the one address and with
 * the rights that belong to it. So nothing is writable and executable, nothing is mapped twice, and neither
 * tables nor boot code are mapped at all.
 */
#include <uk/platform.h>
#include <uk/pte.h>
#include <uk/x86.h>

#include "pvh.h"

#include <uk/boot.h>

static bool is_inside(uintptr_t va, size_t bytes, uintptr_t base, size_t len)
{
	return va >= base && va - base < len && bytes <= len - (va - base);
}

static bool is_image_page_right(uintptr_t va, uint64_t entry)
{
	if (va < (uintptr_t)__text_start)
		return false;
	if (va < (uintptr_t)__text_end)
		return (entry & (PTE_WRITE | PTE_USER | PTE_KEYS)) ==
		       (uk_pvh_text_rights & (PTE_USER | PTE_KEYS));
	if (entry & PTE_USER)
		return false;
	if (va < (uintptr_t)(uk_pvh_is_roinit_sealed ? __data_start : __roinit_start))
		return !(entry & PTE_WRITE) && entry & PTE_NX;
	return entry & PTE_NX;
}

static bool is_shadow_stack(uintptr_t va, size_t bytes)
{
	for (size_t i = UK_SLOT_CALLS; i < UK_SLOT_DEVICES; i++)
		if (is_inside(va, bytes, uk_map.slots[i].base, uk_map.slots[i].bytes))
			return true;
	return false;
}

static bool is_leaf_right(uintptr_t va, size_t bytes, uint64_t entry)
{
	const struct uk_map *m = &uk_map;
	const uint64_t pa = entry & PTE_ADDRESS & ~(uint64_t)(bytes - 1);
	const bool is_shadow = (entry & (PTE_WRITE | PTE_DIRTY)) == PTE_DIRTY;

	if (is_shadow != is_shadow_stack(va, bytes))
		return false;
	if (is_inside(va, 1, (uintptr_t)__image_start, (size_t)(__image_end - __image_start)))
		return is_image_page_right(va, entry) &&
		       pa == va - (uintptr_t)__image_start + UK_LINK_ADDRESS;
	if (!(entry & PTE_NX) || entry & PTE_USER)
		return false;
	for (size_t i = 0; i < m->ram_len; i++)
		if (is_inside(va, bytes, m->ram[i].base, m->ram[i].bytes))
			return pa == va - m->ram_base;
	for (size_t i = 0; i < UK_SLOT_COUNT; i++)
		if (is_inside(va, bytes, m->slots[i].base, m->slots[i].bytes))
			return true;
	return va < UK_NULL_GUARD_BYTES && pa == va;
}

/* At most four levels deep. */
static bool is_table_right(const uint64_t *table, uintptr_t base, unsigned int shift)
{
	for (size_t i = pte_next(table, 0); i < ENTRIES; i = pte_next(table, i + 1)) {
		const uintptr_t va = base + (i << shift);
		uint64_t entry = table[i];

		if (!(entry & PTE_PRESENT))
			return false;
		if (shift > PAGE_SHIFT && !(shift == LARGE_SHIFT && entry & PTE_LARGE)) {
			if (!is_table_right((const uint64_t *)(entry & PTE_ADDRESS), va,
					    shift - LEVEL_BITS))
				return false;
		} else if (!is_leaf_right(va, (size_t)1 << shift, entry)) {
			return false;
		}
	}
	return true;
}

bool uk_plat_audit_rights(void)
{
	if (CONFIG_NEEDS_EXECUTE_ONLY && uk_pvh_text_rights & PTE_USER && !uk_pvh_is_text_hidden())
		return false;
	return is_table_right((const uint64_t *)uk_pvh_root, 0, ROOT_SHIFT);
}
