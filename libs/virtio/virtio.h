/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the boot, which sets the pages aside, and the rest. */
#ifndef UK_LIBS_VIRTIO_H
#define UK_LIBS_VIRTIO_H

#include <uk/platform.h>

/* Which of the platform's device slots is what. */
enum virtio_slot {
	VIRTIO_REGISTERS, /* the device's */
	VIRTIO_QUEUE,     /* one page: descriptors and rings */
	VIRTIO_BUFFERS,   /* one page: all that a device may write besides */
};

/* Written by boot code alone. */
struct virtio_pages {
	uint64_t physical[VIRTIO_BUFFERS + 1]; /* of the start of each slot */
	uint32_t offset;                       /* of the registers in their page */
};
extern struct virtio_pages uk_virtio_pages;

#endif
