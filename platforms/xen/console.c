/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: as the initial domain Xen's own, by hypercall; as a guest a ring in a page shared with the
 * domain that keeps consoles (xen/io/console.h). Output only, polled.
 */
#include "call.h"

#include <uk/platform.h>

enum {
	DRAIN_MAX_NS = 1000000000,
};

/* Copies what fits and tells the reader. Indices of its own making cannot lead out of the ring. */
static size_t ring_put(volatile struct xencons_interface *ring, const char *s, size_t len)
{
	const XENCONS_RING_IDX out = ring->out_prod, used = out - ring->out_cons;
	size_t room = used < sizeof(ring->out) ? sizeof(ring->out) - used : 0;

	if (len > room)
		len = room;
	if (!len)
		return 0;
	/* What is overwritten has been read; what is told of has been written. */
	xen_barrier();
	for (size_t i = 0; i < len; i++)
		ring->out[MASK_XENCONS_IDX(out + i, ring->out)] = s[i];
	xen_barrier();
	ring->out_prod = out + (XENCONS_RING_IDX)len;
	xen_barrier();
	uk_xen_event_send(uk_xen.console_port);
	return len;
}

void uk_plat_console_write(const char *s, size_t len)
{
	if (!uk_xen.console) {
		uk_xen_call(__HYPERVISOR_console_io, CONSOLEIO_write, len, (uintptr_t)s, 0);
		return;
	}
	while (len) {
		size_t done = ring_put(uk_xen.console, s, len);

		s += done;
		len -= done;
		/* Full. A notice that was there already ends the wait at once, and the ring is tried again. */
		if (!done && !uk_xen_event_take(uk_xen.console_port))
			uk_xen_event_wait(&uk_xen.console_port, 1, 0);
	}
}

void uk_plat_console_drain(void)
{
	/* A domain that is gone takes its console page along. */
	volatile struct xencons_interface *ring = uk_xen.console;
	uint64_t limit;

	if (!ring)
		return;
	limit = uk_plat_clock_mono_ns() + DRAIN_MAX_NS;
	while (ring->out_cons != ring->out_prod)
		if (!uk_xen_event_take(uk_xen.console_port) &&
		    uk_xen_event_wait(&uk_xen.console_port, 1, limit))
			return;
}
