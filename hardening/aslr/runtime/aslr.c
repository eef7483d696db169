/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random layout at boot: asks for drawn bases, and names the fault of code that believed in fixed ones.
 * INIT layout:uk_aslr_layout
 * FAULT uk_aslr_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>

#include <stddef.h>

enum {
	/* Where the image would be without this mechanism: its link address. */
	LINK_ADDRESS = 1 << 20,
};

extern char __image_start[], __image_end[];

void uk_aslr_layout(struct uk_layout *l);
const char *uk_aslr_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_aslr_layout(struct uk_layout *l)
{
	l->is_random = true;
}

const char *uk_aslr_fault(const struct uk_fault *f)
{
	if (f->vector == UK_VECTOR_PF && f->where == UK_WHERE_OTHER &&
	    f->addr - LINK_ADDRESS < (size_t)(__image_end - __image_start))
		return "aslr";
	return NULL;
}
