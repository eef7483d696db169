/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest frames: where a page is in the memory that Xen gave us. */
#include "call.h"

#include <uk/platform.h>

uint64_t uk_xen_frame(const void *page)
{
	uintptr_t at = (uintptr_t)page;

	if (at - (uintptr_t)__image_start < (uintptr_t)(__image_end - __image_start))
		at += UK_LINK_ADDRESS - (uintptr_t)__image_start;
	else
		at -= uk_map.ram_base;
	return at / UK_PAGE_BYTES;
}
