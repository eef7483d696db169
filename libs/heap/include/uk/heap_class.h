/* SPDX-License-Identifier: BSD-2-Clause */
/* What every slab heap counts and computes alike; for heaps only. */
#ifndef UK_HEAP_CLASS_H
#define UK_HEAP_CLASS_H

#include <stddef.h>
#include <stdint.h>
#include <uk/heap.h>
#include <uk/pages.h>
#include <uk/plat.h>

enum {
	UK_SLOT_MIN = 16,
	UK_SLOT_MAX = 2048,   /* larger blocks are runs of pages */
	UK_SLOT_LINEAR = 128, /* classes 16, 32 ... 128, then four to each power of two */
	UK_HEAP_LINEAR_CLASSES = UK_SLOT_LINEAR / UK_SLOT_MIN,
	UK_HEAP_CLASSES = UK_HEAP_LINEAR_CLASSES + 4 * 4,
};

/* Bytes of a slot; 129 .. 2048 in steps of a quarter of the power of two below. */
static inline uint32_t uk_heap_class_bytes(uint32_t class)
{
	uint32_t step = class - UK_HEAP_LINEAR_CLASSES;

	if (class < UK_HEAP_LINEAR_CLASSES)
		return (class + 1) * UK_SLOT_MIN;
	return (5 + step % 4) << (5 + step / 4);
}

static inline uint32_t uk_heap_class(size_t bytes)
{
	uint32_t last, log;

	if (bytes <= UK_SLOT_LINEAR)
		return bytes ? ((uint32_t)bytes - 1) / UK_SLOT_MIN : 0;
	last = (uint32_t)bytes - 1;
	log = 31 - (uint32_t)__builtin_clz(last); /* 7 for 129 .. 256 */
	return UK_HEAP_LINEAR_CLASSES + 4 * (log - 7) + ((last >> (log - 2)) & 3);
}

static inline void uk_heap_count(size_t plus, size_t minus)
{
	uint64_t now = uk_stats[UK_STAT_HEAP_NOW] + plus - minus;

	uk_stats[UK_STAT_HEAP_NOW] = now;
	if (now > uk_stats[UK_STAT_HEAP_PEAK])
		uk_stats[UK_STAT_HEAP_PEAK] = now;
}

static inline void uk_heap_count_less(size_t minus)
{
	uk_stats[UK_STAT_HEAP_NOW] -= minus;
}

static inline size_t uk_heap_pages(size_t bytes)
{
	return bytes / UK_PAGE_BYTES + (bytes % UK_PAGE_BYTES != 0);
}

/* The class for a slot that is aligned to `align` too: slots of a power of two are aligned to their size. */
static inline uint32_t uk_heap_class_aligned(size_t align, size_t bytes)
{
	size_t slot = bytes > align ? bytes : align;

	return uk_heap_class(slot & (slot - 1) ? 2ul << (63 - __builtin_clzl(slot)) : slot);
}

/* Block p of `have` bytes as a new one of `bytes`; NULL leaves it as it was. */
static inline void *uk_heap_move(void *p, size_t have, size_t bytes)
{
	void *new = uk_heap_alloc(bytes);

	if (!new)
		return NULL;
	__builtin_memcpy(new, p, have < bytes ? have : bytes);
	uk_heap_free(p);
	return new;
}

#endif
