/* SPDX-License-Identifier: BSD-2-Clause */
/* The jump buffer as musl declares it (include/setjmp.h, arch/x86_64/bits/setjmp.h) and as it is used here. */
#ifndef UK_SETJMP_BUFFER_H
#define UK_SETJMP_BUFFER_H

#include <stdint.h>

enum {
	UK_SETJMP_WORDS = 8,
	UK_SETJMP_KEY_WORDS = 2,
};

struct uk_setjmp_buffer {
	uint64_t words[UK_SETJMP_WORDS]; /* rbx rbp r12 r13 r14 r15 rsp rip */
	uint64_t has_mask;               /* sigsetjmp() was asked to keep the signal mask */
	uint64_t mask;
	uint64_t
		seal; /* the second word of what upstream keeps for the mask; the kernel uses one */
#if CONFIG_NEEDS_CET_SHADOW
	uint64_t
		shadow; /* pointer of the processor's shadow stack in setjmp(), 0 where there is none */
#endif
};

/* Drawn at boot, read-only afterwards. */
extern uint64_t uk_setjmp_key[UK_SETJMP_KEY_WORDS];

/*
 * Called by the assembly when the words are stored; returns to the caller of setjmp(), 0. Calls of these two
 * are what the verifier looks for.
 */
__attribute__((noinline)) int uk_setjmp_seal(struct uk_setjmp_buffer *b, int has_mask);
/* Traps unless b is as it was sealed, in the place where it was sealed. */
__attribute__((noinline)) void uk_setjmp_check(const struct uk_setjmp_buffer *b);
/* The signal mask into b, before the rest. */
void uk_setjmp_save_mask(struct uk_setjmp_buffer *b);

#endif
