/* SPDX-License-Identifier: BSD-2-Clause */
/* An array in front of a jump buffer, and its overflow: the form of attack that RIPE calls longjmpbuf. */
#ifndef OVERWRITE_H
#define OVERWRITE_H

#include "attack.h"

#include <setjmp.h>

/* Words of the buffer (musl, arch/x86_64): rbx rbp r12 r13 r14 r15 rsp rip. */
#define WORDS 8
#define WORD_SP 6

struct victim {
	volatile uintptr_t array[2];
	jmp_buf env;
};

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* Entered by a jump, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

/* A stack of the attacker's. */
static uintptr_t pivot[1024];
static volatile int jumps;

static __attribute__((noinline)) void fill(volatile uintptr_t *to, uintptr_t value)
{
	for (size_t i = 0; i < 2 + WORDS; i++)
		to[i] = i == 2 + WORD_SP ? (uintptr_t)(pivot + 1024) : value;
}

static inline int overwrite(struct victim *v)
{
	if (setjmp(v->env) == 0)
		longjmp(v->env, 1);
	if (jumps++)
		return 1;
	attack_control_ok();
	fill(v->array, (uintptr_t)attack_launder((const void *)elsewhere));
	longjmp(v->env, 1);
}

#endif
