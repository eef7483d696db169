/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: handlers of the signals they arrive as, on a stack of their own. */
#include "image.h"

#include <uk/platform.h>

#include <uk/boot.h>

/* Linux include/uapi/asm-generic/signal.h, arch/x86/include/uapi/asm/signal.h. */
enum {
	SIGILL = 4,
	SIGTRAP = 5,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGSEGV = 11,
	SIGSYS = 31,
};
#define SA_SIGINFO 0x4UL
#define SA_RESTORER 0x04000000UL /* demanded on x86-64 (arch/x86/kernel/signal_64.c) */
#define SA_ONSTACK 0x08000000UL
#define SA_NODEFER 0x40000000UL /* a fault in the handler comes to the handler, which then ends */

struct kernel_sigaction {
	const void *handler;
	unsigned long flags;
	const void *restorer;
	uint64_t mask;
};
struct kernel_stack {
	uintptr_t base;
	int flags;
	size_t bytes;
};

void uk_boot_traps(void)
{
	static const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
	const struct uk_range *frames = &uk_map.slots[UK_SLOT_FAULT],
			      *rest = &uk_map.slots[UK_SLOT_DOUBLE];
	const struct kernel_stack stack = {frames->base, 0, frames->bytes};
	const struct kernel_sigaction action = {
		.handler = uk_process_handler,
		.flags = SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_NODEFER,
		.restorer = uk_process_handler, /* nothing returns: rt_sigreturn is not allowed */
	};
	long err;

	/* Too small a stack would turn every fault into a silent end. */
	if (uk_process_machine.signal_frame_bytes > frames->bytes)
		uk_trap("signal-frame");
	uk_process_handler_sp = rest->base + rest->bytes;
	err = uk_process_gate(SYS_SIGALTSTACK, (uintptr_t)&stack, 0, 0, 0, 0);
	for (size_t i = 0; !err && i < sizeof(signals) / sizeof(signals[0]); i++)
		err = uk_process_gate(SYS_RT_SIGACTION, (uintptr_t)signals[i], (uintptr_t)&action,
				      0, sizeof(action.mask), 0);
	if (err)
		uk_trap("signals");
}
