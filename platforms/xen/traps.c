/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot: Xen learns where faults go. */
#include "call.h"
#include "pv.h"

#include <uk/boot.h>

enum {
	VECTORS = 20, /* the exceptions that Xen hands on: up to SIMD's, SDM vol. 3, table 6-1 */
	STUB_BYTES = 8,
	BREAKPOINT = 3,
	/* Of trap_info: who may raise it by an instruction, and "no events in the handler". */
	FROM_RING3 = 3,
	EVENTS_OFF = 4,
};

extern uintptr_t uk_xen_pv_fault_stack;

void uk_boot_traps(void)
{
	const struct uk_range *stack = &uk_map.slots[UK_SLOT_FAULT];
	static struct trap_info traps[VECTORS + 1]; /* the last one ends the table */

	uk_xen_pv_fault_stack = stack->base + stack->bytes;
	for (size_t i = 0; i < VECTORS; i++)
		traps[i] = (struct trap_info){
			.vector = (uint8_t)i,
			.flags = EVENTS_OFF | (i == BREAKPOINT ? FROM_RING3 : 0),
			.cs = FLAT_KERNEL_CS,
			.address = (uintptr_t)uk_xen_pv_stubs + i * STUB_BYTES,
		};
	if (uk_xen_call(__HYPERVISOR_set_trap_table, (uintptr_t)traps, 0, 0, 0))
		uk_trap("xen");
}
