/* SPDX-License-Identifier: BSD-2-Clause */
/* Reseeds the generator, at start-up and whenever asked. A machine without the device goes without. */
#include <uk/init.h>
#include <uk/random.h>
#include <uk/virtio.h>
#include <uk/virtio_rng.h>

void uk_virtio_rng_init(void);

/* Memory that the device writes. */
static uint8_t *bytes;

int uk_virtio_rng_reseed(void)
{
	if (!bytes || uk_virtio_read(bytes, UK_RANDOM_SEED_BYTES) != UK_RANDOM_SEED_BYTES)
		return -1;
	uk_random_seed(bytes);
	for (volatile uint8_t *p = bytes; p < bytes + UK_RANDOM_SEED_BYTES; p++)
		*p = 0;
	return 0;
}

UK_BOOT_CODE void uk_virtio_rng_init(void)
{
	if (uk_virtio_open(UK_VIRTIO_ENTROPY))
		return;
	bytes = uk_virtio_memory(UK_RANDOM_SEED_BYTES);
	/* Nothing depends on it: the boot's own sources have seeded the generator. */
	(void)uk_virtio_rng_reseed();
}
