/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_RO */
/* adversary: A2 */
/* needs: nullpage=on */
/* Changes a constant. */
#include "attack.h"

static const volatile unsigned int constant[4] = {1, 2, 3, 4};

int main(void)
{
	volatile unsigned int *p = attack_launder((const void *)&constant[2]);

	if (*p != 3)
		return 1;
	attack_control_ok();
	*p = 0x55aa;
	if (*p == 0x55aa)
		attack_succeeded();
	return 0;
}
