/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints where things are in this boot: what an attacker would have to know. Never in a real program. */
#include "attack.h"

#include <stdlib.h>

static void say_number(const char *name, uintptr_t n)
{
	char text[sizeof(n) * 2 + 2];
	size_t at = sizeof(text);

	text[--at] = '\0';
	text[--at] = '\n';
	while (at > 0) {
		text[--at] = "0123456789abcdef"[n & 15];
		n >>= 4;
	}
	attack_say(name);
	attack_say(text);
}

int main(void)
{
	void *heap = malloc(16);
	uintptr_t canary;
	int stack = 0;

	/* C has no name for the thread's control block. */
	__asm__("movq %%fs:0x28, %0" : "=r"(canary));
	say_number("image ", (uintptr_t)attack_launder((const void *)main));
	say_number("stack ", (uintptr_t)attack_launder(&stack));
	say_number("heap ", (uintptr_t)attack_launder(heap));
	say_number("canary ", canary);
	return heap ? 0 : 1;
}
