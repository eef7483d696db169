/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine frames of our pages. The table is Xen's; with NEEDS_GRANTS the boot leaves it mapped, read-only. */
#include "call.h"
#include "pv.h"

uintptr_t uk_xen_pv_frames __attribute__((section(".bss.roinit")));

uint64_t uk_xen_frame(const void *page)
{
	const uint64_t *frames = (const uint64_t *)(uk_map.ram_base + uk_xen_pv_frames);
	uintptr_t at = (uintptr_t)page;

	if (at - (uintptr_t)__image_start < (uintptr_t)(__image_end - __image_start))
		at += UK_LINK_ADDRESS - (uintptr_t)__image_start;
	else
		at -= uk_map.ram_base;
	return frames[at / UK_PAGE_BYTES];
}
