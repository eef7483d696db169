/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The final page tables, built once. What mechanisms asked for in struct uk_layout is all that differs
 * from everything mapped with every right. No table is mapped in them when rights are enforced.
 *
 * The boot's own tables share every part but the image: while the boot runs, the image must have its boot
 * pages and be writable, at its final address already.
 */
#include <uk/platform.h>
#include <uk/pte.h>
#include <uk/x86.h>

#include "pvh.h"

#include <uk/boot.h>

#define CPUID_80000001_EDX_NX (1U << 20)

uint64_t uk_pvh_root;
bool uk_pvh_is_roinit_sealed;
uint64_t uk_pvh_text_rights = PTE_RO;

/* Of entries that lead to tables: what a page may be, each of them must allow. */
static uint64_t table_rights = PTE_TABLE;

/* Pages for tables: physical, not mapped in the result. */
static uint64_t pool_next, pool_end;

static uint64_t *take_table(void)
{
	uint64_t *table = (uint64_t *)pool_next;

	if (pool_next == pool_end)
		uk_trap("memory");
	pool_next += UK_PAGE_BYTES;
	fill_words(table, 0, ENTRIES);
	return table;
}

static uint64_t *descend(uint64_t *table, uintptr_t va, unsigned int shift)
{
	uint64_t *entry = &table[va >> shift & (ENTRIES - 1)];

	if (!*entry)
		*entry = (uintptr_t)take_table() | table_rights;
	return (uint64_t *)(*entry & PTE_ADDRESS);
}

/* Whole pages; 2 MiB ones wherever both addresses and the rest allow. */
static void map(uint64_t *root, uintptr_t va, uint64_t pa, size_t bytes, uint64_t rights)
{
	while (bytes) {
		uint64_t *dir = descend(descend(root, va, ROOT_SHIFT), va, GIB_SHIFT), *table;
		size_t i = va >> PAGE_SHIFT & (ENTRIES - 1);

		if (!((va | pa) & (LARGE_BYTES - 1)) && bytes >= LARGE_BYTES) {
			dir[va >> LARGE_SHIFT & (ENTRIES - 1)] = pa | rights | PTE_LARGE;
			va += LARGE_BYTES;
			pa += LARGE_BYTES;
			bytes -= LARGE_BYTES;
			continue;
		}
		table = descend(dir, va, LARGE_SHIFT);
		for (; i < ENTRIES && bytes; i++) {
			table[i] = pa | rights;
			va += UK_PAGE_BYTES;
			pa += UK_PAGE_BYTES;
			bytes -= UK_PAGE_BYTES;
		}
	}
}

/* Rounds to whole pages: with rights the linker script has done so. */
static void map_image(uint64_t *root, const struct uk_layout *l, const char *from, const char *to,
		      uint64_t rights)
{
	uintptr_t pa = (uintptr_t)from & ~(uintptr_t)(UK_PAGE_BYTES - 1);
	uintptr_t end = ((uintptr_t)to + UK_PAGE_BYTES - 1) & ~(uintptr_t)(UK_PAGE_BYTES - 1);

	map(root, l->image_base + (pa - (uintptr_t)__image_start), pa, end - pa, rights);
}

/*
 * The word at the upper end of a shadow stack, by which the processor knows it: of one that a fault or the
 * boot's end switches to its own address, bit 0 clear as long as it is free (SDM vol. 1, 17.2.3); of a
 * thread's, for rstorssp, the address behind it and a bit for 64-bit mode (17.2.5).
 */
static uint64_t shadow_token(size_t slot, uint64_t top)
{
	const bool is_thread = slot >= UK_SLOT_CALLS + UK_SLOT_THREADS;

	return is_thread ? top | 1 : top - sizeof(uint64_t);
}

static void map_stacks(uint64_t *root, uint64_t pa, uint64_t rights)
{
	for (size_t i = 0; i < UK_SLOT_DEVICES; i++) {
		const struct uk_range *s = &uk_map.slots[i];

		if (i >= UK_SLOT_CALLS && s->bytes) {
			((uint64_t *)(pa + s->bytes))[-1] = shadow_token(i, s->base + s->bytes);
			rights = PTE_SHADOW | (rights & PTE_NX);
		}
		map(root, s->base, pa, s->bytes, rights);
		pa += s->bytes;
	}
}

static void map_devices(uint64_t *root, const struct uk_boot *b, uint64_t rights)
{
	for (size_t i = 0; i < UK_DEVICES_MAX; i++)
		map(root, uk_map.slots[UK_SLOT_DEVICES + i].base, b->devices[i].base,
		    b->devices[i].bytes, rights);
}

/* Tables that a mapping may need: two ends at each level, and what lies between them. */
static size_t tables_for(size_t bytes)
{
	return 6 + (bytes >> LARGE_SHIFT) + (bytes >> GIB_SHIFT);
}

static size_t tables_at_most(const struct uk_boot *b)
{
	size_t n =
		1 + 2 * tables_for((size_t)(__image_end - __image_start)) +
		tables_for(UK_NULL_GUARD_BYTES) +
		(CONFIG_NEEDS_SHADOW ? 2 : 1) * tables_for(uk_map.stack_end - uk_map.stack_base) +
		(CONFIG_NEEDS_UNSAFE_STACK ? tables_for(uk_map.unsafe_end - uk_map.unsafe_base)
					   : 0);

	for (size_t i = 0; i < UK_DEVICES_MAX; i++)
		n += b->devices[i].bytes ? tables_for(b->devices[i].bytes) : 0;
	for (size_t i = 0; i < b->ram_len; i++)
		n += 6 + (b->ram[i].bytes >> GIB_SHIFT);
	return n;
}

/*
 * All memory but the image, stacks and, with rights, the tables. The region that the tables came from goes
 * last, so that unused ones in its first 2 MiB, which are mapped by then, can be given back: all but one
 * that stays unmapped below the heap when guards are asked for.
 */
static void map_ram(struct uk_boot *b, uint64_t *root, const struct uk_layout *l, uint64_t pool,
		    uint64_t rights)
{
	struct uk_range *last = NULL;
	uint64_t unused;

	for (size_t i = 0; i < b->ram_len; i++) {
		struct uk_range *r = &b->ram[i];

		if (r->base == pool_end)
			last = r;
		else
			map(root, l->ram_base + r->base, r->base, r->bytes, rights);
	}
	if (!l->is_rights_enforced)
		map(root, l->ram_base + pool, pool, pool_next - pool, rights);
	map(root, l->ram_base + last->base, last->base, last->bytes, rights);
	unused = pool_next + (l->guard_bytes ? UK_PAGE_BYTES : 0);
	/* The tables of this 2 MiB are there: nothing below takes a page of the pool. */
	if (unused >> LARGE_SHIFT == last->base >> LARGE_SHIFT && unused < last->base) {
		map(root, l->ram_base + unused, unused, last->base - unused, rights);
		last->bytes += last->base - unused;
		last->base = unused;
	}
}

void uk_boot_tables(struct uk_boot *b, const struct uk_layout *l, uint64_t stacks)
{
	size_t bytes = tables_at_most(b) * UK_PAGE_BYTES;
	uint64_t pool = uk_boot_take(b, bytes), *boot_root = uk_pvh_tables[0], *root;
	uint64_t data = PTE_RW;

	pool_next = pool;
	pool_end = pool + bytes;
	root = take_table();
	if (l->is_rights_enforced) {
		uint32_t regs[4];

		cpuid(0x80000001, 0, regs);
		if (!(regs[3] & CPUID_80000001_EDX_NX))
			uk_trap("no-execute");
		data = PTE_RW | PTE_NX;
		if (CONFIG_NEEDS_EXECUTE_ONLY && l->is_text_hidden) {
			uk_pvh_text_rights = PTE_RO | PTE_USER | PVH_TEXT_KEY << PTE_KEY_SHIFT;
			table_rights = PTE_TABLE | PTE_USER;
			uk_pvh_hide_text();
		}
		map_image(root, l, __text_start, __text_end, uk_pvh_text_rights);
		map_image(root, l, __rodata_start, __rodata_end, PTE_RO | PTE_NX);
		uk_pvh_is_roinit_sealed = l->is_roinit_sealed;
		map_image(root, l, __roinit_start, __roinit_end,
			  l->is_roinit_sealed ? PTE_RO | PTE_NX : data);
		map_image(root, l, __data_start, __image_end, data);
	} else {
		map_image(root, l, __image_start, __image_end, PTE_RW);
	}
	if (!l->is_null_unmapped)
		map(root, 0, 0, UK_NULL_GUARD_BYTES, data);
	map_stacks(root, stacks, data);
	map_devices(root, b, data);
	if (CONFIG_NEEDS_BOOT_RELOC && l->image_base != (uintptr_t)__image_start)
		map_image(boot_root, l, __image_start, __image_end, PTE_RW);
	map_ram(b, root, l, pool, data);
	/* The image's own part is there already, at its link address or by the mapping above. */
	for (size_t i = 1; i < ENTRIES; i++)
		if (!boot_root[i])
			boot_root[i] = root[i];
	if (CONFIG_NEEDS_CET_SHADOW || CONFIG_NEEDS_CET_BRANCH)
		uk_pvh_cet = (l->is_call_shadowed ? PVH_CET_SHADOW : 0) |
			     (l->is_branch_tracked ? PVH_CET_BRANCH : 0);
	uk_pvh_root = (uintptr_t)root;
	uk_stats[UK_STAT_PT_PAGES] = (pool_next - pool) / UK_PAGE_BYTES;
}
