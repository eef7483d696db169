/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels without upcalls: every port is masked, and who waits asks Xen to wait (SCHEDOP_poll). Xen
 * looks at the pending bits after it has entered the waiter, so that no event between our look and our sleep
 * is lost (Xen common/sched/core.c, do_poll).
 */
#include "call.h"

#include <uk/platform.h>

#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>

enum {
	WORD_BITS = 8 * sizeof(xen_ulong_t),
	PORTS_MAX = WORD_BITS * WORD_BITS, /* of the two-level interface */
};

static long event_op(unsigned int op, void *arg)
{
	return uk_xen_call(__HYPERVISOR_event_channel_op, op, (uintptr_t)arg, 0, 0);
}

int uk_xen_event_alloc(uint16_t remote, uint32_t *ret_port)
{
	struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = remote};
	int err = (int)event_op(EVTCHNOP_alloc_unbound, &op);

	if (!err)
		*ret_port = op.port;
	return err;
}

int uk_xen_event_bind(uint16_t remote, uint32_t port, uint32_t *ret_port)
{
	struct evtchn_bind_interdomain op = {.remote_dom = remote, .remote_port = port};
	int err = (int)event_op(EVTCHNOP_bind_interdomain, &op);

	if (!err)
		*ret_port = op.local_port;
	return err;
}

int uk_xen_event_send(uint32_t port)
{
	struct evtchn_send op = {.port = port};

	return (int)event_op(EVTCHNOP_send, &op);
}

int uk_xen_event_close(uint32_t port)
{
	struct evtchn_close op = {.port = port};

	return (int)event_op(EVTCHNOP_close, &op);
}

static bool is_pending(uint32_t port)
{
	return port < PORTS_MAX &&
	       uk_xen.shared->evtchn_pending[port / WORD_BITS] >> port % WORD_BITS & 1;
}

bool uk_xen_event_take(uint32_t port)
{
	const xen_ulong_t bit = (xen_ulong_t)1 << port % WORD_BITS;

	if (port >= PORTS_MAX)
		return false;
	/* Atomic: Xen sets the bits of other ports in the same word. */
	return __sync_fetch_and_and(&uk_xen.shared->evtchn_pending[port / WORD_BITS], ~bit) & bit;
}

int uk_xen_event_wait(const uint32_t *ports, size_t count, uint64_t deadline_ns)
{
	/* Xen only reads the list. */
	struct sched_poll poll = {
		.ports.p = (evtchn_port_t *)(uintptr_t)ports,
		.nr_ports = (unsigned int)count,
		.timeout = deadline_ns ? deadline_ns + uk_xen.boot_ns : 0,
	};

	for (;;) {
		long err;

		for (size_t i = 0; i < count; i++)
			if (is_pending(ports[i]))
				return 0;
		if (deadline_ns && uk_plat_clock_mono_ns() >= deadline_ns)
			return -XEN_ETIMEDOUT;
		err = uk_xen_call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll, 0, 0);
		if (err)
			return (int)err;
	}
}

struct xenstore_domain_interface *uk_xen_store(uint32_t *ret_port)
{
	*ret_port = uk_xen.store_port;
	return uk_xen.store;
}

struct grant_entry_v1 *uk_xen_grants(size_t *ret_count)
{
	*ret_count = uk_xen.grants ? UK_PAGE_BYTES / sizeof(struct grant_entry_v1) : 0;
	return uk_xen.grants;
}
