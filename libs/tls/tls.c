/* SPDX-License-Identifier: BSD-2-Clause */
/* Static thread-local storage and the thread control block; see uk/tls.h. */
#include <uk/random.h>
#include <uk/tls.h>

/*
 * From the linker script: the initial image, the end of the zeros behind it, and the strictest alignment
 * as a distance from the start. Differences of addresses: they hold in an image that has moved.
 */
extern const char __tdata_start[], __tdata_end[], __tls_end[], __tls_align[];

enum {
	/* A control block starts a cache line of its own, and everything in it is aligned. */
	TCB_ALIGN = 64,
};

static size_t align_up(size_t n, size_t align)
{
	return (n + align - 1) & ~(align - 1);
}

static size_t data_bytes(void)
{
	return (size_t)(__tdata_end - __tdata_start);
}

static size_t align_bytes(void)
{
	size_t align = (size_t)(__tls_align - __tdata_start);

	return align > TCB_ALIGN ? align : TCB_ALIGN;
}

/* The linker counts offsets down from the thread pointer, over the size rounded to its own alignment. */
static size_t image_bytes(void)
{
	size_t align = (size_t)(__tls_align - __tdata_start);

	return align_up((size_t)(__tls_end - __tdata_start), align ? align : 1);
}

size_t uk_tls_area_bytes(void)
{
	return align_up(image_bytes(), align_bytes()) + UK_TCB_BYTES;
}

struct uk_tcb *uk_tcb_init(void *area)
{
	char *tp = (char *)area + align_up(image_bytes(), align_bytes());
	char *data = tp - image_bytes();
	struct uk_tcb *tcb = (struct uk_tcb *)tp;

	for (size_t i = 0; i < data_bytes(); i++)
		data[i] = __tdata_start[i];
	for (char *p = data + data_bytes(); p < tp + UK_TCB_BYTES; p++)
		*p = 0;
	tcb->self = tcb;
	if (CONFIG_NEEDS_CANARY) {
		uk_random_bytes(&tcb->canary, sizeof(tcb->canary));
		/* The lowest byte is zero: string functions stop there, in both directions. */
		tcb->canary &= ~(uintptr_t)0xff;
	}
	return tcb;
}
