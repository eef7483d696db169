/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints where things are in this boot: what an attacker would have to know. Never in a real program. */
#include "attack.h"

#include <stdlib.h>

int main(void)
{
	void *heap = malloc(16);
	uintptr_t canary;
	int stack = 0;

	/* C has no name for the thread's control block. */
	__asm__("movq %%fs:0x28, %0" : "=r"(canary));
	attack_say_number("image ", (uintptr_t)attack_launder((const void *)main));
	attack_say_number("stack ", (uintptr_t)attack_launder(&stack));
	attack_say_number("heap ", (uintptr_t)attack_launder(heap));
	attack_say_number("canary ", canary);
	return heap ? 0 : 1;
}
