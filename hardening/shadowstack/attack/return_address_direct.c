/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: RETURN_ADDRESS_DIRECT */
/* adversary: A2 */
/* needs: canary=all */
/*
 * An arbitrary write (A2): one word, at the place of a return address, past the canary, which stays as it
 * is and lets the function return elsewhere.
 */
#include "attack.h"

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* Entered by a return, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

static __attribute__((noinline)) void write_word(volatile uintptr_t *at, uintptr_t value)
{
	*at = value;
}

static __attribute__((noinline)) void victim(volatile int is_attack)
{
	volatile uintptr_t array[2];
	/* Behind the saved frame pointer: System V ABI AMD64, 3.2.2. */
	uintptr_t *target = (uintptr_t *)__builtin_frame_address(0) + 1;

	write_word(is_attack ? attack_launder(target) : attack_launder((const void *)&array[1]),
		   (uintptr_t)attack_launder((const void *)elsewhere));
}

int main(void)
{
	victim(0);
	attack_control_ok();
	victim(1);
	return 0;
}
