/* SPDX-License-Identifier: BSD-2-Clause */
/* Page-table entries and the levels of the tables (Intel SDM vol. 3, 4.5). Boot code only. */
#ifndef PVH_PTE_H
#define PVH_PTE_H

#define PTE_PRESENT 0x1ULL
#define PTE_WRITE 0x2ULL
#define PTE_USER 0x4ULL
#define PTE_LARGE 0x80ULL /* in a directory: a 2 MiB page */
#define PTE_NX (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL

/* Accessed and dirty are set from the start, so that the processor never writes tables. */
#define PTE_RO 0x61ULL
#define PTE_RW 0x63ULL
#define PTE_TABLE PTE_RW

enum {
	ENTRIES = 512, /* of a table */
	LEVEL_BITS = 9,
	/* Lowest bit of an address that each level's index takes. */
	PAGE_SHIFT = 12,
	LARGE_SHIFT = 21,
	GIB_SHIFT = 30,
	ROOT_SHIFT = 39,
	LARGE_BYTES = 1 << LARGE_SHIFT,
};

#endif
