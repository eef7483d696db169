/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: STACK_CLASH */
/* adversary: A1 */
/* One huge frame steps over a guard and writes into what lies below ("The Stack Clash", Qualys 2017). */
#include "attack.h"

/* Larger than the main stack. */
#define FRAME_BYTES ((ATTACK_STACK_KIB + 16) << 10)

static __attribute__((noinline)) void fill(volatile unsigned char *lowest)
{
	lowest[0] = 0x5a;
}

static __attribute__((noinline)) int big_frame(size_t bytes)
{
	volatile unsigned char frame[bytes];

	fill(frame);
	return frame[0];
}

int main(void)
{
	volatile size_t small = 1024, big = FRAME_BYTES;

	if (big_frame(small) != 0x5a)
		return 1;
	attack_control_ok();
	if (big_frame(big) == 0x5a)
		attack_succeeded();
	return 0;
}
