/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guards: unmapped gaps around each stack, the thread control block and the memory of the heap.
 * INIT layout:uk_guard_layout
 * FAULT uk_guard_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>

#include <stddef.h>

enum {
	/* More than a page, at the price of address space alone: frames that skip a page are common. */
	GUARD_BYTES = 64 << 10,
};

void uk_guard_layout(struct uk_layout *l);
const char *uk_guard_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_guard_layout(struct uk_layout *l)
{
	l->guard_bytes = GUARD_BYTES;
}

const char *uk_guard_fault(const struct uk_fault *f)
{
	if (f->where == UK_WHERE_STACK_GUARD || f->where == UK_WHERE_RAM_GUARD)
		return "guard";
	return NULL;
}
