/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where freed slots wait: each takes a random place of a first table, and the one that was there goes to the
 * end of a queue. So a slot is not used again for QUARANTINE_QUEUE frees at least, and how many more nobody
 * can tell.
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

static struct held exchange(struct held *place, struct held in)
{
	struct held out = *place;

	*place = in;
	return out;
}

struct held uk_heap_hold(struct heap *h, struct held in)
{
	struct held out = exchange(&h->random[uk_heap_draw(h) % QUARANTINE_RANDOM], in);

	if (!out.is_set)
		return out;
	h->queue_at = (h->queue_at + 1) % QUARANTINE_QUEUE;
	return exchange(&h->queue[h->queue_at], out);
}

struct held uk_heap_let_go(struct heap *h)
{
	const struct held none = {0, 0, 0};

	for (size_t i = 0; i < QUARANTINE_QUEUE; i++)
		if (h->queue[i].is_set)
			return exchange(&h->queue[i], none);
	for (size_t i = 0; i < QUARANTINE_RANDOM; i++)
		if (h->random[i].is_set)
			return exchange(&h->random[i], none);
	return none;
}
