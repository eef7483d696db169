/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CORRUPT_STACK_STRONG */
/* adversary: A1 */
/* A linear overflow of a local array writes the return address: the function returns elsewhere. */
#include "attack.h"

#define WORDS 24

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
	uintptr_t array[2];

	fill(array, (uintptr_t)attack_launder((const void *)elsewhere), words);
}

int main(void)
{
	volatile size_t inside = 2, outside = WORDS;

	victim(inside);
	attack_control_ok();
	victim(outside);
	return 0;
}
