/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot's own tables: physical addresses as they are, 2 MiB pages, everything allowed. */
#include "kvm.h"
#include "pte.h"

#include <uk/boot.h>

void uk_kvm_map_gib(uint64_t paddr, uint64_t *table)
{
	uint64_t *entry = &uk_boot_tables[1][paddr >> GIB_SHIFT & (ENTRIES - 1)];

	const bool is_image = (char *)table >= __image_start && (char *)table < __image_end;

	if (*entry)
		return;
	paddr = (paddr >> GIB_SHIFT << GIB_SHIFT) | PTE_RW | PTE_LARGE;
	for (size_t i = 0; i < ENTRIES; i++, paddr += LARGE_BYTES)
		table[i] = paddr;
	*entry = (is_image ? physical(table) : (uintptr_t)table) | PTE_TABLE;
}

void uk_kvm_map_all(struct kvm_boot *b)
{
	for (size_t i = 0; i < b->ram_len; i++) {
		uint64_t end = b->ram[i].base + b->ram[i].bytes;

		for (uint64_t p = b->ram[i].base; p < end; p = ((p >> GIB_SHIFT) + 1) << GIB_SHIFT)
			if (!uk_boot_tables[1][p >> GIB_SHIFT & (ENTRIES - 1)])
				uk_kvm_map_gib(p, (uint64_t *)uk_kvm_take(b, UK_PAGE_BYTES));
	}
}
