/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: REPLAYED_OFFSET */
/* adversary: A2 */
/*
 * One word is written at a distance from a buffer that another build has told: where that build has a table of
 * functions beside the buffer.
 */
#include "frames.h"

int main(int argc, char **argv)
{
	return frames_main(argc, argv, HOW_OFFSET);
}
