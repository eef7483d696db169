/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: RESET_REMANENCE (exit) */
/* adversary: A3 */
/* platforms: kvm */
/* again: search */
/* A key on the heap and on the stack; main returns; whoever starts the machine again reads memory. */
#include "reset_remains.h"

int main(int argc, char **argv)
{
	(void)argv;
	leave_key(argc);
	return 0;
}
