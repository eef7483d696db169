/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio devices over MMIO (Virtual I/O Device 1.1, 4.2), one queue each, one request at a time. For drivers;
 * not for several threads at once.
 *
 * A device reads and writes physical memory, so it goes around the page tables: whoever decides what a
 * descriptor says can have it write to text. Therefore the queue and the buffers lie in pages of their own,
 * nothing else does, and one function fills descriptors in.
 */
#ifndef UK_VIRTIO_H
#define UK_VIRTIO_H

#include <stddef.h>
#include <stdint.h>

/* Device types (Virtio 1.1, 5). */
enum {
	UK_VIRTIO_ENTROPY = 4,
};

/*
 * Makes the machine's device of this type ready. 0, or -1: there is none, it is already open, or it does not
 * speak version 1.
 */
int uk_virtio_open(uint32_t type);

/*
 * Has the device fill `to` and waits. The number of bytes it says it wrote, or -1: no device is open, `to` is
 * no memory that a device can be told of, or no answer came.
 *
 * With the mechanism `dma` a `to` that is not wholly memory of uk_virtio_memory() traps "dma". Without it
 * any address of the image and of the machine's memory is taken, as the caller says.
 */
long uk_virtio_read(void *to, size_t bytes);

/* Memory for devices, zero at first, never given back; NULL when there is not so much (4 KiB in all). */
void *uk_virtio_memory(size_t bytes);

#endif
