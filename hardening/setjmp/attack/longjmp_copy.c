/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: LONGJMP_COPY */
/* adversary: A2 */
/* A valid buffer put in the place of another: the jump goes to a place of the attacker's choice. */
#include "attack.h"

#include <setjmp.h>

static jmp_buf low, high;
static volatile int is_attack;

static __attribute__((noinline)) void copy(volatile uintptr_t *to, const volatile uintptr_t *from)
{
	for (size_t i = 0; i < sizeof(jmp_buf) / sizeof(uintptr_t); i++)
		to[i] = from[i];
}

int main(void)
{
	if (setjmp(high) != 0)
		attack_succeeded();
	if (setjmp(low) == 0)
		longjmp(low, 1);
	if (is_attack)
		return 1;
	attack_control_ok();
	is_attack = 1;
	copy(attack_launder(low), attack_launder(high));
	longjmp(low, 1);
}
