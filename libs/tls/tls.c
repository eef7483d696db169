/* SPDX-License-Identifier: BSD-2-Clause */
/* Static thread-local storage and the thread control block; see uk/tls.h. */
#include <uk/random.h>
#include <uk/tls.h>

/* From the linker script: the initial image, the zeros behind it, the strictest alignment. */
extern const char __tdata_start[], __tdata_end[];
extern const char __tbss_size[], __tls_align[];

static size_t align_up(size_t n, size_t align)
{
	return (n + align - 1) & ~(align - 1);
}

static size_t data_bytes(void)
{
	return (size_t)(__tdata_end - __tdata_start);
}

/* At least 64: a control block is a cache line of its own, and everything in it is aligned. */
static size_t align_bytes(void)
{
	return (uintptr_t)__tls_align > 64 ? (uintptr_t)__tls_align : 64;
}

/* The linker counts offsets from the thread pointer down over the size rounded to its alignment. */
static size_t image_bytes(void)
{
	size_t align = (uintptr_t)__tls_align > 1 ? (uintptr_t)__tls_align : 1;

	return align_up(data_bytes() + (uintptr_t)__tbss_size, align);
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
