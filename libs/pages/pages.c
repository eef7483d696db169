/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page runs: two-level segregated fit (Masmano et al., "TLSF: a new dynamic memory allocator for
 * real-time systems", ECRTS 2004) over pages instead of bytes, with the boundary tags in a table at the
 * start of each memory region (or apart from all, with NEEDS_METADATA) instead of in the memory. Pages at and above `top` were never used: their
 * entries hold anything, so that a boot writes nothing for them.
 */
#include <uk/pages.h>
#include <uk/plat.h>
#include <uk/random.h>
#include <uk/trap.h>

/*
 * What an entry stands for. Words that memory does not hold by chance, because entries of inner pages
 * are never initialised: only the ends of a run are written.
 */
enum page_mark {
	MARK_INSIDE = 0,
	MARK_FREE = 0x46b3c19d,  /* first or last page of a free run */
	MARK_TAKEN = 0x54e8a725, /* first page of a taken run */
	MARK_OWNED =
		0x4f91d6b3, /* a later page of a taken run that keeps its owner with all pages */
};

struct page {
	uint32_t mark;
	uint32_t pages; /* MARK_FREE, MARK_TAKEN: length of the run */
	union {
		struct {
			uint32_t next,
				prev; /* first page of a free run: indexes, NONE at the ends */
		};
		void *owner; /* MARK_TAKEN, MARK_OWNED */
	};
};

enum {
	NONE = UINT32_MAX,
	/* Bins for lengths 1, 2, 3, then four to each power of two up to 2^31. */
	BIN_COUNT = 124,
	BIN_WORDS = 2,
	/* Of a region: keeps sums of two lengths in 32 bits. 8 TiB. */
	PAGES_MAX = INT32_MAX,
	/* Regions with fewer pages than twice this have no hole. */
	HOLE_MIN = 32,
};

struct region {
	struct region *next;
	uintptr_t base; /* of page 0: right behind the table, when that is in the region */
	uint32_t count, top;
	/*
	 * Random addresses: fresh pages, most often behind the first run, that are kept back until there are no others,
	 * so that nobody knows where the second one begins.
	 */
	uint32_t hole, hole_pages;
	bool is_begun;
	uint64_t bins_used[BIN_WORDS]; /* bit b: bins[b] has a run */
	uint32_t bins[BIN_COUNT];      /* first run of each, valid when its bit is set */
	struct page page[];
};

/* In registers, so that no function needs memory (and a canary) for it. */
struct place {
	struct region *region; /* NULL: none */
	size_t i;
};

static struct region *regions; /* in the order of the memory map */
static bool is_ready;
static struct uk_pages_count counts;

/* At *at, the end of the list of regions; returns the new one. */
static struct region **init_region(struct region **at, const struct uk_ram *ram)
{
	struct region *r = (struct region *)ram->base;
	size_t pages = ram->bytes / UK_PAGE_BYTES;
	size_t table_bytes = sizeof(*r) + pages * sizeof(struct page);
	size_t table_pages = (table_bytes + UK_PAGE_BYTES - 1) / UK_PAGE_BYTES;

	if (CONFIG_NEEDS_METADATA) {
		r = uk_plat_metadata(table_bytes);
		table_pages = 0;
	}
	if (!r || pages <= table_pages || pages > PAGES_MAX)
		return at;
	r->next = NULL;
	r->base = ram->base + table_pages * UK_PAGE_BYTES;
	r->count = (uint32_t)(pages - table_pages);
	r->top = 0;
	r->hole_pages = 0;
	r->is_begun = false;
	for (size_t i = 0; i < BIN_WORDS; i++)
		r->bins_used[i] = 0;
	counts.total += r->count;
	*at = r;
	return &r->next;
}

static void init(void)
{
	const struct uk_ram *ram;
	size_t len = uk_plat_ram(&ram);
	struct region **at = &regions;

	is_ready = true;
	for (size_t i = 0; i < len && i < UK_RAM_MAX; i++)
		at = init_region(at, &ram[i]);
}

/* The bin of runs with `pages` pages. */
static uint32_t bin_of(uint32_t pages)
{
	uint32_t log;

	if (pages < 4)
		return pages;
	log = 31 - (uint32_t)__builtin_clz(pages);
	return 4 * (log - 1) + ((pages >> (log - 2)) & 3);
}

/* The first bin whose runs all have at least `pages` pages. */
static uint32_t bin_above(uint32_t pages)
{
	uint32_t log;

	if (pages < 4)
		return pages;
	log = 31 - (uint32_t)__builtin_clz(pages);
	return bin_of(pages + (1u << (log - 2)) - 1);
}

static void bin_add(struct region *r, uint32_t i)
{
	uint32_t bin = bin_of(r->page[i].pages);
	uint64_t bit = 1ull << (bin % 64);

	r->page[i].prev = NONE;
	r->page[i].next = r->bins_used[bin / 64] & bit ? r->bins[bin] : NONE;
	if (r->page[i].next != NONE)
		r->page[r->page[i].next].prev = i;
	r->bins[bin] = i;
	r->bins_used[bin / 64] |= bit;
}

static void bin_remove(struct region *r, uint32_t i)
{
	uint32_t bin = bin_of(r->page[i].pages), next = r->page[i].next, prev = r->page[i].prev;

	if (next != NONE)
		r->page[next].prev = prev;
	if (prev != NONE)
		r->page[prev].next = next;
	else if (next != NONE)
		r->bins[bin] = next;
	else
		r->bins_used[bin / 64] &= ~(1ull << (bin % 64));
}

/* A free run of at least `pages` pages, or NONE. */
static uint32_t bin_find(const struct region *r, uint32_t pages)
{
	uint32_t bin = bin_above(pages);

	for (uint32_t word = bin / 64; word < BIN_WORDS; word++) {
		uint64_t used = r->bins_used[word];

		if (word == bin / 64)
			used &= ~0ull << (bin % 64);
		if (used)
			return r->bins[word * 64 + (uint32_t)__builtin_ctzll(used)];
	}
	/* The one candidate that costs no search: the newest run of the size's own bin. */
	bin = bin_of(pages);
	if (r->bins_used[bin / 64] >> (bin % 64) & 1 && r->page[r->bins[bin]].pages >= pages)
		return r->bins[bin];
	return NONE;
}

static void mark_taken(struct region *r, uint32_t i, uint32_t pages)
{
	r->page[i + pages - 1].mark = MARK_INSIDE;
	r->page[i] = (struct page){.mark = MARK_TAKEN, .pages = pages};
}

/* Makes [i, i + pages) a free run; its neighbours are not free. */
static void mark_free(struct region *r, uint32_t i, uint32_t pages)
{
	r->page[i + pages - 1].mark = MARK_FREE;
	r->page[i + pages - 1].pages = pages;
	r->page[i].mark = MARK_FREE;
	r->page[i].pages = pages;
	bin_add(r, i);
}

/* Takes a free run out of the bins; its marks are gone. */
static uint32_t unmark_free(struct region *r, uint32_t i)
{
	uint32_t pages = r->page[i].pages;

	bin_remove(r, i);
	r->page[i].mark = MARK_INSIDE;
	r->page[i + pages - 1].mark = MARK_INSIDE;
	return pages;
}

/* Gives [i, i + pages), which has no marks, back: joined with its free neighbours or with the top. */
static void release(struct region *r, uint32_t i, uint32_t pages)
{
	if (i + pages < r->top && r->page[i + pages].mark == MARK_FREE)
		pages += unmark_free(r, i + pages);
	if (i > 0 && r->page[i - 1].mark == MARK_FREE) {
		i -= r->page[i - 1].pages;
		pages += unmark_free(r, i);
	}
	if (i + pages == r->top)
		r->top = i;
	else
		mark_free(r, i, pages);
}

/* Nothing is written for it where nobody asks. */
static void tell_used(const struct region *r, uint32_t i, uint32_t pages)
{
	if (CONFIG_NEEDS_WIPE)
		uk_plat_ram_used(r->base + (uintptr_t)i * UK_PAGE_BYTES,
				 (size_t)pages * UK_PAGE_BYTES);
}

/*
 * The base of all memory is a multiple of 2 MiB; this adds five bits to it at least and ten in 32 MiB, and
 * leaves seven eighths of a large region in one piece. The first run stays below everything: the heap's table.
 */
static void draw_hole(struct region *r)
{
	const uint32_t fresh = r->count - r->top,
		       most = fresh / 8 > HOLE_MIN ? fresh / 8 : HOLE_MIN;
	uint32_t draw;

	r->is_begun = true;
	if (fresh < 2 * HOLE_MIN)
		return;
	uk_random_bytes(&draw, sizeof(draw));
	r->hole = r->top;
	r->hole_pages = (uint32_t)((uint64_t)draw * most >> 32);
	if (!r->hole_pages)
		return;
	r->top += r->hole_pages;
	/* For the neighbours, which look whether they can join. */
	r->page[r->hole].mark = MARK_INSIDE;
	r->page[r->top - 1].mark = MARK_INSIDE;
}

/* Fresh pages, where there are none left of the hole's; NONE: no room. */
static uint32_t take_fresh(struct region *r, uint32_t pages)
{
	uint32_t i;

	/* Tables that are kept apart leave nothing that has to stay below. */
	if (CONFIG_NEEDS_BOOT_RELOC && CONFIG_NEEDS_METADATA && !r->is_begun)
		draw_hole(r);
	if (r->count - r->top < pages)
		return NONE;
	i = r->top;
	r->top += pages;
	tell_used(r, i, pages);
	if (CONFIG_NEEDS_BOOT_RELOC && !r->is_begun)
		draw_hole(r);
	return i;
}

/* Gives the hole up. False when there is none. */
static bool open_hole(struct region *r)
{
	const uint32_t pages = r->hole_pages;

	if (!CONFIG_NEEDS_BOOT_RELOC || !pages)
		return false;
	r->hole_pages = 0;
	tell_used(r, r->hole, pages);
	release(r, r->hole, pages);
	return true;
}

/* Takes exactly `pages` pages of the region: a free run first, fresh pages else. NONE: no room. */
static uint32_t take(struct region *r, uint32_t pages)
{
	uint32_t i;

	if (pages > r->count)
		return NONE;
	i = bin_find(r, pages);
	if (i != NONE) {
		uint32_t have = unmark_free(r, i);

		if (have > pages)
			mark_free(r, i + pages, have - pages);
	} else {
		i = take_fresh(r, pages);
		if (i == NONE)
			return open_hole(r) ? take(r, pages) : NONE;
	}
	mark_taken(r, i, pages);
	return i;
}

static void count_up(size_t pages)
{
	counts.used += pages;
	if (counts.used > counts.peak)
		counts.peak = counts.used;
}

/* Takes an aligned run: a longer one whose ends are given back. */
static uint32_t take_aligned(struct region *r, uint32_t pages, uint32_t align)
{
	uint32_t first, skip, i, spare = pages + align - 1;

	if (align <= 1)
		return take(r, pages);
	i = take(r, spare);
	if (i == NONE)
		return NONE;
	first = (uint32_t)(r->base / UK_PAGE_BYTES) + i; /* the low bits are all that counts */
	skip = -first & (align - 1);
	r->page[i].mark = MARK_INSIDE;
	mark_taken(r, i + skip, pages);
	if (skip)
		release(r, i, skip);
	if (skip + pages < spare)
		release(r, i + skip + pages, spare - skip - pages);
	return i + skip;
}

void *uk_pages_alloc(size_t pages, size_t align_pages)
{
	if (!is_ready)
		init();
	if (pages == 0 || pages > PAGES_MAX || align_pages > PAGES_MAX)
		return NULL;
	for (struct region *r = regions; r; r = r->next) {
		uint32_t i = take_aligned(r, (uint32_t)pages, (uint32_t)align_pages);

		if (i != NONE) {
			count_up(pages);
			return (void *)(r->base + (uintptr_t)i * UK_PAGE_BYTES);
		}
	}
	return NULL;
}

/* The page in which p lies; no region: none, or never used. An address below a region's is far above its pages. */
static inline struct place find(const void *p)
{
	for (struct region *r = regions; r; r = r->next) {
		const size_t i = ((uintptr_t)p - r->base) / UK_PAGE_BYTES;

		if (i < r->top && !(CONFIG_NEEDS_BOOT_RELOC && i - r->hole < r->hole_pages))
			return (struct place){r, i};
	}
	return (struct place){NULL, 0};
}

static __attribute__((noinline)) struct place place_of(const void *p)
{
	return find(p);
}

/* As place_of(), for the start of a run; anything else is a trap. */
static struct place place_of_run(const void *run)
{
	const struct place at = place_of(run);

	if (!at.region || (uintptr_t)run % UK_PAGE_BYTES ||
	    at.region->page[at.i].mark != MARK_TAKEN)
		uk_trap("heap");
	return at;
}

/* The run at i has more than one page, and all carry its owner. */
static bool is_owned_whole(const struct region *r, uint32_t i)
{
	return r->page[i].pages > 1 && r->page[i + 1].mark == MARK_OWNED;
}

void uk_pages_free(void *run)
{
	const struct place at = place_of_run(run);
	struct region *const r = at.region;
	const uint32_t i = (uint32_t)at.i, pages = r->page[i].pages;

	if (is_owned_whole(r, i)) {
		for (uint32_t k = 1; k < pages; k++)
			r->page[i + k].mark = MARK_INSIDE;
	}
	r->page[i].mark = MARK_INSIDE;
	counts.used -= pages;
	release(r, i, pages);
}

/* Room for `more` pages right behind a run that ends before page `end`. */
static bool take_at(struct region *r, uint32_t end, uint32_t more)
{
	if (end == r->top) {
		if (r->count - end < more)
			return false;
		r->top += more;
		tell_used(r, end, more);
	} else {
		uint32_t have;

		if (r->page[end].mark != MARK_FREE || r->page[end].pages < more)
			return false;
		have = unmark_free(r, end);
		if (have > more)
			mark_free(r, end + more, have - more);
	}
	return true;
}

bool uk_pages_resize(void *run, size_t pages)
{
	const struct place at = place_of_run(run);
	struct region *const r = at.region;
	const uint32_t i = (uint32_t)at.i, have = r->page[i].pages;
	void *owner = r->page[i].owner;

	if (pages == 0 || pages > PAGES_MAX || is_owned_whole(r, i))
		return false;
	if (pages > have && !take_at(r, i + have, (uint32_t)pages - have))
		return false;
	mark_taken(r, i, (uint32_t)pages);
	r->page[i].owner = owner;
	if (pages < have) {
		counts.used -= have - pages;
		release(r, i + (uint32_t)pages, have - (uint32_t)pages);
	} else {
		count_up(pages - have);
	}
	return true;
}

void uk_pages_split(void *run, size_t pages)
{
	const struct place at = place_of_run(run);
	struct region *const r = at.region;
	const uint32_t i = (uint32_t)at.i, have = r->page[i].pages;

	if (pages == 0 || pages >= have || is_owned_whole(r, i))
		uk_trap("heap");
	mark_taken(r, i, (uint32_t)pages);
	mark_taken(r, i + (uint32_t)pages, have - (uint32_t)pages);
}

void uk_pages_set_owner(void *run, void *owner)
{
	const struct place at = place_of_run(run);

	at.region->page[at.i].owner = owner;
}

void uk_pages_set_owner_all(void *run, void *owner)
{
	const struct place at = place_of_run(run);
	struct page *const page = &at.region->page[at.i];

	page->owner = owner;
	for (uint32_t k = 1; k < page->pages; k++)
		page[k] = (struct page){.mark = MARK_OWNED, .owner = owner};
}

void *uk_pages_owner(const void *p)
{
	/* Each free() asks: without a call. */
	const struct place at = find(p);
	const struct page *page;

	if (!at.region)
		return NULL;
	page = &at.region->page[at.i];
	return page->mark == MARK_TAKEN || page->mark == MARK_OWNED ? page->owner : NULL;
}

size_t uk_pages_length(const void *p)
{
	const struct place at = place_of(p);

	if (!at.region || (uintptr_t)p % UK_PAGE_BYTES || at.region->page[at.i].mark != MARK_TAKEN)
		return 0;
	return at.region->page[at.i].pages;
}

void *uk_pages_find(const void *p)
{
	const struct place place = place_of(p);
	const struct region *const r = place.region;
	size_t at;

	if (!r)
		return NULL;
	for (at = place.i; r->page[at].mark != MARK_TAKEN; at--) {
		if (r->page[at].mark == MARK_FREE || at == 0)
			return NULL;
	}
	if (r->page[at].owner || place.i - at >= r->page[at].pages)
		return NULL;
	return (void *)(r->base + (uintptr_t)at * UK_PAGE_BYTES);
}

struct uk_pages_count uk_pages_count(void)
{
	if (!is_ready)
		init();
	return counts;
}
