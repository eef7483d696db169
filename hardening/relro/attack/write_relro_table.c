/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_RELRO_TABLE */
/* adversary: A2 */
/* needs: nullpage=on,wx=on,aslr=boot */
/* Changes a constant table of functions, which start-up has to relocate and therefore to write. */
#include "attack.h"

static __attribute__((noinline)) int first(void)
{
	return 1;
}

static __attribute__((noinline)) int second(void)
{
	return 2;
}

static int (*const volatile table[])(void) = {first, second};

int main(void)
{
	int (**entry)(void) = attack_launder((const void *)table);

	if (table[0]() != 1)
		return 1;
	attack_control_ok();
	entry[0] = table[1];
	if (table[0]() == 2)
		attack_succeeded();
	return 0;
}
