/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CFI_BACKWARD */
/* adversary: A2 */
/* needs: setjmp=on */
/* levels: shadow full */
/* platforms: kvm */
/* machine: bochs */
/* An index of the attacker's choice leads past the array, and the canary, to the return address. */
#include "attack.h"

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* Entered by a return, so with a stack that is not aligned as after a call. */
static __attribute__((naked, used)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

static __attribute__((noinline)) void victim(bool is_attack)
{
	uintptr_t array[2];
	volatile uintptr_t *p = attack_launder(array);
	/* Behind the saved frame pointer: System V ABI AMD64, 3.2.2. */
	const uintptr_t at = (uintptr_t)__builtin_frame_address(0) + sizeof(uintptr_t);

	p[is_attack ? (at - (uintptr_t)p) / sizeof(*p) : 1] = (uintptr_t)elsewhere;
}

int main(void)
{
	victim(false);
	attack_control_ok();
	victim(true);
	return 0;
}
