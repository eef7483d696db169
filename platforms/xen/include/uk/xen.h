/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a driver needs of Xen and nothing else: hypercalls, frames of our pages, event channels, the pages of
 * the store and of the grant table. The numbers and structures are those of Xen's own headers
 * (SYSTEM-HEADERS := xen). Errors are Xen's, negative (xen/errno.h), but where noted.
 */
#ifndef UK_XEN_H
#define UK_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct grant_entry_v1;
struct xenstore_domain_interface;

/* Hypercall `nr` (__HYPERVISOR_x) with four arguments; pointers are virtual addresses. */
long uk_xen_call(unsigned int nr, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d);

/* True in the domain that Xen itself starts: it has no store, no grants and no console ring. */
bool uk_xen_is_initial_domain(void);

/*
 * The frame of a page from uk_plat_ram() or the image, as a grant takes it: machine frame under PV, guest
 * frame under PVH.
 */
uint64_t uk_xen_frame(const void *page);

/*
 * Event channels are polled: every port stays masked, no handler ever runs. A port is either connected by
 * both ends or offered to `remote` (DOMID_SELF works in each case). 0 or Xen's error.
 */
int uk_xen_event_alloc(uint16_t remote, uint32_t *ret_port);
int uk_xen_event_bind(uint16_t remote, uint32_t port, uint32_t *ret_port);
int uk_xen_event_send(uint32_t port);
int uk_xen_event_close(uint32_t port);
/* Was pending: cleared. Whoever waits for a state clears first, looks at the state, then waits. */
bool uk_xen_event_take(uint32_t port);
/*
 * Sleeps until one of the ports is pending or the time of uk_plat_clock_mono_ns() comes (0 = no limit).
 * Takes nothing. 0, -XEN_ETIMEDOUT, or Xen's error. At most 128 ports.
 */
int uk_xen_event_wait(const uint32_t *ports, size_t count, uint64_t deadline_ns);

/* Xen's own time, which its timers take: it began before the image's. */
uint64_t uk_xen_system_ns(void);

/* The page shared with the store and its event channel; NULL where there is none. */
struct xenstore_domain_interface *uk_xen_store(uint32_t *ret_port);

/*
 * The grant table (version 1), mapped by the boot for NEEDS_GRANTS; NULL where there is none.
 * References below GNTTAB_NR_RESERVED_ENTRIES are the toolstack's.
 */
struct grant_entry_v1 *uk_xen_grants(size_t *ret_count);

#endif
