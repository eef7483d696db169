/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot: where the device is, as the monitor says, and the pages that are shared with it. */
#include "virtio.h"
#include <uk/x86.h>

#include <uk/boot.h>

UK_ROINIT struct virtio_pages uk_virtio_pages;

/* Where the first device is; 0 = the monitor named none. */
static uint64_t device;

static uint64_t read_hex(const char *s)
{
	uint64_t v = 0;

	for (;; s++) {
		if (*s >= '0' && *s <= '9')
			v = v << 4 | (uint64_t)(*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			v = v << 4 | (uint64_t)(*s - 'a' + 10);
		else
			return v;
	}
}

/*
 * SIZE@0xBASE:IRQ, the form of Linux's virtio_mmio.device (Documentation/admin-guide/kernel-parameters.txt),
 * which monitors without a device tree pass. The first one counts.
 */
void uk_virtio_boot_option(const char *value)
{
	while (*value && *value != ' ' && *value != '@')
		value++;
	if (!device && value[0] == '@' && value[1] == '0' && value[2] == 'x')
		device = read_hex(value + 3);
}

static void set_page(struct uk_boot *b, enum virtio_slot slot, uint64_t physical)
{
	b->devices[slot] = (struct uk_range){physical, UK_PAGE_BYTES};
	uk_virtio_pages.physical[slot] = physical;
}

void uk_virtio_boot(struct uk_boot *b)
{
	if (!device)
		return;
	uk_virtio_pages.offset = device & (UK_PAGE_BYTES - 1);
	set_page(b, VIRTIO_REGISTERS, device - uk_virtio_pages.offset);
	for (enum virtio_slot s = VIRTIO_QUEUE; s <= VIRTIO_BUFFERS; s++) {
		set_page(b, s, uk_boot_take(b, UK_PAGE_BYTES));
		fill_words((void *)uk_virtio_pages.physical[s], 0,
			   UK_PAGE_BYTES / sizeof(uint64_t));
	}
}
