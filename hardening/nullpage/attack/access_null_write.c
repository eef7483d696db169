/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: ACCESS_NULL (write) */
/* adversary: A2 */
/* Writes a field of a structure behind a null pointer, in the last page of the first 64 KiB. */
#include "attack.h"

struct big {
	char before[0xf000];
	int field;
};

int main(void)
{
	int value = 0;
	volatile int *p = attack_launder(&value);
	volatile struct big *b = attack_launder(NULL);

	*p = 1;
	if (value != 1)
		return 1;
	attack_control_ok();
	b->field = 0x55aa;
	if (b->field == 0x55aa)
		attack_succeeded();
	return 0;
}
