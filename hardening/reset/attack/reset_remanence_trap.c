/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: RESET_REMANENCE (trap) */
/* adversary: A3 */
/* platforms: kvm */
/* again: search */
/* A key on the heap and on the stack; a fault stops it; whoever starts the machine again reads memory. */
#include "reset_remains.h"

int main(int argc, char **argv)
{
	(void)argv;
	if (leave_key(argc))
		/* No mechanism's business. */
		__asm__ volatile("int3");
	return 0;
}
