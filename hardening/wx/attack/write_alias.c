/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_ALIAS */
/* adversary: A3 */
/* needs: nullpage=on */
/* off: none */
/*
 * Writes to a function through the map of all memory, where the image could be a second time with other
 * rights. Where there is one map for everything, that is the function itself.
 */
#include "attack.h"

/* Memory is mapped at its physical address plus a multiple of this, when bases are not random. */
#define TERABYTE_SHIFT 40

static __attribute__((noinline)) int target(void)
{
	volatile int result = 1;

	return result;
}

int main(void)
{
	const struct uk_ram *ram;
	uintptr_t alias;

	if (target() != 1 || uk_plat_ram(&ram) == 0)
		return 1;
	attack_control_ok();
	alias = (uintptr_t)attack_launder((const void *)target) +
		(ram[0].base >> TERABYTE_SHIFT << TERABYTE_SHIFT);
	attack_write_code(attack_launder((const void *)alias));
	if (target() == ATTACK_CODE_RESULT)
		attack_succeeded();
	return 0;
}
