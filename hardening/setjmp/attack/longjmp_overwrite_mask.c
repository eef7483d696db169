/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: LONGJMP_OVERWRITE (sigsetjmp) */
/* adversary: A1 */
/* adversary: A1 */
/*
 * The same for a buffer with a signal mask: there a C library may keep a return address behind the eight
 * words, so everything up to the mask's second word is overwritten.
 */
#include "attack.h"

#include <setjmp.h>

#define WORDS 10

static struct {
	volatile uintptr_t array[2];
	sigjmp_buf env;
} in_bss;
/* A stack of the attacker's. */
static uintptr_t pivot[1024];
static volatile int jumps;

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* Entered by a jump, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

int main(void)
{
	volatile uintptr_t *to = attack_launder(&in_bss.env);

	if (sigsetjmp(in_bss.env, 1) == 0 && !jumps) {
		jumps = 1;
		siglongjmp(in_bss.env, 1);
	}
	if (jumps == 2)
		return 1;
	attack_control_ok();
	jumps = 2;
	for (size_t i = 0; i < WORDS; i++)
		to[i] = (uintptr_t)attack_launder((const void *)elsewhere);
	to[6] = (uintptr_t)(pivot + 1024);
	siglongjmp(in_bss.env, 1);
}
