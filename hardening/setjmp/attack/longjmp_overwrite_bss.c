/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: LONGJMP_OVERWRITE (bss) */
/* adversary: A1 */
/* adversary: A1 */
/* A linear overflow of a static array into a jump buffer behind it. */
#include "attack.h"
#include "overwrite.h"

static struct victim in_bss;

int main(void)
{
	return overwrite(attack_launder(&in_bss));
}
