/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: FORTIFY_MEMCPY */
/* adversary: A1 */
/* Copies more than a local array holds, by a length from outside. */
#include "attack.h"
#include <string.h>

#define NAME_BYTES 16

static volatile size_t len = 8;
static const char field[64] = "0123456789abcdef!";

/* The compiler knows the array; it knows nothing of the length. */
static __attribute__((noinline)) void copy(void)
{
	char name[NAME_BYTES];

	memcpy(name, field, len);
	((volatile char *)name)[0] = 0;
}

int main(void)
{
	copy();
	attack_control_ok();
	len = NAME_BYTES + 1;
	copy();
	attack_succeeded();
}
