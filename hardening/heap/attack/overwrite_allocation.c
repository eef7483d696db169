/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: OVERWRITE_ALLOCATION */
/* adversary: A1 */
/* A linear overflow of a block into the one behind it, which is used after the first has been freed. */
#include "attack.h"

#include <stdlib.h>

#define BYTES 48
#define BLOCKS 64

static volatile char *blocks[BLOCKS];

int main(void)
{
	size_t first = BLOCKS;

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BYTES);
		if (!blocks[i])
			return 1;
		for (size_t k = 0; k < BYTES; k++)
			blocks[i][k] = 'v';
	}
	/* An attacker who knows the heap has put the two side by side: here they are looked for. */
	for (size_t i = 0; i < BLOCKS && first == BLOCKS; i++)
		for (size_t j = 0; j < BLOCKS; j++)
			if (blocks[j] > blocks[i] && blocks[j] - blocks[i] <= 2 * BYTES)
				first = i;
	if (first == BLOCKS)
		return 1;
	attack_control_ok();
	for (size_t k = 0; k < 3 * BYTES; k++)
		((volatile char *)attack_launder((const void *)blocks[first]))[k] = 'a';
	free((void *)blocks[first]);
	for (size_t i = 0; i < BLOCKS; i++)
		if (i != first && blocks[i][0] == 'a')
			attack_succeeded();
	return 1;
}
