/* SPDX-License-Identifier: BSD-2-Clause */
/* The hardened heap's own tables and the two halves of it. All of it lies in the platform's metadata region. */
#ifndef UK_HARDENED_HEAP_H
#define UK_HARDENED_HEAP_H

#include <stddef.h>
#include <stdint.h>
#include <uk/heap_class.h>
#include <uk/shuffled.h>

enum {
	SLOTS_MAX = 128,
	SLAB_WORDS = SLOTS_MAX / 64,
	CANARY_BYTES = 8,
	NO_SLAB = 0,
	QUARANTINE = 128, /* slots that wait: each for so many frees */
	DRAWN_BYTES = 512,
	/*
	 * Empty slabs are kept, for a new one has to be cleared first: so many pages of them, and one more for each
	 * EMPTY_SHARE of memory.
	 */
	EMPTY_KEPT = 8,
	EMPTY_SHARE = 64,
};

/* A run of pages cut into slots of one class. A slot that is neither free nor live is in the quarantine. */
struct UK_SHUFFLED slab {
	uint64_t free[SLAB_WORDS], live[SLAB_WORDS];
	uintptr_t base;
	uint64_t canary; /* at the end of each slot; its lowest byte is zero */
	uint32_t next,
		prev; /* slabs of the class with a free slot, as indexes; NO_SLAB at the ends */
	uint16_t bytes, slots, free_count;
	uint8_t class, pages;
};
static const UK_SHUFFLED_RECORD(slab, UK_AT(slab, free), UK_AT(slab, live), UK_AT(slab, base),
				UK_AT(slab, canary), UK_AT(slab, next), UK_AT(slab, prev),
				UK_AT(slab, bytes), UK_AT(slab, slots), UK_AT(slab, free_count),
				UK_AT(slab, class), UK_AT(slab, pages));

/* A slot in the quarantine: which slab (NO_SLAB: none), which slot. */
struct held {
	uint32_t slab, slot;
};

struct UK_SHUFFLED heap {
	uint64_t large_canary;
	struct slab *table; /* entry NO_SLAB is never used */
	uint32_t table_len, table_used;
	uint32_t spare; /* entries given back, linked by next */
	uint32_t partial[UK_HEAP_CLASSES];
	uint32_t empty_pages, empty_most; /* of slabs without a slot in use, among those */
	uint32_t queue_at, drawn_at;
	struct held queue[QUARANTINE];
	uint8_t drawn[DRAWN_BYTES];
};
static const UK_SHUFFLED_RECORD(heap, UK_AT(heap, large_canary), UK_AT(heap, table),
				UK_AT(heap, table_len), UK_AT(heap, table_used), UK_AT(heap, spare),
				UK_AT(heap, partial), UK_AT(heap, empty_pages),
				UK_AT(heap, empty_most), UK_AT(heap, queue_at),
				UK_AT(heap, drawn_at), UK_AT(heap, queue), UK_AT(heap, drawn));

/* Not inlined: the verifier looks for the calls. */

/* Random bytes from the image's generator, which is asked for many at once. */
__attribute__((noinline)) void uk_heap_draw_more(struct heap *h);
static inline uint32_t heap_draw(struct heap *h) /* below 256; there must be one */
{
	return h->drawn[h->drawn_at++];
}
uint64_t uk_heap_draw_canary(struct heap *h);
/* Takes a slot in; returns the one that has waited longest, or one of NO_SLAB. */
__attribute__((noinline)) struct held uk_heap_hold(struct heap *h, struct held in);
/* Any slot of those that wait, for when memory runs out; of NO_SLAB: none does. */
struct held uk_heap_let_go(struct heap *h);

#endif
