/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: BUFFER_PAST_STACK */
/* adversary: A1 */
/*
 * An overflow of a local array that goes on for 16 KiB: over the return address, or over the end of the
 * stack that has arrays alone.
 */
#include "overflow.h"

#define OVERFLOW_WORDS 2048

int main(void)
{
	attack_overflow(OVERFLOW_WORDS);
	return 0;
}
