/* SPDX-License-Identifier: BSD-2-Clause */
/* Page-table entries and the levels of the tables (Intel SDM vol. 3, 4.5). Platform code only. */
#ifndef UK_PTE_H
#define UK_PTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PTE_PRESENT 0x1ULL
#define PTE_WRITE 0x2ULL
#define PTE_USER 0x4ULL
#define PTE_DIRTY 0x40ULL
#define PTE_LARGE 0x80ULL /* in a directory: a 2 MiB page */
#define PTE_NX (1ULL << 63)
#define PTE_KEY_SHIFT 59 /* the page's protection key, 4 bits; it counts for user pages only */
#define PTE_KEYS (15ULL << PTE_KEY_SHIFT)
#define PTE_ADDRESS 0x000ffffffffff000ULL

/*
 * Accessed and dirty are set from the start, so that the processor never writes tables. Dirty and yet not
 * writable is how a page says that it is a shadow stack (SDM vol. 3, 4.6), so no other page may say so.
 */
#define PTE_RO 0x21ULL
#define PTE_RW 0x63ULL
#define PTE_SHADOW 0x61ULL
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

/* The first entry at or after `i` that is not zero, or ENTRIES. Tables are nearly empty. */
static inline size_t pte_next(const uint64_t *table, size_t i)
{
	const uint64_t *at = table + i;
	size_t left = ENTRIES - i;
	bool is_all_zero;

	if (!left)
		return ENTRIES;
	/* One instruction an entry, which no loop in C becomes. */
	__asm__("repe scasq"
		: "+D"(at), "+c"(left), "=@cce"(is_all_zero)
		: "a"(0ULL), "m"(*(const uint64_t(*)[ENTRIES])table));
	return is_all_zero ? ENTRIES : (size_t)(at - table) - 1;
}

#endif
