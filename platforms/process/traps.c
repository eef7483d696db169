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

typedef void handler(int signal, const void *siginfo, const void *context);
struct kernel_sigaction {
	handler *handler;
	unsigned long flags;
	handler *restorer;
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
	const struct uk_range *slots = uk_map.slots;
	const struct kernel_stack stack = {slots[UK_SLOT_FAULT].base, 0, PROCESS_SIGNAL_STACK};
	/* Nothing returns from a handler, and rt_sigreturn is not allowed: the restorer is never used. */
	const struct kernel_sigaction action = {
		.handler = uk_process_fault,
		.flags = SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_NODEFER,
		.restorer = uk_process_fault,
	};
	long err;

	err = uk_process_gate(SYS_SIGALTSTACK, (uintptr_t)&stack, 0, 0, 0, 0);
	for (size_t i = 0; !err && i < sizeof(signals) / sizeof(signals[0]); i++)
		err = uk_process_gate(SYS_RT_SIGACTION, (uintptr_t)signals[i], (uintptr_t)&action,
				      0, sizeof(action.mask), 0);
	if (err)
		uk_trap("signals");
}
