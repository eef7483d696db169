/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: RESET_REMANENCE (exit) */
/* adversary: A3 */
/* platforms: kvm */
/* again: search */
/* A key on the heap and on the stack; main returns; whoever starts the machine again reads memory. */
#include "reset_remains.h"
#include <stdlib.h>

int main(int argc, char **argv)
{
	volatile uint64_t *block;

	(void)argv;
	if (argc > 1) {
		attack_control_ok();
		search();
		return 0;
	}
	block = malloc(KEY_WORDS * sizeof(*block));
	if (!block)
		return 1;
	write_key(block);
	if (block[1] != key_word(1) || write_deep() != key_word(1))
		return 1;
	attack_control_ok();
	return 0;
}
