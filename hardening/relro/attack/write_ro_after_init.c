/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_RO_AFTER_INIT */
/* adversary: A2 */
/* needs: nullpage=on,wx=on */
/* Changes data that only start-up may write. */
#include "attack.h"

static __attribute__((section(".roinit"))) volatile unsigned int set_at_boot = 7;

int main(void)
{
	volatile unsigned int *p = attack_launder((const void *)&set_at_boot);

	if (*p != 7)
		return 1;
	attack_control_ok();
	*p = 0x55aa;
	if (*p == 0x55aa)
		attack_succeeded();
	return 0;
}
