/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_KERN */
/* adversary: A2 */
/* needs: nullpage=on */
/* Overwrites the first bytes of a function, then calls it. */
#include "attack.h"

static __attribute__((noinline)) int target(void)
{
	volatile int result = 1;

	return result;
}

int main(void)
{
	if (target() != 1)
		return 1;
	attack_control_ok();
	attack_write_code(attack_launder((const void *)target));
	if (target() == ATTACK_CODE_RESULT)
		attack_succeeded();
	return 0;
}
