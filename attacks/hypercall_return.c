/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: HYPERCALL_RETURN */
/* adversary: A2 */
/* stops: shadowstack */
/* platforms: xen-pv xen-pvh */
/*
 * An arbitrary write to a return address, and what lies above it: a fragment that loads registers from the stack, then the
 * function that calls Xen, then the rest of the attack.
 */
#include "hypercall.h"

__attribute__((used)) static void resume(void)
{
	hypercall_finish();
	uk_plat_halt(0, NULL);
}

/* Entered by a return, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(resume));
}

/* As the ends of large functions have it. */
static __attribute__((naked, used)) void fragment(void)
{
	__asm__("popq %rdi\n\tpopq %rsi\n\tpopq %rdx\n\tpopq %rcx\n\tpopq %r8\n\tret");
}

static __attribute__((noinline)) void write_words(volatile uintptr_t *at, const uintptr_t *words,
						  size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = words[i];
}

static __attribute__((noinline)) void victim(volatile int is_attack, const uintptr_t *words,
					     size_t len)
{
	volatile uintptr_t array[16];
	/* Behind the saved frame pointer: System V ABI AMD64, 3.2.2. */
	uintptr_t *target = (uintptr_t *)__builtin_frame_address(0) + 1;

	write_words(is_attack ? attack_launder(target) : attack_launder((const void *)array), words,
		    len);
}

int main(void)
{
	volatile uintptr_t room[16] = {
		0}; /* above the return address: nothing else is overwritten */
	const struct hypercall h = hypercall_control() ? hypercall_aim() : (struct hypercall){0};
	const uintptr_t words[] = {(uintptr_t)attack_launder((const void *)fragment),
				   h.nr,
				   h.a,
				   h.b,
				   h.c,
				   h.d,
				   (uintptr_t)attack_launder((const void *)uk_xen_call),
				   (uintptr_t)attack_launder((const void *)elsewhere)};

	if (!h.nr)
		return 1;
	victim(0, words, sizeof(words) / sizeof(*words));
	attack_control_ok();
	victim(1, words, sizeof(words) / sizeof(*words));
	return (int)room[0];
}
