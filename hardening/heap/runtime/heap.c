/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hardened heap. Small blocks are slots of slabs, large ones runs of pages, as in libs/heap; what is
 * different:
 *   - all tables lie in the platform's metadata region, far from every block, and are linked by indexes that
 *     are checked, never by pointers;
 *   - a slot is drawn at random among the free ones of its slab;
 *   - the last eight bytes of a slot are its slab's canary, checked when the slot is given back, resized and
 *     handed out;
 *   - a slot is cleared when it is given back, waits in the quarantine (quarantine.c), and must still be all
 *     zeros when it is handed out: who wrote to it meanwhile used it after it was freed;
 *   - a block that is given back must be live: again, in its middle, or what is no block, is a trap.
 * Large blocks end in a canary too and are cleared; no page can be unmapped around them, because page tables
 * never change after the boot.
 */
#include "heap.h"
#include <stdbool.h>
#include <uk/heap.h>
#include <uk/pages.h>
#include <uk/plat.h>
#include <uk/trap.h>

/* Two words at a time: with SSE2, which every x86-64 has. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias));

static struct heap *heap;

/* Owner of the runs that are one block each; its address is all that counts. */
static char large_owner;

/*
 * The checks, never inlined: the verifier finds them by name and counts their branches to the trap, so each
 * condition stays a branch of its own.
 */
__attribute__((noinline)) uint32_t uk_heap_check_live(const struct slab *s, const void *p);
__attribute__((noinline)) void uk_heap_check_untouched(const struct slab *s, const void *p);
__attribute__((noinline)) size_t uk_heap_check_large(const void *p);
/* The same for what clears a slot. */
__attribute__((noinline)) void uk_heap_clear(const struct slab *s, void *p);

static inline __attribute__((always_inline)) _Noreturn void trap(void)
{
	uk_trap("heap");
}

static inline __attribute__((always_inline)) void must(bool holds)
{
	if (!holds)
		trap();
	/* Keeps the compiler from joining this condition and the next. */
	__asm__ volatile("");
}

static bool init(void)
{
	size_t len;
	struct heap *h;

	if (heap)
		return true;
	len = uk_pages_count().total;
	h = uk_plat_metadata(sizeof(*h));
	if (!h)
		return false;
	__builtin_memset(h, 0, sizeof(*h));
	h->table = uk_plat_metadata((len + 1) * sizeof(struct slab));
	if (!h->table)
		return false;
	h->table_len = (uint32_t)len + 1;
	h->table_used = NO_SLAB + 1;
	h->drawn_at = DRAWN_BYTES;
	h->large_canary = uk_heap_draw_canary(h);
	heap = h;
	return true;
}

/* The class of blocks of `bytes`: from 32 up, so that a page has no more than SLOTS_MAX slots. */
static uint32_t class_for(size_t bytes)
{
	uint32_t class = uk_heap_class(bytes + CANARY_BYTES);

	return class ? class : 1;
}

/* Slabs of one page up to four, so that the larger slots have neighbours to be mixed with too. */
static uint32_t slab_pages(uint32_t bytes)
{
	return bytes <= 128 ? 1 : bytes <= 512 ? 2 : 4;
}

static struct slab *slab_at(uint32_t index)
{
	if (index == NO_SLAB || index >= heap->table_used)
		trap();
	return &heap->table[index];
}

static uint32_t index_of(const struct slab *s)
{
	return (uint32_t)(s - heap->table);
}

static void list_add(struct slab *s)
{
	uint32_t *first = &heap->partial[s->class];

	s->prev = NO_SLAB;
	s->next = *first;
	if (*first)
		slab_at(*first)->prev = index_of(s);
	*first = index_of(s);
}

static void list_remove(struct slab *s)
{
	if (s->next)
		slab_at(s->next)->prev = s->prev;
	if (s->prev)
		slab_at(s->prev)->next = s->next;
	else
		heap->partial[s->class] = s->next;
}

static uint64_t *canary_of(const struct slab *s, uint32_t slot)
{
	return (uint64_t *)(s->base + ((uintptr_t)slot + 1) * s->bytes - CANARY_BYTES);
}

static struct slab *take_entry(void)
{
	struct slab *s;

	if (heap->spare) {
		s = slab_at(heap->spare);
		heap->spare = s->next;
		return s;
	}
	return heap->table_used < heap->table_len ? &heap->table[heap->table_used++] : NULL;
}

static void give_entry(struct slab *s)
{
	s->base = 0;
	s->next = heap->spare;
	heap->spare = index_of(s);
}

static struct slab *new_slab(uint32_t class)
{
	uint32_t bytes = uk_heap_class_bytes(class), pages = slab_pages(bytes);
	struct slab *s = take_entry();
	void *run;

	if (!s)
		return NULL;
	run = uk_pages_alloc(pages, 1);
	if (!run) {
		give_entry(s);
		return NULL;
	}
	__builtin_memset(run, 0, pages * UK_PAGE_BYTES);
	*s = (struct slab){.base = (uintptr_t)run,
			   .canary = uk_heap_draw_canary(heap),
			   .bytes = (uint16_t)bytes,
			   .slots = (uint16_t)(pages * UK_PAGE_BYTES / bytes),
			   .class = (uint8_t)class};
	s->free_count = s->slots;
	for (uint32_t word = 0; word < s->slots / 64u; word++)
		s->free[word] = ~0ull;
	if (s->slots % 64)
		s->free[s->slots / 64] = (1ull << s->slots % 64) - 1;
	for (uint32_t slot = 0; slot < s->slots; slot++)
		*canary_of(s, slot) = s->canary;
	heap->empty[class]++;
	uk_pages_set_owner_all(run, s);
	list_add(s);
	return s;
}

static void drop_slab(struct slab *s)
{
	heap->empty[s->class]--;
	list_remove(s);
	uk_pages_free((void *)s->base);
	give_entry(s);
}

/* A free slot of s, drawn at random: the first one at or behind a random place, around the end. */
static uint32_t draw_slot(const struct slab *s)
{
	uint32_t from = uk_heap_draw(heap) * s->slots >> 8, word = from / 64;
	uint64_t ahead = s->free[word] & ~0ull << from % 64;

	for (uint32_t tries = 0; !ahead; tries++) {
		if (tries == SLAB_WORDS)
			trap();
		word = (word + 1) % SLAB_WORDS;
		ahead = s->free[word];
	}
	return word * 64 + (uint32_t)__builtin_ctzll(ahead);
}

/* Nobody has written to the free slot at p. */
void uk_heap_check_untouched(const struct slab *s, const void *p)
{
	const pair *at = p, *end = at + s->bytes / sizeof(pair) - 1;
	pair sum = {0, 0};

	for (; end - at >= 4; at += 4)
		sum |= at[0] | at[1] | at[2] | at[3];
	for (; at < end; at++)
		sum |= *at;
	/* The last pair: eight bytes of the block, and the canary. */
	sum |= *at ^ (pair) { 0, s->canary };
	must(!(sum[0] | sum[1]));
}

/* All of it but the canary. */
void uk_heap_clear(const struct slab *s, void *p)
{
	const pair zero = {0, 0};
	pair *at = p, *end = at + s->bytes / sizeof(pair) - 1;

	/* The empty asm keeps these loops from becoming calls of memset(), which costs more than most slots. */
	for (; end - at >= 4; at += 4) {
		at[0] = at[1] = at[2] = at[3] = zero;
		__asm__ volatile("" : "+r"(at));
	}
	for (; at < end; at++) {
		*at = zero;
		__asm__ volatile("" : "+r"(at));
	}
	*(uint64_t *)at = 0;
}

/* A slot of s, which has a free one. */
static void *take_slot(struct slab *s)
{
	uint32_t slot = draw_slot(s);
	void *p = (void *)(s->base + (uintptr_t)slot * s->bytes);

	uk_heap_check_untouched(s, p);
	if (s->free_count == s->slots)
		heap->empty[s->class]--;
	s->free[slot / 64] &= ~(1ull << slot % 64);
	s->live[slot / 64] |= 1ull << slot % 64;
	if (--s->free_count == 0)
		list_remove(s);
	uk_heap_count(s->bytes, 0);
	return p;
}

/* The slot of p, which must be a live block of s that has kept to its bounds. */
uint32_t uk_heap_check_live(const struct slab *s, const void *p)
{
	uint32_t offset = (uint32_t)((uintptr_t)p - s->base);
	uint32_t slot = offset / s->bytes;

	must(slot * s->bytes == offset);
	must(slot < s->slots);
	must(s->live[slot / 64] >> slot % 64 & 1);
	must(*canary_of(s, slot) == s->canary);
	return slot;
}

/* A slot that has waited long enough may be used again. */
static void release(struct held held)
{
	struct slab *s;

	if (!held.is_set)
		return;
	s = slab_at(held.slab);
	if (held.slot >= s->slots)
		trap();
	s->free[held.slot / 64] |= 1ull << held.slot % 64;
	if (s->free_count++ == 0)
		list_add(s);
	if (s->free_count == s->slots && ++heap->empty[s->class] > EMPTY_KEPT)
		drop_slab(s);
}

static void free_slot(struct slab *s, void *p)
{
	uint32_t slot = uk_heap_check_live(s, p);

	uk_heap_clear(s, p);
	s->live[slot / 64] &= ~(1ull << slot % 64);
	uk_heap_count_less(s->bytes);
	release(uk_heap_hold(heap, (struct held){index_of(s), (uint16_t)slot, 1}));
}

static uint64_t *large_canary(const void *run, size_t pages)
{
	return (uint64_t *)((uintptr_t)run + pages * UK_PAGE_BYTES - CANARY_BYTES);
}

static void *alloc_large(size_t bytes, size_t align_pages)
{
	size_t pages;
	void *run;

	if (bytes > PTRDIFF_MAX)
		return NULL;
	pages = uk_heap_pages(bytes + CANARY_BYTES);
	run = uk_pages_alloc(pages, align_pages);
	if (!run)
		return NULL;
	uk_pages_set_owner(run, &large_owner);
	*large_canary(run, pages) = heap->large_canary;
	uk_heap_count(pages * UK_PAGE_BYTES, 0);
	return run;
}

/* Pages of the live block p, which is no slot. */
size_t uk_heap_check_large(const void *p)
{
	size_t pages = uk_pages_length(p);

	must(pages);
	must(uk_pages_owner(p) == &large_owner);
	must(*large_canary(p, pages) == heap->large_canary);
	return pages;
}

static void free_large(void *p)
{
	size_t pages = uk_heap_check_large(p);

	__builtin_memset(p, 0, pages * UK_PAGE_BYTES);
	uk_heap_count_less(pages * UK_PAGE_BYTES);
	uk_pages_free(p);
}

/* The slab of p, or NULL when p is not in a slab (a large block, or nothing of the heap). */
static struct slab *slab_of(const void *p)
{
	const void *owner = uk_pages_owner(p);
	uintptr_t offset;

	if (!heap)
		trap();
	if (!owner || owner == &large_owner)
		return NULL;
	offset = (uintptr_t)owner - (uintptr_t)heap->table;
	if (offset % sizeof(struct slab))
		trap();
	return slab_at((uint32_t)(offset / sizeof(struct slab)));
}

/* Memory has run out: gives back what waits in the quarantine, then empty slabs. False: there is nothing. */
static bool reclaim(void)
{
	struct held held = uk_heap_let_go(heap);

	if (held.is_set) {
		release(held);
		return true;
	}
	for (uint32_t class = 0; class < UK_HEAP_CLASSES; class ++)
		for (uint32_t i = heap->partial[class]; i; i = slab_at(i)->next)
			if (slab_at(i)->free_count == slab_at(i)->slots) {
				drop_slab(slab_at(i));
				return true;
			}
	return false;
}

/* A slab of the class with a free slot, where the list has none or there is no heap yet. */
static __attribute__((noinline)) struct slab *more_slots(uint32_t class)
{
	struct slab *s;

	if (!init())
		return NULL;
	do
		s = heap->partial[class] ? slab_at(heap->partial[class]) : new_slab(class);
	while (!s && reclaim());
	return s;
}

/* Apart from what is rare, so that it keeps what it needs in registers. */
static __attribute__((noinline)) void *alloc_slot(uint32_t class)
{
	struct slab *s =
		heap && heap->partial[class] ? slab_at(heap->partial[class]) : more_slots(class);

	return s ? take_slot(s) : NULL;
}

static __attribute__((noinline)) void *alloc_pages(size_t bytes, size_t align_pages)
{
	void *p;

	if (!init())
		return NULL;
	do
		p = alloc_large(bytes, align_pages);
	while (!p && reclaim());
	return p;
}

__attribute__((noinline)) void *uk_heap_alloc(size_t bytes)
{
	if (bytes <= UK_SLOT_MAX - CANARY_BYTES)
		return alloc_slot(class_for(bytes));
	return alloc_pages(bytes, 1);
}

/* A slot is all zeros: uk_heap_check_untouched(). */
void *uk_heap_alloc_zeroed(size_t bytes)
{
	void *p = uk_heap_alloc(bytes);

	if (p && bytes > UK_SLOT_MAX - CANARY_BYTES)
		__builtin_memset(p, 0, bytes);
	return p;
}

void *uk_heap_alloc_aligned(size_t align, size_t bytes)
{
	if (align <= UK_HEAP_ALIGN)
		return uk_heap_alloc(bytes);
	if (align <= UK_SLOT_MAX && bytes <= UK_SLOT_MAX - CANARY_BYTES)
		return alloc_slot(uk_heap_class_aligned(align, bytes + CANARY_BYTES));
	return alloc_pages(bytes, align > UK_PAGE_BYTES ? align / UK_PAGE_BYTES : 1);
}

__attribute__((noinline)) void uk_heap_free(void *p)
{
	struct slab *s;

	if (!p)
		return;
	s = slab_of(p);
	if (s)
		free_slot(s, p);
	else
		free_large(p);
}

size_t uk_heap_usable(const void *p)
{
	const struct slab *s;

	if (!p)
		return 0;
	s = slab_of(p);
	if (!s)
		return uk_heap_check_large(p) * UK_PAGE_BYTES - CANARY_BYTES;
	uk_heap_check_live(s, p);
	return s->bytes - CANARY_BYTES;
}

/* A large block stays large and in place when there is room behind it. */
static bool resize_large(void *p, size_t bytes)
{
	size_t have = uk_heap_check_large(p), pages;

	if (bytes > PTRDIFF_MAX)
		return false;
	pages = uk_heap_pages(bytes + CANARY_BYTES);
	/* Neither what is cut off nor the canary may stay readable. */
	*large_canary(p, have) = 0;
	if (pages < have)
		__builtin_memset((char *)p + pages * UK_PAGE_BYTES, 0,
				 (have - pages) * UK_PAGE_BYTES);
	if (!uk_pages_resize(p, pages))
		pages = have;
	uk_heap_count(pages * UK_PAGE_BYTES, have * UK_PAGE_BYTES);
	*large_canary(p, pages) = heap->large_canary;
	return pages * UK_PAGE_BYTES - CANARY_BYTES >= bytes;
}

static bool resize_in_place(void *p, size_t have, size_t bytes)
{
	if (have <= UK_SLOT_MAX)
		return bytes <= UK_SLOT_MAX - CANARY_BYTES && class_for(bytes) == class_for(have);
	return bytes > UK_SLOT_MAX - CANARY_BYTES && resize_large(p, bytes);
}

void *uk_heap_resize(void *p, size_t bytes)
{
	size_t have;

	if (!p)
		return uk_heap_alloc(bytes);
	have = uk_heap_usable(p);
	return resize_in_place(p, have, bytes) ? p : uk_heap_move(p, have, bytes);
}
