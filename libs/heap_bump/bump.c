/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A heap that only grows: blocks lie one behind the other, each behind its length. The newest block can
 * grow, shrink and be given back; of any other block free() only forgets.
 */
#include <stdbool.h>
#include <stdint.h>
#include <uk/heap.h>
#include <uk/plat.h>
#include <uk/trap.h>

/* In front of each block. The check word tells a block's start from anything else. */
struct head {
	size_t bytes;
	uintptr_t check; /* address of the block, and a bit: is it live? */
};
enum {
	CHECK_LIVE = 1, /* blocks are aligned: the low bits of their addresses are free */
};

static const struct uk_ram *ram;
static size_t ram_len, ram_at; /* regions; the one in use */
static uintptr_t top, end;     /* of the region in use */
static uintptr_t newest;       /* the block that ends at top, or 0 */

static bool next_region(void)
{
	if (!ram)
		ram_len = uk_plat_ram(&ram);
	else
		ram_at++;
	if (ram_at >= ram_len)
		return false;
	top = ram[ram_at].base;
	end = top + ram[ram_at].bytes;
	newest = 0;
	return true;
}

static void count(size_t plus, size_t minus)
{
	uint64_t now = uk_stats[UK_STAT_HEAP_NOW] + plus - minus;

	uk_stats[UK_STAT_HEAP_NOW] = now;
	if (now > uk_stats[UK_STAT_HEAP_PEAK])
		uk_stats[UK_STAT_HEAP_PEAK] = now;
}

static void tell_used(uintptr_t from, uintptr_t to)
{
	if (CONFIG_NEEDS_WIPE)
		uk_plat_ram_used(from, to - from);
}

static struct head *head_of(const void *p)
{
	return (struct head *)((uintptr_t)p - sizeof(struct head));
}

static struct head *live_head(const void *p)
{
	struct head *h = head_of(p);

	if ((uintptr_t)p % UK_HEAP_ALIGN || h->check != ((uintptr_t)p | CHECK_LIVE))
		uk_trap("heap");
	return h;
}

void *uk_heap_alloc_zeroed(size_t bytes)
{
	void *p = uk_heap_alloc(bytes);

	return p ? __builtin_memset(p, 0, bytes) : NULL;
}

void *uk_heap_alloc_aligned(size_t align, size_t bytes)
{
	uintptr_t at;

	if (align < UK_HEAP_ALIGN)
		align = UK_HEAP_ALIGN;
	if (bytes > PTRDIFF_MAX || align > PTRDIFF_MAX)
		return NULL;
	bytes = (bytes + UK_HEAP_ALIGN - 1) & -(size_t)UK_HEAP_ALIGN;
	for (;;) {
		at = (top + sizeof(struct head) + align - 1) & -align;
		if (at >= top && at <= end && end - at >= bytes && top)
			break;
		if (ram_at < ram_len || !ram) {
			if (next_region())
				continue;
		}
		return NULL;
	}
	*head_of((void *)at) = (struct head){bytes, at | CHECK_LIVE};
	newest = at;
	tell_used(top, at + bytes);
	top = at + bytes;
	count(bytes, 0);
	return (void *)at;
}

void *uk_heap_alloc(size_t bytes)
{
	return uk_heap_alloc_aligned(UK_HEAP_ALIGN, bytes);
}

void uk_heap_free(void *p)
{
	struct head *h;

	if (!p)
		return;
	h = live_head(p);
	h->check = 0;
	count(0, h->bytes);
	if ((uintptr_t)p == newest) {
		top = (uintptr_t)h;
		newest = 0;
	}
}

size_t uk_heap_usable(const void *p)
{
	return p ? live_head(p)->bytes : 0;
}

void *uk_heap_resize(void *p, size_t bytes)
{
	struct head *h;
	void *new;

	if (!p)
		return uk_heap_alloc(bytes);
	h = live_head(p);
	if (bytes <= h->bytes)
		return p;
	if ((uintptr_t)p == newest && bytes <= end - newest) {
		size_t more = ((bytes - h->bytes) + UK_HEAP_ALIGN - 1) & -(size_t)UK_HEAP_ALIGN;

		if (more > end - top)
			return NULL;
		tell_used(top, top + more);
		top += more;
		h->bytes += more;
		count(more, 0);
		return p;
	}
	new = uk_heap_alloc(bytes);
	if (!new)
		return NULL;
	__builtin_memcpy(new, p, h->bytes);
	uk_heap_free(p);
	return new;
}
