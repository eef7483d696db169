/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * W^X: asks the platform for page rights, checks the finished tables before main, and names the faults.
 * INIT layout:uk_wx_layout late:uk_wx_audit
 * FAULT uk_wx_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>

#include <stddef.h>

void uk_wx_layout(struct uk_layout *l);
void uk_wx_audit(void);
const char *uk_wx_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_wx_layout(struct uk_layout *l)
{
	l->is_rights_enforced = true;
}

UK_BOOT_CODE void uk_wx_audit(void)
{
	if (!uk_plat_audit_rights())
		uk_trap("wx");
}

/* A right that a mapped page lacks, or one of the pages that are mapped during the boot alone. */
const char *uk_wx_fault(const struct uk_fault *f)
{
	if (f->vector != UK_VECTOR_PF)
		return NULL;
	/* A read of text that may not be read: whoever asked for that knows it. */
	if (f->error & UK_PF_KEY && !(f->error & UK_PF_WRITE))
		return NULL;
	if (f->error & UK_PF_PRESENT || f->where == UK_WHERE_IMAGE_BOOT || f->where == UK_WHERE_RAM)
		return "wx";
	return NULL;
}
