/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: SLAB_FREE_DOUBLE */
/*
 * A block is freed a second time when its memory belongs to somebody else already, so that a third gets the
 * same memory: the attacker's block and the victim's are one.
 */
#include "attack.h"

#include <stdlib.h>

#define BYTES 48

int main(void)
{
	void *volatile stale = malloc(BYTES);
	volatile char *victim, *attackers;

	if (!stale)
		return 1;
	free(stale);
	victim = malloc(BYTES);
	if (!victim)
		return 1;
	attack_control_ok();
	free(stale);
	attackers = malloc(BYTES);
	victim[0] = 'v';
	attackers[0] = 'a';
	if (victim[0] == 'a')
		attack_succeeded();
	return 1;
}
