/* SPDX-License-Identifier: BSD-2-Clause */
/* A fault, from the processor's frame to uk_fault(). */
#include <uk/platform.h>

#include "pvh.h"

enum {
	/* Vectors that push an error code: SDM vol. 3, table 6-1. */
	VECTORS_WITH_ERROR =
		1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21,
};

/* What the processor pushes: SDM vol. 3, 6.14.2. */
struct cpu_frame {
	uint64_t ip, cs, flags, sp, ss;
};

_Noreturn void uk_pvh_exception(const uint64_t *frame, uintptr_t fault_addr)
{
	const struct cpu_frame *cpu = (const struct cpu_frame *)(frame + 1);
	struct uk_fault f = {.error = 0};

	f.vector = (uint32_t)((frame[0] - 1 - (uintptr_t)uk_pvh_stubs) / PVH_STUB_BYTES);
	if (VECTORS_WITH_ERROR >> f.vector & 1) {
		f.error = (uint32_t)frame[1];
		cpu = (const struct cpu_frame *)(frame + 2);
	}
	f.ip = cpu->ip;
	f.sp = cpu->sp;
	if (f.vector == UK_VECTOR_PF)
		f.addr = fault_addr;
	uk_fault(&f);
}
