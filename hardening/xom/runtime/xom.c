/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Execute-only text: asks the platform for it, and names the faults.
 * INIT layout:uk_xom_layout
 * FAULT uk_xom_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>

#include <stddef.h>

void uk_xom_layout(struct uk_layout *l);
const char *uk_xom_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_xom_layout(struct uk_layout *l)
{
	if (!uk_plat_hides_text())
		uk_trap("xom");
	l->is_text_hidden = true;
}

/* A data access that the page's key forbids; writes are wx's, which forbids them without a key too. */
const char *uk_xom_fault(const struct uk_fault *f)
{
	if (f->vector == UK_VECTOR_PF && f->error & UK_PF_KEY && !(f->error & UK_PF_WRITE))
		return "xom";
	return NULL;
}
