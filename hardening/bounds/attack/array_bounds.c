/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: ARRAY_BOUNDS */
/* adversary: A2 */
/* An index past the end of a global array reads what lies behind it. */
#include "attack.h"

#define LEN 8

/* The structure fixes what lies behind the array. */
static struct {
	volatile unsigned char bytes[LEN];
	volatile unsigned char key;
} data = {{0}, 0x5e};

static __attribute__((noinline)) int victim(size_t index)
{
	return data.bytes[index];
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
