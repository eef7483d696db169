/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: BUFFER_TO_RETURN */
/* adversary: A1 */
/*
 * A short overflow of a local array, as far as the return address: with the array on a stack of its own it
 * changes other variables there at most, and the function returns to its caller.
 */
#include "overflow.h"

#define OVERFLOW_WORDS 8

int main(void)
{
	attack_overflow(OVERFLOW_WORDS);
	return 0;
}
