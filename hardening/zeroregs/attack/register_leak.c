/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: REGISTER_LEAK */
/* adversary: A3 */
/* A function works with a key; what it leaves in registers is there for the code that runs next. */
#include "attack.h"

#define KEY 0x5ec2e75ec2e75ec2u
#define LEAKED 5

static volatile uintptr_t key = KEY;

/* Stands for a cipher: the key is in registers that the compiler would have chosen by itself. */
static __attribute__((noinline)) int use_key(void)
{
	__asm__ volatile("" : : "c"(key), "S"(key), "D"(key));
	return 1;
}

int main(void)
{
	uintptr_t found[LEAKED];

	if (use_key() != 1)
		return 1;
	attack_control_ok();
	(void)use_key();
	/* C has no name for registers. */
	__asm__ volatile("movq %%rcx, 0(%0)\n\t"
			 "movq %%rsi, 8(%0)\n\t"
			 "movq %%rdi, 16(%0)\n\t"
			 "movq %%r8, 24(%0)\n\t"
			 "movq %%r9, 32(%0)"
			 :
			 : "b"(found)
			 : "memory");
	for (size_t i = 0; i < LEAKED; i++)
		if (found[i] == KEY)
			attack_succeeded();
	return 0;
}
