/* SPDX-License-Identifier: BSD-2-Clause */
/* Start-up that PV and PVH share: events masked for good, and the shared pages at their final addresses. */
#include "call.h"

#include <uk/platform.h>

#include <uk/boot.h>

void uk_xen_boot_shared(volatile struct shared_info *shared)
{
	uk_xen.shared = shared;
	for (size_t i = 0; i < sizeof(shared->evtchn_mask) / sizeof(shared->evtchn_mask[0]); i++)
		shared->evtchn_mask[i] = ~(xen_ulong_t)0;
}

/* NULL when the boot found no such page. */
static void *device(enum xen_device which)
{
	const struct uk_range *slot = &uk_map.slots[UK_SLOT_DEVICES + which];

	return slot->bytes ? (void *)slot->base : NULL;
}

void uk_xen_init(void)
{
	uk_xen.shared = device(XEN_DEVICE_SHARED);
	uk_xen.console = device(XEN_DEVICE_CONSOLE);
	uk_xen.store = device(XEN_DEVICE_STORE);
	uk_xen.grants = device(XEN_DEVICE_GRANTS);
	uk_xen.boot_ns = uk_xen_system_ns();
}
