/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: ARRAY_BOUNDS_MEMBER */
/* adversary: A2 */
/* An index past the end of an array in a structure on the heap writes the member behind it. */
#include "attack.h"

#define LEN 8

#include <stdlib.h>

struct object {
	uintptr_t items[LEN];
	uintptr_t rights;
};

static __attribute__((noinline)) void set(struct object *o, size_t index, uintptr_t value)
{
	o->items[index] = value;
}

static __attribute__((noinline)) int victim(size_t index)
{
	struct object *o = attack_launder(calloc(1, sizeof(*o)));

	set(o, index, 1);
	return o->rights != 0;
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
