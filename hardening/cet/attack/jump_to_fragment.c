/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: JUMP_TO_FRAGMENT */
/* adversary: A2 */
/* needs: setjmp=on */
/* levels: ibt full */
/* platforms: kvm */
/* machine: bochs */
/* A pointer to a function is overwritten with the address of code somewhere inside of another one. */
#include "attack.h"

enum {
	FRAGMENT_AT = 16,
};

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* What is wanted of it begins at FRAGMENT_AT; entered by a call, so the stack is 8 bytes off. */
static __attribute__((naked, used, aligned(FRAGMENT_AT))) void holder(void)
{
	__asm__("ret\n\t"
		".balign %c1, 0xcc\n\t"
		"subq $8, %%rsp\n\t"
		"call %c0"
		:
		: "i"(reached), "i"(FRAGMENT_AT));
}

static void (*volatile pointer)(void) = holder;

int main(void)
{
	pointer();
	attack_control_ok();
	pointer = (void (*)(void))((uintptr_t)attack_launder((const void *)pointer) + FRAGMENT_AT);
	pointer();
	return 0;
}
