/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks for what the processor has of Intel CET, and names its faults.
 * INIT layout:uk_cet_layout
 * FAULT uk_cet_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>
#include <uk/x86.h>

#include <stddef.h>

enum {
	/* CPUID (SDM vol. 2, CPUID, leaf 7). */
	LEAF_FEATURES = 7,
	ECX_SHADOW = 1 << 7,
	EDX_BRANCH = 1 << 20,
	/* Control protection: SDM vol. 3, 6.15. */
	VECTOR_CP = 21,
};

void uk_cet_layout(struct uk_layout *l);
const char *uk_cet_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_cet_layout(struct uk_layout *l)
{
	uint32_t regs[4];

	cpuid(0, 0, regs);
	if (regs[0] < LEAF_FEATURES)
		return;
	cpuid(LEAF_FEATURES, 0, regs);
	l->is_call_shadowed = CONFIG_NEEDS_CET_SHADOW && regs[2] & ECX_SHADOW;
	l->is_branch_tracked = CONFIG_NEEDS_CET_BRANCH && regs[3] & EDX_BRANCH;
}

/* Also a write to a shadow stack: no other page of a stack is read-only. */
const char *uk_cet_fault(const struct uk_fault *f)
{
	const uint32_t refused = UK_PF_PRESENT | UK_PF_WRITE;

	if (f->vector == VECTOR_CP)
		return "cet";
	if (f->vector == UK_VECTOR_PF && f->where == UK_WHERE_STACK &&
	    (f->error & refused) == refused)
		return "cet";
	return NULL;
}
