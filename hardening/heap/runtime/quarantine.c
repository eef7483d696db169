/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where freed slots wait: a queue, so that a slot is not used again for QUARANTINE frees. Which slot is used
 * then is drawn; the numbers come from here too.
 */
#include "heap.h"
#include <uk/random.h>

void uk_heap_draw_more(struct heap *h)
{
	uk_random_bytes(h->drawn, sizeof(h->drawn));
	h->drawn_at = 0;
}

/* Its first byte in memory is zero: a string that runs into it ends there, in both directions. */
uint64_t uk_heap_draw_canary(struct heap *h)
{
	uint64_t v = 0;

	if (h->drawn_at > DRAWN_BYTES - CANARY_BYTES)
		uk_heap_draw_more(h);
	for (size_t i = 0; i < CANARY_BYTES - 1; i++)
		v = v << 8 | heap_draw(h);
	return v << 8;
}

static struct held exchange(struct held *place, struct held in)
{
	struct held out = *place;

	*place = in;
	return out;
}

struct held uk_heap_hold(struct heap *h, struct held in)
{
	h->queue_at = (h->queue_at + 1) % QUARANTINE;
	return exchange(&h->queue[h->queue_at], in);
}

struct held uk_heap_let_go(struct heap *h)
{
	const struct held none = {NO_SLAB, 0};

	for (size_t i = 0; i < QUARANTINE; i++)
		if (h->queue[i].slab)
			return exchange(&h->queue[i], none);
	return none;
}
