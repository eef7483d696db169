/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: control-flow enforcement (Intel CET, SDM vol. 1, chapter 17), up to the one register that turns it on:
 * the boot's last instructions write that (entry_x86_64.S).
 */
#include <uk/platform.h>
#include <uk/x86.h>

#include "pvh.h"

#include <uk/boot.h>

/* SDM vol. 4, table 2-2. */
#define MSR_PL0_SSP 0x6a4
#define MSR_INTERRUPT_SSP_TABLE 0x6a8

enum {
	CR4_CET = 1 << 23,  /* SDM vol. 3, 2.5; CR0.WP is set since the entry */
	SHADOWS_OF_IST = 8, /* the first is not used: SDM vol. 3, 6.14.5 */
};

/* The processor reads it at each fault. */
static UK_ROINIT uint64_t fault_shadows[SHADOWS_OF_IST];

uint32_t uk_pvh_cet;

static uint64_t token_of(size_t slot)
{
	const struct uk_range *s = &uk_map.slots[UK_SLOT_CALLS + slot];

	return s->base + s->bytes - sizeof(uint64_t);
}

void uk_pvh_prepare_cet(void)
{
	uint64_t cr4;

	if (!uk_pvh_cet)
		return;
	/* The same stacks of faults as in the task state: 1 and 2. */
	if (CONFIG_NEEDS_CET_SHADOW && uk_pvh_cet & PVH_CET_SHADOW) {
		fault_shadows[1] = token_of(UK_SLOT_FAULT);
		fault_shadows[2] = token_of(UK_SLOT_DOUBLE);
		wrmsr(MSR_INTERRUPT_SSP_TABLE, (uintptr_t)fault_shadows);
		wrmsr(MSR_PL0_SSP, token_of(UK_SLOT_MAIN));
	}
	/* A system register: C has no word for it. */
	__asm__ volatile("movq %%cr4, %0; orq %1, %0; movq %0, %%cr4"
			 : "=&r"(cr4)
			 : "i"(CR4_CET)
			 : "cc", "memory");
}
