/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: CORRUPT_STACK_STRONG */
/* adversary: A1 */
/* A linear overflow of a local array writes the return address: the function returns elsewhere. */
#include "overflow.h"

#define OVERFLOW_WORDS 24

int main(void)
{
	attack_overflow(OVERFLOW_WORDS);
	return 0;
}
