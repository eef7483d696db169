/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CFI_MID_FUNCTION */
/* adversary: A2 */
/* A call through a pointer into the middle of a function of the right type. */
#include "attack.h"

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* The check that the entry makes is what an attacker wants to step over. */
static __attribute__((naked, used)) int guarded(void)
{
	__asm__("xorl %%eax, %%eax\n\t"
		"ret\n\t"
		"int3\n"
		"cfi_second_half:\n\t"
		"subq $8, %%rsp\n\t"
		"call %c0"
		:
		: "i"(reached));
}

static int (*volatile pointer)(void) = guarded;

int main(void)
{
	uintptr_t half;

	if (pointer() != 0)
		return 1;
	attack_control_ok();
	/* C has no name for the middle of a function. */
	__asm__("leaq cfi_second_half(%%rip), %0" : "=r"(half));
	pointer = (int (*)(void))half;
	return pointer();
}
