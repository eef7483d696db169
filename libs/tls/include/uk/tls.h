/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread control block and static thread-local storage, x86-64 variant II (System V ABI, "ELF
 * Handling For Thread-Local Storage", 3.4.6): [TLS image][block of UK_TCB_BYTES], %fs points
 * between.
 */
#ifndef UK_TLS_H
#define UK_TLS_H

#include <stddef.h>
#include <stdint.h>

enum {
	/* Room for a C library's own thread structure; musl 1.2.3's struct pthread needs 200. */
	UK_TCB_BYTES = 512,
};

/* What the compiler and the ABI fix; the rest of UK_TCB_BYTES belongs to the C library, zeroed. */
struct uk_tcb {
	struct uk_tcb *self; /* %fs:0 */
	uintptr_t reserved[4];
	uintptr_t canary; /* %fs:0x28, where clang looks for it on this target */
};

/* Bytes of an area for one thread. Allocate it page- or 64-byte-aligned, out of reach of any
 * buffer. */
size_t uk_tls_area_bytes(void);
/*
 * Lays out an area: copies the TLS image, zeroes the block, draws a canary of its own when canaries
 * are in. Returns the thread pointer; loading it into %fs is the caller's affair.
 */
struct uk_tcb *uk_tcb_init(void *area);

/*
 * The thread's unsafe stack (NEEDS_UNSAFE_STACK): up to here it is in use. The compiler fixes the name. Whoever
 * switches stacks without switching the thread's area must switch this.
 */
extern __thread void *__safestack_unsafe_stack_ptr
	__attribute__((tls_model("local-exec"), visibility("hidden")));

static inline struct uk_tcb *uk_tcb_self(void)
{
	struct uk_tcb *tcb;

	/* Segment-relative load: C has no word for it. */
	__asm__("movq %%fs:0, %0" : "=r"(tcb));
	return tcb;
}

#endif
