/* SPDX-License-Identifier: BSD-2-Clause */
/* What is where once the boot has settled it: memory for the allocator, stacks, guards. */
#include <uk/platform.h>

struct uk_map uk_map __attribute__((section(".bss.roinit")));
uintptr_t uk_shadow_distance __attribute__((section(".bss.roinit")));

bool uk_is_up __attribute__((section(".bss.roinit")));
struct uk_used uk_ram_used[UK_RAM_MAX][UK_USED_PIECES];

size_t uk_plat_ram(const struct uk_ram **ret_regions)
{
	*ret_regions = uk_map.ram;
	return uk_map.ram_len;
}

void uk_plat_ram_used(uintptr_t base, size_t bytes)
{
	const uintptr_t end = base + bytes;
	struct uk_used *u = NULL;

	for (size_t i = 0; i < uk_map.ram_len && !u; i++)
		if (base - uk_map.ram[i].base < uk_map.ram[i].bytes)
			u = uk_ram_used[i];
	if (!u)
		return;
	/* What neither touches the first piece nor begins it belongs to the second, with all in between. */
	if (u->to && (base < u->from || base > u->to))
		u++;
	if (!u->to || base < u->from)
		u->from = base;
	if (end > u->to)
		u->to = end;
}

int uk_plat_thread_stack(size_t slot, uintptr_t *ret_base, size_t *ret_bytes)
{
	if (slot >= CONFIG_PLAT_THREAD_STACKS)
		return -1;
	*ret_base = uk_map.slots[UK_SLOT_THREADS + slot].base;
	*ret_bytes = uk_map.slots[UK_SLOT_THREADS + slot].bytes;
	return 0;
}

uintptr_t uk_plat_thread_shadow(size_t slot)
{
	const struct uk_range *s;

	if (!CONFIG_NEEDS_CET_SHADOW || slot >= CONFIG_PLAT_THREAD_STACKS)
		return 0;
	s = &uk_map.slots[UK_SLOT_CALLS + UK_SLOT_THREADS + slot];
	return s->bytes ? s->base + s->bytes - sizeof(uint64_t) : 0;
}

uintptr_t uk_plat_thread_unsafe(size_t slot)
{
	const struct uk_range *s;

	if (!CONFIG_NEEDS_UNSAFE_STACK || slot >= CONFIG_PLAT_THREAD_STACKS)
		return 0;
	s = &uk_map.slots[UK_SLOT_UNSAFE + UK_SLOT_THREADS + slot];
	return s->bytes ? s->base + s->bytes : 0;
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
