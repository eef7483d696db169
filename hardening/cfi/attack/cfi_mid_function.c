/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CFI_MID_FUNCTION */
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
		".balign 16, 0x90\n\t"
		"subq $8, %%rsp\n\t"
		"call %c0"
		:
		: "i"(reached));
}

static int (*volatile pointer)(void) = guarded;

int main(void)
{
	if (pointer() != 0)
		return 1;
	attack_control_ok();
	/* The second half begins at the next multiple of 16 bytes. */
	pointer = (int (*)(void))((((uintptr_t)pointer) | 15) + 1);
	return pointer();
}
