/* SPDX-License-Identifier: BSD-2-Clause */
/* A fault, from the frame that Xen pushes to uk_fault(). */
#include "call.h"
#include "pv.h"

enum {
	/* Vectors that push an error code: SDM vol. 3, table 6-1. */
	VECTORS_WITH_ERROR =
		1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21,
	STUB_BYTES = 8,
	/* Xen pushes %rcx and %r11 last: a handler that returns loads them before it does. */
	EXTRA_WORDS = 2,
};

/* What the processor would push: SDM vol. 3, 6.14.2. */
struct cpu_frame {
	uint64_t ip, cs, flags, sp, ss;
};

_Noreturn void uk_xen_pv_exception(const uint64_t *frame)
{
	const uint64_t *pushed = frame + 1 + EXTRA_WORDS;
	const struct cpu_frame *cpu;
	struct uk_fault f = {.error = 0};

	f.vector = (uint32_t)((frame[0] - (uintptr_t)uk_xen_pv_stubs) / STUB_BYTES);
	if (VECTORS_WITH_ERROR >> f.vector & 1)
		f.error = (uint32_t)*pushed++;
	cpu = (const struct cpu_frame *)pushed;
	f.ip = cpu->ip;
	f.sp = cpu->sp;
	/* Ring 3 has no use of CR2: Xen keeps a copy. */
	if (f.vector == UK_VECTOR_PF)
		f.addr = uk_xen.shared->vcpu_info[0].arch.cr2;
	uk_fault(&f);
}
