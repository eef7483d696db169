/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: BUFFER_TO_RETURN */
/* adversary: A1 */
/*
 * A short overflow of a local array, as far as the return address: with the array on a stack of its own it
 * changes other variables there at most, and the function returns to its caller.
 */
#include "attack.h"

enum {
	ARRAY_WORDS = 2,
	OVERFLOW_WORDS = 8,
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
