/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CFI_FORWARD_PROTO */
/* adversary: A2 */
/* A call through a pointer to a function of another type. */
#include "attack.h"

static __attribute__((noinline, used)) int allowed(int *counter)
{
	return ++*counter;
}

static __attribute__((noinline, used)) void forbidden(void *counter)
{
	(void)counter;
	attack_succeeded();
}

static int (*volatile pointer)(int *) = allowed;
/* Its address is taken elsewhere too, as in a real program: it has a type hash or a table entry. */
static void (*volatile other)(void *) = forbidden;

int main(void)
{
	int counter = 0;

	if (pointer(&counter) != 1)
		return 1;
	attack_control_ok();
	pointer = (int (*)(int *))(uintptr_t)attack_launder((const void *)other);
	return pointer(&counter);
}
