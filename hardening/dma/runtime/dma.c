/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the one writer of descriptors (libs/virtio) goes with a buffer that no device may have.
 * INIT none
 */
#include <uk/trap.h>

_Noreturn void uk_dma_refused(void);

_Noreturn void uk_dma_refused(void)
{
	uk_trap("dma");
}
