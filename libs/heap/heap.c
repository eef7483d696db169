/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap: slabs of equal slots for small blocks, runs of pages for large ones. Everything the heap
 * knows about a block is kept apart from it, in a table that lies below all blocks: no link, size or
 * flag stands beside user data, so an overflow finds nothing to forge. A pointer given back must be the
 * start of a live block: given back twice, inside of a block, or of no block at all, it is a trap.
 */
#include <stdbool.h>
#include <stdint.h>
#include <uk/heap.h>
#include <uk/heap_class.h>
#include <uk/pages.h>
#include <uk/plat.h>
#include <uk/shuffled.h>
#include <uk/trap.h>

enum {
	MAP_WORDS = UK_PAGE_BYTES / UK_SLOT_MIN / 64,
};

/* A run of pages cut into slots of one class. */
struct UK_SHUFFLED slab {
	uint64_t free[MAP_WORDS]; /* bit set: slot is free */
	struct slab *next, *prev; /* among the class's slabs with a free slot */
	uintptr_t base;
	uint16_t free_count, slots;
	uint16_t class, bytes; /* of a slot */
};
static const UK_SHUFFLED_RECORD(slab, UK_AT(slab, free), UK_AT(slab, next), UK_AT(slab, prev),
				UK_AT(slab, base), UK_AT(slab, free_count), UK_AT(slab, slots),
				UK_AT(slab, class), UK_AT(slab, bytes));

/*
 * All slabs there can be: one a page at most. One run, taken before any block, so that it lies below
 * them; memory is touched only for entries in use.
 */
static struct slab *table;
static size_t table_len, table_used;
static struct slab *spare; /* entries given back, linked by next */

static struct slab *partial[UK_HEAP_CLASSES];

/* Owner of the runs that are one block each; its address is all that counts. */
static char large_owner;

/* Pages of a slab: at least seven slots in each. */
static uint32_t class_pages(uint32_t bytes)
{
	return bytes <= 512 ? 1 : bytes <= 1024 ? 2 : 4;
}

static void list_add(struct slab *s)
{
	s->prev = NULL;
	s->next = partial[s->class];
	if (s->next)
		s->next->prev = s;
	partial[s->class] = s;
}

static void list_remove(struct slab *s)
{
	if (s->next)
		s->next->prev = s->prev;
	if (s->prev)
		s->prev->next = s->next;
	else
		partial[s->class] = s->next;
}

static bool init_table(void)
{
	size_t bytes = uk_pages_count().total * sizeof(struct slab);
	size_t pages = (bytes + UK_PAGE_BYTES - 1) / UK_PAGE_BYTES;

	table = uk_pages_alloc(pages, 1);
	table_len = table ? bytes / sizeof(struct slab) : 0;
	return table;
}

static struct slab *take_entry(void)
{
	struct slab *s = spare;

	if (s) {
		spare = s->next;
		return s;
	}
	if ((!table && !init_table()) || table_used == table_len)
		return NULL;
	return &table[table_used++];
}

static struct slab *new_slab(uint32_t class)
{
	uint32_t bytes = uk_heap_class_bytes(class), pages = class_pages(bytes);
	struct slab *s = take_entry();
	void *run;

	if (!s)
		return NULL;
	run = uk_pages_alloc(pages, 1);
	if (!run) {
		s->next = spare;
		spare = s;
		return NULL;
	}
	s->base = (uintptr_t)run;
	s->class = (uint16_t)class;
	s->slots = (uint16_t)(pages * UK_PAGE_BYTES / bytes);
	s->free_count = s->slots;
	s->bytes = (uint16_t)bytes;
	for (uint32_t k = 0; k < s->slots / 64u; k++)
		s->free[k] = ~0ull;
	if (s->slots % 64)
		s->free[s->slots / 64] = (1ull << s->slots % 64) - 1;
	uk_pages_set_owner_all(run, s);
	list_add(s);
	return s;
}

static void drop_slab(struct slab *s)
{
	list_remove(s);
	uk_pages_free((void *)s->base);
	s->next = spare;
	spare = s;
}

static void *alloc_slot(uint32_t class)
{
	struct slab *s = partial[class];
	uint32_t word = 0, slot;

	if (!s)
		s = new_slab(class);
	if (!s)
		return NULL;
	while (!s->free[word])
		word++;
	slot = word * 64 + (uint32_t)__builtin_ctzll(s->free[word]);
	s->free[word] &= s->free[word] - 1;
	if (--s->free_count == 0)
		list_remove(s);
	uk_heap_count(s->bytes, 0);
	return (void *)(s->base + (uintptr_t)slot * s->bytes);
}

/* The slot of p, which must be a live block of s. */
static uint32_t live_slot(const struct slab *s, const void *p)
{
	uint32_t offset = (uint32_t)((uintptr_t)p - s->base);
	uint32_t slot = offset / s->bytes;

	if (slot * s->bytes != offset || slot >= s->slots || s->free[slot / 64] >> slot % 64 & 1)
		uk_trap("heap");
	return slot;
}

static void free_slot(struct slab *s, const void *p)
{
	uint32_t slot = live_slot(s, p);

	s->free[slot / 64] |= 1ull << slot % 64;
	uk_heap_count_less(s->bytes);
	if (s->free_count++ == 0)
		list_add(s);
	/* One empty slab of a class is kept: a program that frees and takes in turn needs it. */
	else if (s->free_count == s->slots && (s->next || s->prev))
		drop_slab(s);
}

static void *alloc_large(size_t bytes, size_t align_pages)
{
	size_t pages = uk_heap_pages(bytes);
	void *run;

	if (!table && !init_table())
		return NULL;
	run = uk_pages_alloc(pages, align_pages);
	if (!run)
		return NULL;
	uk_pages_set_owner(run, &large_owner);
	uk_heap_count(pages * UK_PAGE_BYTES, 0);
	return run;
}

/* Pages of the live block p, which is no slot. */
static size_t live_pages(const void *p)
{
	size_t pages = uk_pages_length(p);

	if (!pages || uk_pages_owner(p) != &large_owner)
		uk_trap("heap");
	return pages;
}

/* The slab of p, or NULL when p is not in a slab (a large block, or nothing of the heap). */
static struct slab *slab_of(const void *p)
{
	void *owner = uk_pages_owner(p);

	return owner == &large_owner ? NULL : owner;
}

void *uk_heap_alloc(size_t bytes)
{
	if (bytes <= UK_SLOT_MAX)
		return alloc_slot(uk_heap_class(bytes));
	return alloc_large(bytes, 1);
}

void *uk_heap_alloc_zeroed(size_t bytes)
{
	void *p = uk_heap_alloc(bytes);

	return p ? __builtin_memset(p, 0, bytes) : NULL;
}

void *uk_heap_alloc_aligned(size_t align, size_t bytes)
{
	if (align <= UK_HEAP_ALIGN)
		return uk_heap_alloc(bytes);
	if (align <= UK_SLOT_MAX && bytes <= UK_SLOT_MAX)
		return alloc_slot(uk_heap_class_aligned(align, bytes));
	return alloc_large(bytes ? bytes : 1, align > UK_PAGE_BYTES ? align / UK_PAGE_BYTES : 1);
}

void uk_heap_free(void *p)
{
	struct slab *s;

	if (!p)
		return;
	s = slab_of(p);
	if (s) {
		free_slot(s, p);
	} else {
		uk_heap_count_less(live_pages(p) * UK_PAGE_BYTES);
		uk_pages_free(p);
	}
}

size_t uk_heap_usable(const void *p)
{
	const struct slab *s;

	if (!p)
		return 0;
	s = slab_of(p);
	if (!s)
		return live_pages(p) * UK_PAGE_BYTES;
	live_slot(s, p);
	return s->bytes;
}

/* A large block stays large and in place when there is room behind it. */
static bool resize_in_place(void *p, size_t have, size_t bytes)
{
	if (have <= UK_SLOT_MAX)
		return bytes <= UK_SLOT_MAX && uk_heap_class(bytes) == uk_heap_class(have);
	if (bytes <= UK_SLOT_MAX || !uk_pages_resize(p, uk_heap_pages(bytes)))
		return false;
	uk_heap_count(uk_heap_pages(bytes) * UK_PAGE_BYTES, have);
	return true;
}

void *uk_heap_resize(void *p, size_t bytes)
{
	size_t have;

	if (!p)
		return uk_heap_alloc(bytes);
	have = uk_heap_usable(p);
	return resize_in_place(p, have, bytes) ? p : uk_heap_move(p, have, bytes);
}
