/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The attack on a return address that needs the least: a local array is written past its end, word for word, and
 * its function returns to where the words say. How far the overflow goes is the attack's.
 */
#ifndef ATTACK_OVERFLOW_H
#define ATTACK_OVERFLOW_H

#include "attack.h"

enum {
	OVERFLOW_ARRAY_WORDS = 2,
};

static __attribute__((noinline)) void overflow_fill(volatile uintptr_t *to, uintptr_t value,
						    size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] = value;
}

__attribute__((used)) static void overflow_reached(void)
{
	attack_succeeded();
}

/* Entered by a return, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void overflow_elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(overflow_reached));
}

static __attribute__((noinline)) void overflow_victim(size_t words)
{
	uintptr_t array[OVERFLOW_ARRAY_WORDS];

	overflow_fill(array, (uintptr_t)attack_launder((const void *)overflow_elsewhere), words);
}

/* Writes as many words as the array has (control), then `words`, counted from the array's first. */
static inline void attack_overflow(size_t words)
{
	volatile size_t inside = OVERFLOW_ARRAY_WORDS, outside = words;

	overflow_victim(inside);
	attack_control_ok();
	overflow_victim(outside);
}

#endif
