/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: EXEC_NULL */
/* adversary: A2 */
/* on-argument: call */
/*
 * Calls a null pointer. Where page zero can be written the attacker puts code there first; run with
 * the argument `call`, the program leaves that out, so that the call itself is what gets stopped.
 */
#include "attack.h"

static int normal(void)
{
	return ATTACK_CODE_RESULT;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (attack_call((const void *)normal) != ATTACK_CODE_RESULT)
		return 1;
	attack_control_ok();
	if (argc < 2)
		attack_write_code(attack_launder(NULL));
	if (attack_call(NULL) == ATTACK_CODE_RESULT)
		attack_succeeded();
	return 0;
}
