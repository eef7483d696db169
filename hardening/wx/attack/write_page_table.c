/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_PAGE_TABLE */
/* adversary: A2 */
/* needs: nullpage=on */
/* inherent: process xen-pv */
/* Finds the root of the page tables in CR3 and changes an entry. */
#include "attack.h"

/* An entry's bit 9 is ignored by the processor (Intel SDM vol. 3, table 4-15). */
#define PTE_IGNORED (1u << 9)
#define CR3_ADDRESS 0x000ffffffffff000u
/* Memory is mapped at its physical address plus a multiple of this, when bases are not random. */
#define TERABYTE_SHIFT 40
#define PAGE_SHIFT 12

/* Physical address of the root. Xen PV, in ring 3, numbers memory anew for a guest and lets it read how. */
static uint64_t physical(uint64_t cr3)
{
	/* MACH2PHYS_VIRT_START in xen/arch-x86/xen-x86_64.h */
	const uint64_t *frames = attack_launder((const void *)0xffff800000000000);
	uint16_t cs;

	__asm__("movw %%cs, %0" : "=r"(cs)); /* C cannot read it */
	cr3 &= CR3_ADDRESS;
	return cs & 3 ? frames[cr3 >> PAGE_SHIFT] << PAGE_SHIFT : cr3;
}

int main(void)
{
	const struct uk_ram *ram;
	volatile uint64_t *entry;
	uint64_t root, before;

	if (uk_plat_ram(&ram) == 0)
		return 1;
	attack_control_ok();
	__asm__ volatile("movq %%cr3, %0" : "=r"(root)); /* C cannot read it */
	root = physical(root) + (ram[0].base >> TERABYTE_SHIFT << TERABYTE_SHIFT);
	entry = attack_launder((const void *)root);
	before = *entry;
	*entry = before ^ PTE_IGNORED;
	if (*entry == (before ^ PTE_IGNORED))
		attack_succeeded();
	return 0;
}
