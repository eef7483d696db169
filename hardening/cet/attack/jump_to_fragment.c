/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: JUMP_TO_FRAGMENT */
/* adversary: A2 */
/* needs: setjmp=on */
/* levels: ibt full */
/* platforms: kvm */
/* machine: bochs */
/* A pointer to a function is overwritten with the address of code somewhere inside of another one. */
#include "attack.h"

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* What is wanted of it is its second part; that is entered by a call, so the stack is 8 bytes off. */
static __attribute__((naked, used)) void holder(void)
{
	__asm__("ret\n\t"
		"int3\n"
		"cet_fragment:\n\t"
		"subq $8, %%rsp\n\t"
		"call %c0"
		:
		: "i"(reached));
}

static void (*volatile pointer)(void) = holder;

int main(void)
{
	uintptr_t fragment;

	pointer();
	attack_control_ok();
	/* C has no name for the middle of a function. */
	__asm__("leaq cet_fragment(%%rip), %0" : "=r"(fragment));
	pointer = (void (*)(void))fragment;
	pointer();
	return 0;
}
