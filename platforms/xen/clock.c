/* SPDX-License-Identifier: BSD-2-Clause */
/* Time as Xen tells it in shared_info: since its own start, and since 1970 (xen/xen.h). */
#include "call.h"

#include <uk/platform.h>
#include <uk/pvclock.h>

#define NS_PER_S 1000000000ULL

_Static_assert(sizeof(struct uk_pvclock) == sizeof(struct vcpu_time_info), "one layout");

uint64_t uk_xen_system_ns(void)
{
	return uk_pvclock_ns((volatile struct uk_pvclock *)&uk_xen.shared->vcpu_info[0].time);
}

uint64_t uk_plat_clock_mono_ns(void)
{
	return uk_xen_system_ns() - uk_xen.boot_ns;
}

uint64_t uk_plat_clock_wall_ns(void)
{
	volatile const struct shared_info *s = uk_xen.shared;
	uint32_t version;
	uint64_t ns;

	do {
		version = s->wc_version; /* odd while Xen writes */
		xen_barrier();
		ns = ((uint64_t)s->wc_sec_hi << 32 | s->wc_sec) * NS_PER_S + s->wc_nsec;
		xen_barrier();
	} while (version & 1 || version != s->wc_version);
	/* That was the moment at which Xen's system time began. */
	return ns + uk_xen_system_ns();
}
