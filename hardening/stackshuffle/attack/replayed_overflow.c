/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: REPLAYED_OVERFLOW */
/* adversary: A1 */
/* A buffer is overrun up to where another build has a table of functions behind it, and the table with it. */
#include "frames.h"

int main(int argc, char **argv)
{
	return frames_main(argc, argv, HOW_OVERFLOW);
}
