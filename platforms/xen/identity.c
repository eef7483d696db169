/* SPDX-License-Identifier: BSD-2-Clause */
/* The linear mapping: Xen's own tables, continued with tables of ours until all memory is in it. */
#include "call.h"
#include "pv.h"

#include <uk/boot.h>

enum {
	/* Its tables come from memory that is mapped already: Xen leaves 512 KiB at least. */
	STEP_BYTES = 32 * LARGE_BYTES,
};

/* One more table of leaves, for the 2 MiB from `physical` on. */
static void add_table(struct uk_boot *b, uint64_t physical)
{
	const uint64_t left = (uk_xen_pv.bytes - physical) >> PAGE_SHIFT,
		       table = uk_xen_pv_take_table(b);
	const uint64_t *frames = uk_xen_pv.frames + (physical >> PAGE_SHIFT);
	uint64_t *entries = (uint64_t *)(uintptr_t)table;
	const size_t n = left < ENTRIES ? left : ENTRIES;

	for (size_t i = 0; i < n; i++)
		entries[i] = frames[i] << PAGE_SHIFT | PTE_RW;
	/* Xen takes no page for a table that could be written without asking. */
	uk_xen_pv_change(table, UK_PAGE_BYTES, 0, PTE_WRITE);
	uk_xen_pv_update(uk_xen_pv_find(physical, LARGE_SHIFT).at, pv_machine(table) | PTE_TABLE);
}

/* The table above those, where a GiB begins that has none. */
static void add_directory(struct uk_boot *b, uint64_t physical)
{
	const struct pv_entry e = uk_xen_pv_find(physical, GIB_SHIFT);
	uint64_t table;

	if (*e.entry)
		return;
	table = uk_xen_pv_take_table(b);
	uk_xen_pv_change(table, UK_PAGE_BYTES, 0, PTE_WRITE);
	uk_xen_pv_update(e.at, pv_machine(table) | PTE_TABLE);
	uk_xen_pv_flush();
}

void uk_xen_pv_map_linear(struct uk_boot *b)
{
	while (b->mapped_bytes < uk_xen_pv.bytes) {
		const uint64_t left = uk_xen_pv.bytes - b->mapped_bytes;
		const uint64_t end = b->mapped_bytes + (left < STEP_BYTES ? left : STEP_BYTES);

		for (uint64_t p = b->mapped_bytes; p < end; p += LARGE_BYTES) {
			add_directory(b, p);
			add_table(b, p);
		}
		uk_xen_pv_flush();
		b->mapped_bytes = end;
	}
}

void uk_xen_pv_give(struct uk_boot *b, uint64_t from, uint64_t to)
{
	size_t i = b->ram_len;

	if (from >= to)
		return;
	while (i && b->ram[i - 1].base > from)
		i--;
	if (i && b->ram[i - 1].base + b->ram[i - 1].bytes == from) {
		b->ram[i - 1].bytes += to - from;
	} else if (i < b->ram_len && b->ram[i].base == to) {
		b->ram[i].base = from;
		b->ram[i].bytes += to - from;
	} else if (b->ram_len < UK_RAM_MAX) {
		for (size_t k = b->ram_len++; k > i; k--)
			b->ram[k] = b->ram[k - 1];
		b->ram[i] = (struct uk_range){from, to - from};
	}
}

void uk_xen_pv_give_spare(struct uk_boot *b)
{
	const struct pv_boot *pv = &uk_xen_pv;
	const uint64_t frames = (uintptr_t)pv->frames;
	const size_t bytes = ((pv->bytes >> PAGE_SHIFT) * sizeof(*pv->frames) + UK_PAGE_BYTES - 1) &
			     ~(size_t)(UK_PAGE_BYTES - 1);

	if (!CONFIG_NEEDS_GRANTS) {
		uk_xen_pv_give(b, pv->spare.base, pv->spare.base + pv->spare.bytes);
		return;
	}
	uk_xen_pv_frames = frames;
	uk_xen_pv_change(frames, bytes, 0, PTE_WRITE);
	uk_xen_pv_give(b, pv->spare.base, frames);
	uk_xen_pv_give(b, frames + bytes, pv->spare.base + pv->spare.bytes);
}

/* Nothing moves: what Xen shares stays where the boot sees it. */
void uk_boot_map_all(struct uk_boot *b)
{
	for (size_t i = 0; i < UK_DEVICES_MAX; i++)
		uk_map.slots[UK_SLOT_DEVICES + i].base = uk_xen_pv.devices[i];
	uk_xen_pv_give_spare(b);
	uk_xen_pv_flush();
}
