/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: FIXED_ADDRESS */
/* adversary: A2 */
/* levels: boot full */
/* symbol: secret_function */
/* Jumps to the address that a function has in the attacker's copy of the image. */
#include "attack.h"

__attribute__((noinline, used)) int secret_function(void);
int secret_function(void)
{
	attack_succeeded();
}

static uintptr_t number(const char *s)
{
	uintptr_t n = 0;

	for (; *s; s++)
		n = n << 4 | (uintptr_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return n;
}

static int normal(void)
{
	return 1;
}

int main(int argc, char **argv)
{
	/* Its address is used, so that the checks of indirect calls let it pass. */
	attack_function *volatile keep = secret_function;

	if (argc < 2 || !keep || attack_call((const void *)normal) != 1)
		return 1;
	attack_control_ok();
	return attack_call((const void *)number(argv[1]));
}
