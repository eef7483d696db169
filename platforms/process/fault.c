/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel says of a fault, in the terms of uk/trap.h. */
#include "image.h"

#include <uk/platform.h>

/* Linux include/uapi/asm-generic/{signal,siginfo}.h. */
enum {
	SIGSYS = 31,
	SEGV_ACCERR = 2, /* mapped, but without the right */
	SEGV_PKUERR = 4, /* mapped, but closed by a protection key */
	SYSCALL_BYTES = 2,
};

/* struct siginfo: code, then what the signal has. */
struct siginfo {
	int32_t signal, error, code, pad;
	uint64_t address;
	int32_t call; /* SIGSYS */
};

/* struct ucontext with struct sigcontext: arch/x86/include/uapi/asm/sigcontext.h, 64-bit. */
struct context {
	uint64_t head[5];
	uint64_t registers[15], sp, ip, flags, segments, error, vector, mask, fault_address;
};

_Noreturn void uk_process_fault(int signal, const void *siginfo, const void *context)
{
	const struct siginfo *info = siginfo;
	const struct context *c = context;
	struct uk_fault f = {.vector = (uint32_t)c->vector,
			     .error = (uint32_t)c->error,
			     .ip = c->ip,
			     .sp = c->sp};

	if (signal == SIGSYS) {
		f.vector = UK_VECTOR_CALL;
		f.error = (uint32_t)info->call;
		f.ip -= SYSCALL_BYTES;
	}
	if (f.vector == UK_VECTOR_PF) {
		f.addr = c->fault_address;
		/* Pages come when they are touched: what counts is whether any belongs there. */
		f.error &= ~(uint32_t)UK_PF_PRESENT;
		if (info->code == SEGV_ACCERR || info->code == SEGV_PKUERR)
			f.error |= UK_PF_PRESENT;
	}
	uk_fault(&f);
}
