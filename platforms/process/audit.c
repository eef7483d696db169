/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process can tell of its own address space without asking for more calls than it may make: the
 * tender mapped nothing writable and executable, and no memory is left where the tender had it, so nothing
 * is there twice. That the filter lets nothing become executable is tests/process's business.
 */
#include "image.h"

#include <uk/platform.h>

#include <uk/boot.h>

#define ENOMEM_CODE (-12) /* Linux include/uapi/asm-generic/errno-base.h */

bool uk_plat_audit_rights(void)
{
	/*
	 * Behind the image, and its signal stack where that stays there, when nothing is relocated.
	 */
	const uintptr_t from = (((uintptr_t)uk_boot_physical(__image_end) + UK_PAGE_BYTES - 1) &
				~(uintptr_t)(UK_PAGE_BYTES - 1)) +
			       (CONFIG_NEEDS_SHADOW ? 0 : PROCESS_SIGNAL_STACK);
	const struct process_machine *m = &uk_process_machine;

	/* Linux mm/mprotect.c: ENOMEM where the first page is not mapped, and then nothing changes. */
	return m->has_rights && uk_process_gate(SYS_MPROTECT, from, m->window_end - from, MAP_READ,
						0, 0) == ENOMEM_CODE;
}
