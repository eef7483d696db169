/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: LONGJMP_OVERWRITE (heap) */
/* adversary: A1 */
/* adversary: A1 */
/* A linear overflow within a block of the heap into a jump buffer behind the array. */
#include "attack.h"
#include "overwrite.h"

#include <stdlib.h>

int main(void)
{
	struct victim *on_heap = malloc(sizeof(*on_heap));

	return on_heap ? overwrite(attack_launder(on_heap)) : 1;
}
