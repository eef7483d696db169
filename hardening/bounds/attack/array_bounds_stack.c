/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: ARRAY_BOUNDS_STACK */
/* adversary: A2 */
/* An index past the end of an array on the stack writes the variable behind it, with no canary in between. */
#include "attack.h"

#define LEN 8

static __attribute__((noinline)) void use(volatile void *p)
{
	(void)attack_launder((const void *)(uintptr_t)p);
}

/* The structure fixes what lies behind the array. */
static __attribute__((noinline)) int victim(size_t index)
{
	struct {
		volatile unsigned char bytes[LEN];
		volatile unsigned char is_admin;
	} frame = {{0}, 0};

	use(&frame);
	frame.bytes[index] = 1;
	return frame.is_admin;
}

int main(void)
{
	volatile size_t inside = 1, outside = LEN;

	if (victim(inside) != 0)
		return 1;
	attack_control_ok();
	if (victim(outside) != 0)
		attack_succeeded();
	return 0;
}
