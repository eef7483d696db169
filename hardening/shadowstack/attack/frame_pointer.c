/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: FRAME_POINTER */
/* adversary: A2 */
/*
 * The frame pointer that a function saved for its caller is overwritten: the caller, which finds its frame by
 * it, leaves by a stack that the attacker wrote elsewhere, return address included (a stack pivot).
 */
#include "attack.h"

enum {
	FAKE_WORDS = 512,
	/* The caller restores registers from below its frame pointer, the canary among its locals. */
	FAKE_FRAME = 384,
};

static uintptr_t fake[FAKE_WORDS];

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

static __attribute__((noinline)) void touch(volatile char *p, size_t len)
{
	p[len - 1] = 1;
}

/* Has a frame pointer and no array; saves the caller's as its first word. */
static __attribute__((noinline)) void writer(int is_attack)
{
	volatile uintptr_t *saved = __builtin_frame_address(0);

	if (is_attack)
		*saved = (uintptr_t)attack_launder(&fake[FAKE_FRAME]);
}

/* A frame of a size that is known at run time only: it is found again by the frame pointer. */
static __attribute__((noinline)) void victim(volatile size_t len, int is_attack)
{
	volatile char *p = __builtin_alloca(len);

	touch(p, len);
	writer(is_attack);
}

int main(void)
{
	for (size_t i = 0; i < FAKE_WORDS; i++)
		fake[i] = 0;
	fake[FAKE_FRAME + 1] = (uintptr_t)attack_launder((const void *)elsewhere);
	victim(40, 0);
	attack_control_ok();
	victim(40, 1);
	return 0;
}
