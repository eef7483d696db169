/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: EXEC_RODATA */
/* adversary: A2 */
/* needs: nullpage=on */
/* Calls bytes of a constant. */
#include "attack.h"

static const unsigned char place[ATTACK_CODE_BYTES] = ATTACK_CODE;

static int normal(void)
{
	return ATTACK_CODE_RESULT;
}

int main(void)
{
	if (attack_call((const void *)normal) != ATTACK_CODE_RESULT)
		return 1;
	attack_control_ok();
	if (attack_call(place) == ATTACK_CODE_RESULT)
		attack_succeeded();
	return 0;
}
