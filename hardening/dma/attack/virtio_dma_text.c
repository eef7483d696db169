/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: VIRTIO_DMA_TEXT */
/* adversary: A1 */
/* platforms: kvm */
/* unit: virtio_rng */
/*
 * A request's name overflows into the buffer's address beside it, and the entropy device writes over a
 * function, which no page rights forbid a device.
 */
#include "attack.h"
#include <uk/virtio.h>
#include <uk/virtio_rng.h>

struct request {
	char name[16];
	void *buffer;
};

static struct request request;

static __attribute__((noinline)) int target(void)
{
	volatile int result = 1;

	return result;
}

static __attribute__((noinline)) void set_name(volatile char *to, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

int main(void)
{
	struct request longer = {"a long name", attack_launder((const void *)target)};
	volatile uint64_t *code = longer.buffer;
	uint64_t before = *code;
	volatile size_t inside = sizeof(longer.name), outside = sizeof(longer);

	request.buffer = uk_virtio_memory(sizeof(*code));
	set_name(request.name, (const char *)&longer, inside);
	if (uk_virtio_rng_reseed() || target() != 1 ||
	    uk_virtio_read(request.buffer, sizeof(*code)) != sizeof(*code))
		return 1;
	attack_control_ok();
	set_name(request.name, (const char *)&longer, outside);
	(void)uk_virtio_read(request.buffer, sizeof(*code));
	if (*code != before)
		attack_succeeded();
	return 0;
}
