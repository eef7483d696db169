/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: ACCESS_NULL (read) */
/* adversary: A2 */
/* Reads through a null pointer. */
#include "attack.h"

int main(void)
{
	int value = 1;
	const volatile int *p = attack_launder(&value);

	if (*p != 1)
		return 1;
	attack_control_ok();
	p = attack_launder(NULL);
	value = *p;
	attack_succeeded();
}
