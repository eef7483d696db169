/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: BUFFER_PAST_STACK */
/* adversary: A1 */
/*
 * An overflow of a local array that goes on for 16 KiB: over the return address, or over the end of the
 * stack that has arrays alone.
 */
#include "attack.h"

enum {
	ARRAY_WORDS = 2,
	OVERFLOW_WORDS = 2048,
};

static __attribute__((noinline)) void fill(volatile uintptr_t *to, uintptr_t value, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] = value;
}

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* Entered by a return, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

static __attribute__((noinline)) void victim(size_t words)
{
	uintptr_t array[ARRAY_WORDS];

	fill(array, (uintptr_t)attack_launder((const void *)elsewhere), words);
}

int main(void)
{
	volatile size_t inside = ARRAY_WORDS, outside = OVERFLOW_WORDS;

	victim(inside);
	attack_control_ok();
	victim(outside);
	return 0;
}
