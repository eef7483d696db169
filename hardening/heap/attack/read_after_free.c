/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: READ_AFTER_FREE */
/* What a freed block held, read through a stale pointer and from the blocks that are handed out next. */
#include "attack.h"

#include <stdlib.h>

#define WORDS 8
#define BLOCKS 300

static int has_secret(const volatile uint64_t *p, uint64_t secret)
{
	for (size_t i = 0; i < WORDS; i++)
		if (p[i] == secret)
			return 1;
	return 0;
}

int main(void)
{
	const uint64_t secret = 0x5ec2e7a15ec2e7a1;
	volatile uint64_t *volatile stale = malloc(WORDS * sizeof(secret));

	if (!stale)
		return 1;
	for (size_t i = 0; i < WORDS; i++)
		stale[i] = secret;
	if (has_secret(stale, secret))
		attack_control_ok();
	free((void *)stale);
	if (has_secret(stale, secret))
		attack_succeeded();
	for (size_t i = 0; i < BLOCKS; i++) {
		const volatile uint64_t *p = malloc(WORDS * sizeof(secret));

		if (p && has_secret(p, secret))
			attack_succeeded();
	}
	return 0;
}
