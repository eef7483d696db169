/* SPDX-License-Identifier: BSD-2-Clause */
/* Uses what the start-up entry of a device prepares. */
#include <stdio.h>
#include <uk/virtio_rng.h>

int main(void)
{
	puts(uk_virtio_rng_reseed() ? "no device" : "ticks");
	return 0;
}
