/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: FORMAT_WRITE */
/* adversary: A2 */
/* A format from outside writes through a pointer that lies among the arguments. */
#include "attack.h"
#include <stdio.h>

static char format[16] = "%.3s";

int main(void)
{
	const char *volatile given = format;
	volatile int target = 0;
	char out[16];

	if (snprintf(out, sizeof(out), given, "abc", &target) != 3)
		return 1;
	attack_control_ok();
	format[4] = '%';
	format[5] = 'n';
	snprintf(out, sizeof(out), given, "abc", &target);
	if (target == 3)
		attack_succeeded();
	return 0;
}
