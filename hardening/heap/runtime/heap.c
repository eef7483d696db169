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

/* What runs seldom: small before quick, and in no other function. */
#if __has_attribute(minsize)
#define RARE __attribute__((noinline, minsize))
#else
#define RARE __attribute__((noinline))
#endif

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
__attribute__((noinline)) void *uk_heap_check_untouched(const struct slab *s, void *p);
__attribute__((noinline)) size_t uk_heap_check_large(const void *p);
/* The same for what clears a slot. */
__attribute__((noinline)) void uk_heap_clear(const struct slab *s, void *p);

static inline __attribute__((always_inline)) _Noreturn void trap(void)
{
	uk_trap("heap");
}

/* Keeps the compiler from joining the conditions before and behind it. */
static inline __attribute__((always_inline)) void apart(void)
{
	__asm__ volatile("");
}

static inline __attribute__((always_inline)) void must(bool holds)
{
	if (!holds)
		trap();
	apart();
}

static RARE bool init(void)
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
	h->empty_most = (uint32_t)(EMPTY_KEPT + len / EMPTY_SHARE);
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

/* The first places of a slot, as many as are handled at once: a loop over single ones costs twice as much. */
static inline pair any_of_four(const pair *at)
{
	return at[0] | at[1] | at[2] | at[3];
}

static inline void clear_four(pair *at)
{
	at[0] = at[1] = at[2] = at[3] = (pair){0, 0};
}

/* All places from at to end: more than eight. The last eight may be cleared twice. */
static __attribute__((noinline)) void clear_many(pair *at, pair *end)
{
	do {
		clear_four(at);
		clear_four(at + 4);
		at += 8;
		/* Keeps the loop from becoming a call of memset(), which costs more than most slots. */
		__asm__ volatile("" : "+r"(at));
	} while (at < end - 8);
	clear_four(end - 8);
	clear_four(end - 4);
}

static void clear_pages(void *p, size_t pages)
{
	clear_many(p, (pair *)((uintptr_t)p + pages * UK_PAGE_BYTES));
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

static RARE struct slab *new_slab(uint32_t class)
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
	clear_pages(run, pages);
	*s = (struct slab){.base = (uintptr_t)run,
			   .canary = uk_heap_draw_canary(heap),
			   .bytes = (uint16_t)bytes,
			   .slots = (uint16_t)(pages * UK_PAGE_BYTES / bytes),
			   .class = (uint8_t)class,
			   .pages = (uint8_t)pages};
	s->free_count = s->slots;
	for (uint32_t word = 0; word < s->slots / 64u; word++)
		s->free[word] = ~0ull;
	if (s->slots % 64)
		s->free[s->slots / 64] = (1ull << s->slots % 64) - 1;
	for (uint32_t slot = 0; slot < s->slots; slot++)
		*canary_of(s, slot) = s->canary;
	heap->empty_pages += pages;
	uk_pages_set_owner_all(run, s);
	list_add(s);
	return s;
}

static RARE void drop_slab(struct slab *s)
{
	heap->empty_pages -= s->pages;
	list_remove(s);
	uk_pages_free((void *)s->base);
	give_entry(s);
}

/* The last place of a slot at p: eight bytes of the block, and the canary. */
static inline pair *last_pair(const struct slab *s, void *p)
{
	return (pair *)((uintptr_t)p + s->bytes) - 1;
}

/* Nobody has written to the free slot at p, which is returned. What lies in the middle may be looked at twice. */
void *uk_heap_check_untouched(const struct slab *s, void *p)
{
	const pair *at = p, *const last = last_pair(s, p);
	pair sum = *last ^ (pair) { 0, s->canary };

	if (s->bytes <= 4 * sizeof(pair)) {
		sum |= at[0] | last[-1] | at[s->bytes / sizeof(pair) / 2 - 1];
	} else if (s->bytes <= 8 * sizeof(pair)) {
		sum |= any_of_four(at) | any_of_four(last - 4);
	} else {
		do {
			sum |= any_of_four(at) | any_of_four(at + 4);
			at += 8;
		} while (at < last - 8);
		sum |= any_of_four(last - 8) | any_of_four(last - 4);
	}
	must(!(sum[0] | sum[1]));
	/* Who calls this last would otherwise keep p instead of leaving it to this function to return it. */
	__asm__("" : "+r"(p));
	return p;
}

/* All of it but the canary. */
void uk_heap_clear(const struct slab *s, void *p)
{
	pair *at = p, *const last = last_pair(s, p);

	*(uint64_t *)last = 0;
	if (s->bytes <= 4 * sizeof(pair)) {
		at[0] = last[-1] = at[s->bytes / sizeof(pair) / 2 - 1] = (pair){0, 0};
	} else if (s->bytes <= 8 * sizeof(pair)) {
		clear_four(at);
		clear_four(last - 4);
	} else {
		clear_many(at, last);
	}
}

/* A slab that is listed has no free slot after all. */
static RARE void *take_none(const struct slab *s)
{
	if (!(s->free[0] | s->free[1]))
		trap();
	return NULL;
}

/*
 * A free slot of s, of which there is one: the first at or behind a place drawn at random, around the end. The only
 * way to a slot. What is rare is a jump to elsewhere, so that nothing has to be saved on the stack.
 */
static __attribute__((noinline)) void *take_slot(struct slab *s, uint32_t from)
{
	uint32_t word = from / 64;
	uint64_t ahead = s->free[word] & ~0ull << from % 64;
	void *p;

	for (uint32_t tries = 0; !ahead; tries++) {
		if (tries == SLAB_WORDS)
			return take_none(s);
		word = (word + 1) % SLAB_WORDS;
		ahead = s->free[word];
	}
	/* Keeps the loop's other values out of registers. */
	__asm__("" : "+r"(word));
	p = (void *)(s->base + (word * 64ull + (uintptr_t)__builtin_ctzll(ahead)) * s->bytes);
	ahead &= -ahead;
	s->free[word] ^= ahead;
	s->live[word] |= ahead;
	s->free_count--;
	uk_heap_count(s->bytes, 0);
	return uk_heap_check_untouched(s, p);
}

/* The same where it is the slab's last free slot, or no other is in use. */
static RARE void *take_edge(struct slab *s, uint32_t from)
{
	if (s->free_count == 1)
		list_remove(s);
	else
		heap->empty_pages -= s->pages;
	return take_slot(s, from);
}

/* The slot of p, which must be a live block of s that has kept to its bounds. */
uint32_t uk_heap_check_live(const struct slab *s, const void *p)
{
	uint32_t offset = (uint32_t)((uintptr_t)p - s->base);
	uint32_t slot = offset / s->bytes;

	must(slot * s->bytes == offset);
	must(slot < s->slots);
	must(s->live[slot / 64] >> slot % 64 & 1);
	must(*(const uint64_t *)((uintptr_t)p + s->bytes - CANARY_BYTES) == s->canary);
	return slot;
}

/* A slab has its first free slot, or nothing else. */
static RARE void release_edge(struct slab *s)
{
	if (s->free_count == 1) {
		list_add(s);
		return;
	}
	heap->empty_pages += s->pages;
	if (heap->empty_pages > heap->empty_most)
		drop_slab(s);
}

/* No slot: the quarantine was not full yet, or holds what it cannot. */
static RARE void release_other(struct held held)
{
	if (held.slab != NO_SLAB)
		trap();
}

/* A slot that has waited long enough may be used again. */
static void release(struct held held)
{
	struct slab *s = &heap->table[held.slab];
	uint32_t free_count;

	if (held.slab == NO_SLAB || held.slab >= heap->table_used || held.slot >= s->slots) {
		release_other(held);
		return;
	}
	s->free[held.slot / 64] |= 1ull << held.slot % 64;
	free_count = ++s->free_count;
	if (free_count == 1) {
		release_edge(s);
		return;
	}
	apart();
	if (free_count == s->slots)
		release_edge(s);
}

static void free_slot(struct slab *s, void *p)
{
	uint32_t slot = uk_heap_check_live(s, p);

	uk_heap_clear(s, p);
	s->live[slot / 64] &= ~(1ull << slot % 64);
	uk_heap_count_less(s->bytes);
	release(uk_heap_hold(heap, (struct held){index_of(s), slot}));
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

	clear_pages(p, pages);
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
static RARE bool reclaim(void)
{
	struct held held = uk_heap_let_go(heap);

	if (held.slab) {
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

static __attribute__((noinline)) void *alloc_slot(uint32_t class);

/* What alloc_slot() needs and did not find: the heap, a slab of the class with a free slot, random bytes. */
static RARE void *alloc_rarely(uint32_t class)
{
	const struct slab *s;

	if (!init())
		return NULL;
	do
		s = heap->partial[class] ? slab_at(heap->partial[class]) : new_slab(class);
	while (!s && reclaim());
	if (!s)
		return NULL;
	if (heap->drawn_at >= DRAWN_BYTES)
		uk_heap_draw_more(heap);
	return alloc_slot(class);
}

static void *alloc_slot(uint32_t class)
{
	struct heap *const h = heap;
	uint32_t index, from, free_count;
	struct slab *s;

	if (!h)
		return alloc_rarely(class);
	index = h->partial[class];
	if (index == NO_SLAB || index >= h->table_used || h->drawn_at >= DRAWN_BYTES)
		return alloc_rarely(class);
	s = &h->table[index];
	from = heap_draw(h) * s->slots >> 8;
	free_count = s->free_count;
	if (free_count == 1)
		return take_edge(s, from);
	apart();
	if (free_count == s->slots)
		return take_edge(s, from);
	return take_slot(s, from);
}

static RARE void *alloc_pages(size_t bytes, size_t align_pages)
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
	if (bytes <= UK_SLOT_LINEAR - CANARY_BYTES)
		return alloc_slot(class_for(bytes));
	apart();
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

RARE void *uk_heap_alloc_aligned(size_t align, size_t bytes)
{
	if (align <= UK_HEAP_ALIGN)
		return uk_heap_alloc(bytes);
	if (align <= UK_SLOT_MAX && bytes <= UK_SLOT_MAX - CANARY_BYTES)
		return alloc_slot(uk_heap_class_aligned(align, bytes + CANARY_BYTES));
	return alloc_pages(bytes, align > UK_PAGE_BYTES ? align / UK_PAGE_BYTES : 1);
}

/* Of a large block, or of none. */
static RARE void free_other(void *p)
{
	if (slab_of(p))
		trap();
	free_large(p);
}

__attribute__((noinline)) void uk_heap_free(void *p)
{
	struct slab *s;
	uintptr_t offset;

	if (!p)
		return;
	s = uk_pages_owner(p);
	/* What is no entry of a slab is looked at elsewhere. */
	if (!heap) {
		free_other(p);
		return;
	}
	offset = (uintptr_t)s - (uintptr_t)heap->table;
	if (offset / sizeof(*s) == NO_SLAB || offset / sizeof(*s) >= heap->table_used) {
		free_other(p);
		return;
	}
	apart();
	if (offset % sizeof(*s))
		free_other(p);
	else
		free_slot(s, p);
}

RARE size_t uk_heap_usable(const void *p)
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
		clear_pages((char *)p + pages * UK_PAGE_BYTES, have - pages);
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

RARE void *uk_heap_resize(void *p, size_t bytes)
{
	size_t have;

	if (!p)
		return uk_heap_alloc(bytes);
	have = uk_heap_usable(p);
	return resize_in_place(p, have, bytes) ? p : uk_heap_move(p, have, bytes);
}
