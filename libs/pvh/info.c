/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the loader left: memory map, modules, command line (Xen public/arch-x86/hvm/start_info.h). */
#include <uk/platform.h>
#include <uk/pvh.h>

#include <uk/random.h>

#include "pvh.h"

#include <uk/boot.h>

#define START_INFO_MAGIC 0x336ec578 /* XEN_HVM_START_MAGIC_VALUE */
#define MEMMAP_TYPE_RAM 1           /* XEN_HVM_MEMMAP_TYPE_RAM */

struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist_paddr, cmdline_paddr, rsdp_paddr;
	uint64_t memmap_paddr; /* version 1 and later, as the two below */
	uint32_t memmap_entries, reserved;
};
struct module {
	uint64_t paddr, bytes, cmdline_paddr, reserved;
};
struct memmap_entry {
	uint64_t addr, bytes;
	uint32_t type, reserved;
};

/* Loaders sort the map by address. */
static void read_memmap(struct uk_boot *b, const struct start_info *info)
{
	const struct memmap_entry *e = (const struct memmap_entry *)info->memmap_paddr;

	for (const struct memmap_entry *end = e + info->memmap_entries; e < end; e++)
		if (e->type == MEMMAP_TYPE_RAM)
			uk_boot_add_ram(b, e->addr, e->addr + e->bytes);
}

static void read_module(struct uk_boot *b, const struct module *m)
{
	static uint64_t table[512] UK_PVH_TABLE;

	if (m->bytes < UK_RANDOM_SEED_BYTES)
		return;
	/* Loaders put modules at the top of memory, maybe above the first GiB. */
	uk_pvh_map_gib(m->paddr, table);
	b->seed = (const uint8_t *)m->paddr;
	b->seed_bytes = m->bytes;
}

bool uk_pvh_info(const void *start_info, struct uk_boot *b)
{
	const struct start_info *info = start_info;
	const bool has_memmap = info->version >= 1;

	if (info->magic != START_INFO_MAGIC)
		uk_trap("start-info");
	b->mapped_bytes = PVH_MAPPED_BYTES;
	uk_boot_cmdline(b, (const char *)info->cmdline_paddr);
	if (has_memmap)
		read_memmap(b, info);
	if ((CONFIG_NEEDS_ENTROPY || CONFIG_NEEDS_SEED) && info->nr_modules)
		read_module(b, (const struct module *)info->modlist_paddr);
	return has_memmap;
}
