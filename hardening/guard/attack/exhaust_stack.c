/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: EXHAUST_STACK */
/* adversary: A1 */
/* Recursion that uses more stack than there is. */
#include "attack.h"

/* A little more than the main stack: what lies below it is overwritten. */
#define STACK_BYTES (ATTACK_STACK_KIB << 10)
#define BEYOND_BYTES 2048
#define FRAME_BYTES 256

static __attribute__((noinline)) unsigned int descend(uintptr_t end)
{
	volatile unsigned char frame[FRAME_BYTES];

	frame[0] = 1;
	if ((uintptr_t)frame <= end)
		return 1;
	return descend(end) + frame[0];
}

int main(void)
{
	volatile unsigned char here = 0;
	uintptr_t start = (uintptr_t)attack_launder((const void *)&here);

	if (descend(start - STACK_BYTES / 2) < 2)
		return 1;
	attack_control_ok();
	if (descend(start - STACK_BYTES - BEYOND_BYTES) > 2)
		attack_succeeded();
	return 0;
}
