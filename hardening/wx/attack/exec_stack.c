/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: EXEC_STACK */
/* adversary: A2 */
/* needs: nullpage=on */
/* Writes code to the stack and calls it. */
#include "attack.h"

static int normal(void)
{
	return ATTACK_CODE_RESULT;
}

int main(void)
{
	unsigned char place[64];

	if (attack_call((const void *)normal) != ATTACK_CODE_RESULT)
		return 1;
	attack_write_code(place);
	attack_control_ok();
	if (attack_call((const void *)place) == ATTACK_CODE_RESULT)
		attack_succeeded();
	return 0;
}
