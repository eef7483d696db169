/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_PAGE_TABLE */
/* needs: nullpage=on */
/* Finds the root of the page tables in CR3 and changes an entry. */
#include "attack.h"

/* An entry's bit 9 is ignored by the processor (Intel SDM vol. 3, table 4-15). */
#define PTE_IGNORED (1u << 9)
#define CR3_ADDRESS 0x000ffffffffff000u
/* Memory is mapped at its physical address plus a multiple of this, when bases are not random. */
#define TERABYTE_SHIFT 40

int main(void)
{
	const struct uk_ram *ram;
	volatile uint64_t *entry;
	uint64_t root, before;

	if (uk_plat_ram(&ram) == 0)
		return 1;
	attack_control_ok();
	__asm__ volatile("movq %%cr3, %0" : "=r"(root)); /* C cannot read it */
	root = (root & CR3_ADDRESS) + (ram[0].base >> TERABYTE_SHIFT << TERABYTE_SHIFT);
	entry = attack_launder((const void *)root);
	before = *entry;
	*entry = before ^ PTE_IGNORED;
	if (*entry == (before ^ PTE_IGNORED))
		attack_succeeded();
	return 0;
}
