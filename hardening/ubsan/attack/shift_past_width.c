/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: SHIFT_PAST_WIDTH */
/* adversary: A1 */
/* Rights are bits of a word. Number 33, which nobody was given, shifts to the same bit as number 1. */
#include "attack.h"

static __attribute__((noinline)) bool victim(unsigned rights, unsigned number)
{
	return (rights & (1u << number)) != 0;
}

int main(void)
{
	volatile unsigned rights = 1u << 1, given = 1, missing = 2, beyond = 33;

	if (!victim(rights, given) || victim(rights, missing))
		return 1;
	attack_control_ok();
	if (victim(rights, beyond))
		attack_succeeded();
	return 0;
}
