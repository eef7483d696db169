/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where freed slots wait: a queue, so that a slot is not used again for QUARANTINE frees. Which slot is used
 * then is drawn; the numbers come from here too.
 */
#include "heap.h"
#include <uk/random.h>

uint32_t uk_heap_draw(struct heap *h)
{
	if (h->drawn_at == DRAWN_BYTES) {
		uk_random_bytes(h->drawn, sizeof(h->drawn));
		h->drawn_at = 0;
	}
	return h->drawn[h->drawn_at++];
}

/* Its first byte in memory is zero: a string that runs into it ends there, in both directions. */
uint64_t uk_heap_draw_canary(struct heap *h)
{
	uint64_t v = 0;

	for (size_t i = 0; i < CANARY_BYTES - 1; i++)
		v = v << 8 | uk_heap_draw(h);
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
	const struct held none = {0, 0, 0};

	for (size_t i = 0; i < QUARANTINE; i++)
		if (h->queue[i].is_set)
			return exchange(&h->queue[i], none);
	return none;
}
