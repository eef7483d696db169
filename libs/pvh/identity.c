/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot's own tables: physical addresses as they are, 2 MiB pages, everything allowed. */
#include <uk/platform.h>
#include <uk/pte.h>
#include <uk/pvh.h>

#include "pvh.h"

#include <uk/boot.h>

void uk_pvh_map_gib(uint64_t paddr, uint64_t *table)
{
	uint64_t *entry = &uk_pvh_tables[1][paddr >> GIB_SHIFT & (ENTRIES - 1)];

	const bool is_image = (char *)table >= __image_start && (char *)table < __image_end;

	if (*entry)
		return;
	paddr = (paddr >> GIB_SHIFT << GIB_SHIFT) | PTE_RW | PTE_LARGE;
	for (size_t i = 0; i < ENTRIES; i++, paddr += LARGE_BYTES)
		table[i] = paddr;
	*entry = (is_image ? uk_boot_physical(table) : (uintptr_t)table) | PTE_TABLE;
}

static void map_range(struct uk_boot *b, const struct uk_range *r)
{
	const uint64_t end = r->base + r->bytes;

	for (uint64_t p = r->base; p < end; p = ((p >> GIB_SHIFT) + 1) << GIB_SHIFT)
		if (!uk_pvh_tables[1][p >> GIB_SHIFT & (ENTRIES - 1)])
			uk_pvh_map_gib(p, (uint64_t *)uk_boot_take(b, UK_PAGE_BYTES));
}

void uk_boot_map_all(struct uk_boot *b)
{
	for (size_t i = 0; i < b->ram_len; i++)
		map_range(b, &b->ram[i]);
	for (size_t i = 0; i < UK_DEVICES_MAX; i++)
		map_range(b, &b->devices[i]);
}
