/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: EXEC_HEAP */
/* adversary: A2 */
/* needs: nullpage=on */
/* Writes code to memory from malloc and calls it. */
#include "attack.h"
#include <stdlib.h>

static int normal(void)
{
	return ATTACK_CODE_RESULT;
}

int main(void)
{
	unsigned char *place = malloc(64);

	if (!place)
		return 1;
	if (attack_call((const void *)normal) != ATTACK_CODE_RESULT)
		return 1;
	attack_write_code(place);
	attack_control_ok();
	if (attack_call((const void *)place) == ATTACK_CODE_RESULT)
		attack_succeeded();
	return 0;
}
