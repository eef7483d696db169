/* SPDX-License-Identifier: BSD-2-Clause */
/* What is where once the boot has settled it: memory for the allocator, stacks, guards. */
#include <uk/platform.h>

struct uk_map uk_map __attribute__((section(".bss.roinit")));
uintptr_t uk_shadow_distance __attribute__((section(".bss.roinit")));

size_t uk_plat_ram(const struct uk_ram **ret_regions)
{
	*ret_regions = uk_map.ram;
	return uk_map.ram_len;
}

int uk_plat_thread_stack(size_t slot, uintptr_t *ret_base, size_t *ret_bytes)
{
	if (slot >= CONFIG_PLAT_THREAD_STACKS)
		return -1;
	*ret_base = uk_map.slots[UK_SLOT_THREADS + slot].base;
	*ret_bytes = uk_map.slots[UK_SLOT_THREADS + slot].bytes;
	return 0;
}

void *uk_plat_metadata(size_t bytes)
{
	static size_t used;
	const struct uk_range *slot = &uk_map.slots[UK_SLOT_METADATA];
	void *p = (void *)(slot->base + used);

	bytes = (bytes + UK_METADATA_ALIGN - 1) & -(size_t)UK_METADATA_ALIGN;
	if (bytes > slot->bytes - used)
		return NULL;
	used += bytes;
	return p;
}
