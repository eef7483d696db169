/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: LONGJMP_OVERWRITE (stack) */
/* adversary: A1 */
/* adversary: A1 */
/* A linear overflow of an array on the stack into a jump buffer behind it. */
#include "attack.h"
#include "overwrite.h"

int main(void)
{
	struct victim on_stack;

	return overwrite(attack_launder(&on_stack));
}
