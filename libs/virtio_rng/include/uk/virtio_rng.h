/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's entropy device (Virtual I/O Device 1.1, 5.4). */
#ifndef UK_VIRTIO_RNG_H
#define UK_VIRTIO_RNG_H

/* 0: fresh bytes of the device are in the generator. -1: there is no device, or it does not answer. */
int uk_virtio_rng_reseed(void);

#endif
