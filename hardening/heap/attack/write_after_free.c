/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_AFTER_FREE */
/* A write through a stale pointer, to a block that holds a function pointer's value by then. */
#include "attack.h"
#include "churn.h"

#define BYTES 64

int main(void)
{
	volatile uintptr_t *volatile stale = malloc(BYTES), *victim;
	const uintptr_t good = 0x1111, evil = 0x2222;

	if (!stale)
		return 1;
	free((void *)stale);
	victim = malloc(BYTES);
	if (!victim)
		return 1;
	victim[1] = good;
	attack_control_ok();
	stale[1] = evil;
	if (victim[1] == evil)
		attack_succeeded();
	/* It missed: the victim is elsewhere. The program goes on, and the memory is used again. */
	churn(BYTES);
	return 1;
}
