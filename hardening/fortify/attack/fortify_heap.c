/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: FORTIFY_HEAP */
/* adversary: A1 */
/* Fills an allocation beyond its end. */
#include "attack.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 24

static volatile size_t len = BLOCK_BYTES;

int main(void)
{
	char *block = malloc(BLOCK_BYTES);

	if (!block)
		return 1;
	memset(block, 'x', len);
	attack_control_ok();
	len = BLOCK_BYTES + 1;
	memset(block, 'y', len);
	if (((volatile char *)block)[BLOCK_BYTES] == 'y')
		attack_succeeded();
	return 0;
}
