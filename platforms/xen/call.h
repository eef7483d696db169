/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this platform share, PV and PVH alike; nothing else includes it. Numbers and structures
 * of Xen's interface come from its headers, at the version that plat.mk names.
 */
#ifndef XEN_CALL_H
#define XEN_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/xen.h>
#include <xen/xen.h>

#include <xen/io/console.h>

/*
 * Written by boot code alone. Until uk_xen_init() the pointers are where the boot's own mapping has the
 * pages, after it where the final one does.
 */
struct xen_state {
	bool is_initial_domain;
	bool is_amd; /* PVH: which instruction calls Xen */
	/* Set before the first byte is written: the console waits with it. */
	volatile struct shared_info *shared;
	volatile struct xencons_interface *console; /* NULL: Xen's own console */
	struct xenstore_domain_interface *store;
	struct grant_entry_v1 *grants;
	uint32_t console_port, store_port;
	uint64_t boot_ns; /* Xen's system time at which the image's begins */
};
extern struct xen_state uk_xen;

/* The other end may write at any moment, and may see our writes in any order. */
static inline void xen_barrier(void)
{
	__sync_synchronize();
}

/* console.c: returns when the ring's reader has everything, or after a second. */

/* Boot only from here on: init.c. */

/* Entries of struct uk_boot's devices, for uk_boot_info(). */
enum xen_device {
	XEN_DEVICE_SHARED,
	XEN_DEVICE_CONSOLE,
	XEN_DEVICE_STORE,
	XEN_DEVICE_GRANTS,
};
/* The first thing a boot does: shared_info is mapped at `shared`. Masks every event. */
void uk_xen_boot_shared(volatile struct shared_info *shared);
/* INIT early: the pages are where the final mapping has them; time begins. */
void uk_xen_init(void);

#endif
