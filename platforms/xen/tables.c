/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The final mapping, built once, below the root that Xen made: it takes a page as a table only after a look at
 * each of its entries, so what it has looked at already is used again. Its tables of leaves, the linear
 * mapping, become the map of all memory: with no-execute in the tables above them, and without what must not
 * be mapped twice. Image, stacks and devices get tables of their own.
 *
 * Three steps, since the boot runs in what it changes: uk_boot_tables() enters the new mappings beside the
 * linear one, uk_xen_pv_drop_linear() takes that away once the boot runs at its final addresses, and
 * uk_boot_leave() what only the boot used.
 */
#include "call.h"
#include "pv.h"

#include <uk/x86.h>

#include <uk/boot.h>

#define CPUID_80000001_EDX_NX (1U << 20)

enum {
	TOPS_MAX = 8,
};

/* What the new mappings enter in the root: entry's number and physical address of the table. */
static struct top {
	size_t slot;
	uint64_t table;
} tops[TOPS_MAX];
static size_t tops_len;

/* What the root's first entry is in the end, where the linear mapping was. */
static uint64_t slot0;
/* How many tables of leaves Xen's own upper tables have a second time; 0 = they are the linear mapping's alone. */
static size_t shared_tables;

/* An entry of a new table, writable still; tables above it are made. */
static uint64_t *place(struct uk_boot *b, uintptr_t va, unsigned int shift)
{
	const size_t slot = va >> ROOT_SHIFT & (ENTRIES - 1);
	uint64_t *table;
	size_t i = 0;

	while (i < tops_len && tops[i].slot != slot)
		i++;
	if (i == tops_len) {
		if (i == TOPS_MAX)
			uk_trap("memory");
		tops[tops_len++] = (struct top){slot, uk_xen_pv_take_table(b)};
	}
	table = (uint64_t *)(uintptr_t)tops[i].table;
	for (unsigned int level = GIB_SHIFT; level > shift; level -= LEVEL_BITS) {
		uint64_t *entry = &table[va >> level & (ENTRIES - 1)];
		uint64_t next;

		if (!*entry) {
			next = uk_xen_pv_take_table(b);
			*entry = pv_machine(next) | PTE_TABLE;
		} else {
			next = machine_to_phys_mapping[(*entry & PTE_ADDRESS) >> PAGE_SHIFT]
			       << PAGE_SHIFT;
		}
		table = (uint64_t *)(uintptr_t)next;
	}
	return &table[va >> shift & (ENTRIES - 1)];
}

/* Whole pages of memory. */
static void map(struct uk_boot *b, uintptr_t va, uint64_t physical, size_t bytes, uint64_t rights)
{
	const uint64_t *frame = uk_xen_pv.frames + (physical >> PAGE_SHIFT);
	const uintptr_t end = va + bytes;

	while (va < end) {
		uint64_t *entry = place(b, va, PAGE_SHIFT);

		do {
			*entry++ = *frame++ << PAGE_SHIFT | rights;
			va += UK_PAGE_BYTES;
		} while (va < end && va & (LARGE_BYTES - 1));
	}
}

/* Rounds to whole pages: with rights the linker script has done so. */
static void map_image(struct uk_boot *b, const struct uk_layout *l, const char *from,
		      const char *to, uint64_t rights)
{
	uintptr_t pa = (uintptr_t)from & ~(uintptr_t)(UK_PAGE_BYTES - 1);
	uintptr_t end = ((uintptr_t)to + UK_PAGE_BYTES - 1) & ~(uintptr_t)(UK_PAGE_BYTES - 1);

	map(b, l->image_base + (pa - (uintptr_t)__image_start), pa, end - pa, rights);
}

/* Returns how much memory that is. */
static size_t map_stacks(struct uk_boot *b, uint64_t physical, uint64_t rights)
{
	const uint64_t start = physical;

	for (size_t i = 0; i < UK_SLOT_DEVICES; i++) {
		const struct uk_range *s = &uk_map.slots[i];

		map(b, s->base, physical, s->bytes, rights);
		physical += s->bytes;
	}
	return physical - start;
}

static void map_devices(struct uk_boot *b, uint64_t rights)
{
	for (size_t i = 0; i < UK_DEVICES_MAX; i++) {
		const struct uk_range *s = &uk_map.slots[UK_SLOT_DEVICES + i];

		for (size_t at = 0; at < s->bytes; at += UK_PAGE_BYTES)
			*place(b, s->base + at, PAGE_SHIFT) = (b->devices[i].base + at) | rights;
	}
}

/*
 * Xen's tables of leaves a second time, from ram_base on. Where its own upper tables have room at the drawn
 * place they serve there too: two tables that Xen need not look at.
 */
static void map_ram(struct uk_boot *b, const struct uk_layout *l, uint64_t no_execute)
{
	const size_t n = (uk_xen_pv.bytes + LARGE_BYTES - 1) >> LARGE_SHIFT;
	const size_t i = l->ram_base >> GIB_SHIFT & (ENTRIES - 1);
	const size_t k = l->ram_base >> LARGE_SHIFT & (ENTRIES - 1);
	const bool is_shared = i && k >= n && k + n <= ENTRIES;

	if (is_shared) {
		const uint64_t upper = *uk_xen_pv_find(0, ROOT_SHIFT).entry;
		const uint64_t lower = *uk_xen_pv_find(0, GIB_SHIFT).entry;

		uk_xen_pv_update(uk_xen_pv_find(l->ram_base, ROOT_SHIFT).at, upper);
		uk_xen_pv_update((upper & PTE_ADDRESS) + i * sizeof(uint64_t), lower);
		shared_tables = n;
	}
	for (size_t j = 0; j < n; j++) {
		const struct pv_entry from = uk_xen_pv_find(j << LARGE_SHIFT, LARGE_SHIFT);
		const uint64_t entry = (*from.entry & PTE_ADDRESS) | PTE_TABLE | no_execute;

		if (is_shared)
			uk_xen_pv_update(from.at + k * sizeof(uint64_t), entry);
		else
			*place(b, l->ram_base + (j << LARGE_SHIFT), LARGE_SHIFT) = entry;
	}
}

/* Tables are done: no writable mapping of them may remain, then Xen gets them. */
static void enter_tables(void)
{
	const struct pv_boot *pv = &uk_xen_pv;

	for (size_t i = 1; i < pv->tables_len; i++)
		uk_xen_pv_change(pv->tables[i].base, pv->tables[i].bytes, 0, PTE_WRITE);
	for (size_t i = 0; i < tops_len; i++) {
		const uint64_t table = pv_machine(tops[i].table);

		if (tops[i].slot) {
			const uintptr_t va = (uintptr_t)tops[i].slot << ROOT_SHIFT;

			uk_xen_pv_update(uk_xen_pv_find(va, ROOT_SHIFT).at, table | PTE_TABLE);
		} else {
			/* The linear mapping is in its place: only looked at. */
			struct mmuext_op pin = {.cmd = MMUEXT_PIN_L3_TABLE};

			pin.arg1.mfn = table >> PAGE_SHIFT;

			uk_xen_pv_flush();
			if (uk_xen_call(__HYPERVISOR_mmuext_op, (uintptr_t)&pin, 1, 0, DOMID_SELF))
				uk_trap("xen");
			slot0 = table | PTE_TABLE;
		}
	}
}

void uk_boot_tables(struct uk_boot *b, const struct uk_layout *l, uint64_t stacks)
{
	uint64_t data = PTE_RW, no_execute = 0;

	if (l->is_null_unmapped)
		uk_xen_pv_give(b, PV_LOW_FREE, UK_RAM_LOWEST);
	if (l->is_rights_enforced) {
		uint32_t regs[4];

		cpuid(0x80000001, 0, regs);
		if (!(regs[3] & CPUID_80000001_EDX_NX))
			uk_trap("no-execute");
		no_execute = PTE_NX;
		data = PTE_RW | PTE_NX;
		map_image(b, l, __boot_start, __boot_end, PTE_RW);
		map_image(b, l, __text_start, __text_end, PTE_RO);
		map_image(b, l, __rodata_start, __roinit_start, PTE_RO | PTE_NX);
		map_image(b, l, __roinit_start, __image_end, data);
	} else {
		map_image(b, l, __image_start, __image_end, PTE_RW);
	}
	if (!l->is_null_unmapped)
		map(b, 0, 0, UK_NULL_GUARD_BYTES, data);
	map_devices(b, data);
	map_ram(b, l, no_execute);
	/* Where nobody asked for anything else the stacks are where the map of all memory has them. */
	if (l->guard_bytes || l->is_random || l->is_shadowed || l->has_unsafe_stacks)
		uk_xen_pv_unmap(stacks, map_stacks(b, stacks, data));
	enter_tables();
	uk_xen_pv_give_spare(b);
	uk_xen_pv_flush();
	uk_xen_pv.is_sealed = l->is_rights_enforced;
	uk_xen_pv.is_roinit_sealed = l->is_roinit_sealed;
	uk_xen_pv.null_bytes = l->is_null_unmapped ? PV_LOW_FREE : 0;
}

/* Runs at the final addresses, where nothing uses linear ones any more. */
void uk_xen_pv_drop_linear(void)
{
	struct pv_boot *pv = &uk_xen_pv;
	const struct pv_entry root = uk_xen_pv_find(0, ROOT_SHIFT),
			      upper = uk_xen_pv_find(0, GIB_SHIFT),
			      lower = uk_xen_pv_find(0, LARGE_SHIFT);

	pv->window = uk_map.ram_base;
	uk_xen.shared = (volatile struct shared_info *)uk_map.slots[UK_SLOT_DEVICES].base;
	uk_xen_pv_update(root.at, slot0);
	if (shared_tables)
		uk_xen_pv_update(upper.at, 0);
	for (size_t i = 0; i < shared_tables; i++)
		uk_xen_pv_update(lower.at + i * sizeof(uint64_t), 0);
	uk_xen_pv_flush();
	uk_xen_pv_unmap(pv->window, pv->null_bytes);
	uk_xen_pv_unmap(pv->window + UK_LINK_ADDRESS, (size_t)(__image_end - __image_start));
	for (size_t i = 0; i < UK_DEVICES_MAX; i++)
		if (pv->devices[i] >= UK_LINK_ADDRESS)
			uk_xen_pv_unmap(pv->window + pv->devices[i], UK_PAGE_BYTES);
	uk_xen_pv_flush();
}
