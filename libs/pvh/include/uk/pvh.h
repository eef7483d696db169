/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PVH machine in ring 0, for the platforms that boot so: entry, page tables, faults. Boot code, but
 * for what handles faults. A platform adds console, clock, stop and uk_boot_info().
 */
#ifndef UK_PVH_H
#define UK_PVH_H

#include <stdbool.h>
#include <stdint.h>

struct uk_boot;

/*
 * Command line, memory map and first module of the hvm_start_info that the loader left. False when it
 * has no memory map (version 0): the rest is read, memory is the platform's to find. Traps "start-info"
 * when it is none.
 */
bool uk_pvh_info(const void *info, struct uk_boot *b);

/* A page table of the boot's own; image.ld puts them first, where they are page-aligned. */
#define UK_PVH_TABLE __attribute__((section(".boot.tables")))
/*
 * Maps the GiB that holds `paddr` at its physical address in the boot's own tables. `table` is a
 * UK_PVH_TABLE of the image or a page taken from memory.
 */
void uk_pvh_map_gib(uint64_t paddr, uint64_t table[512]);

#endif
