/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing at address zero: the first 64 KiB stay unmapped.
 * INIT layout:uk_nullpage_layout
 * FAULT uk_nullpage_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>

#include <stddef.h>

void uk_nullpage_layout(struct uk_layout *l);
const char *uk_nullpage_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_nullpage_layout(struct uk_layout *l)
{
	l->is_null_unmapped = true;
}

const char *uk_nullpage_fault(const struct uk_fault *f)
{
	if (f->vector == UK_VECTOR_PF && f->where == UK_WHERE_NULL && !(f->error & UK_PF_PRESENT))
		return "nullpage";
	return NULL;
}
