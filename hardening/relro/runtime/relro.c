/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data that only the boot writes: asks the platform to take that right away at the boot's end, and names
 * the faults.
 * INIT layout:uk_relro_layout
 * FAULT uk_relro_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/platform.h>
#include <uk/trap.h>

#include <stddef.h>

void uk_relro_layout(struct uk_layout *l);
const char *uk_relro_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_relro_layout(struct uk_layout *l)
{
	l->is_roinit_sealed = true;
}

const char *uk_relro_fault(const struct uk_fault *f)
{
	if (f->vector == UK_VECTOR_PF && f->error & UK_PF_WRITE && f->error & UK_PF_PRESENT &&
	    f->addr >= (uintptr_t)__roinit_start && f->addr < (uintptr_t)__roinit_end)
		return "relro";
	return NULL;
}
