/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_SHADOW_STACK */
/* adversary: A3 */
/* needs: setjmp=on */
/* levels: shadow */
/* platforms: kvm */
/* machine: bochs */
/* Who knows where the processor keeps its copy of the return address writes both. */
#include "attack.h"

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

static __attribute__((naked, used)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

/* Intel SDM vol. 2, RDSSPQ: leaves the register as it was where there is no shadow stack. */
static volatile uintptr_t *shadow(void)
{
	uintptr_t at = 0;

	__asm__ volatile("rdsspq %0" : "+r"(at));
	return (volatile uintptr_t *)at;
}

static __attribute__((noinline)) void victim(bool is_attack)
{
	volatile uintptr_t *copy = shadow(), *own = attack_launder(__builtin_frame_address(0));

	if (!is_attack)
		return;
	if (copy)
		*copy = (uintptr_t)elsewhere;
	own[1] = (uintptr_t)elsewhere;
}

int main(void)
{
	victim(false);
	attack_control_ok();
	victim(true);
	return 0;
}
