/* SPDX-License-Identifier: BSD-2-Clause */
/* The transport (Virtual I/O Device 1.1, 4.2.2) and a split queue (2.6) of one descriptor. */
#include "virtio.h"
#include <uk/virtio.h>

#include <stdbool.h>

/* Registers, as indices of 32-bit words (4.2.2, table 4.1). */
enum {
	MAGIC = 0x000 / 4,
	VERSION = 0x004 / 4,
	TYPE = 0x008 / 4,
	DEVICE_FEATURES = 0x010 / 4,
	DEVICE_FEATURES_SELECT = 0x014 / 4,
	DRIVER_FEATURES = 0x020 / 4,
	DRIVER_FEATURES_SELECT = 0x024 / 4,
	QUEUE_SELECT = 0x030 / 4,
	QUEUE_LEN = 0x038 / 4,
	QUEUE_READY = 0x044 / 4,
	QUEUE_NOTIFY = 0x050 / 4,
	STATUS = 0x070 / 4,
	QUEUE_DESCRIPTORS = 0x080 / 4, /* each of the three: low word, high word */
	QUEUE_AVAILABLE = 0x090 / 4,
	QUEUE_USED = 0x0a0 / 4,
};
enum {
	MAGIC_VALUE = 0x74726976, /* "virt" */
	VERSION_1 = 2,            /* of the register layout: the one that is no legacy */
	/* 2.1, device status. */
	ACKNOWLEDGE = 1,
	DRIVER = 2,
	DRIVER_OK = 4,
	FEATURES_OK = 8,
	/* 6: bit 32 of the features, in the second word. */
	FEATURE_VERSION_1 = 1,
	DESCRIPTOR_WRITE = 2, /* 2.6.5: the device writes */
	QUEUE_ENTRIES = 1,
	/* Looks at the ring; a device of the monitor answers within a few thousand. */
	PATIENCE = 50000000,
};

/* The page of the queue; alignments: 2.6. */
struct queue {
	struct {
		uint64_t address;
		uint32_t bytes;
		uint16_t flags, next;
	} descriptor[QUEUE_ENTRIES] __attribute__((aligned(16)));
	struct {
		uint16_t flags, index, ring[QUEUE_ENTRIES];
	} available __attribute__((aligned(2)));
	struct {
		uint16_t flags, index;
		struct {
			uint32_t id, bytes;
		} ring[QUEUE_ENTRIES];
	} used __attribute__((aligned(4)));
};

static bool is_open;
static size_t memory_used;
static uint16_t asked; /* requests so far, as the rings count */

static const struct uk_range *slot(enum virtio_slot s)
{
	return &uk_map.slots[UK_SLOT_DEVICES + s];
}

static volatile uint32_t *registers(void)
{
	return (volatile uint32_t *)(slot(VIRTIO_REGISTERS)->base + uk_virtio_pages.offset);
}

static volatile struct queue *queue(void)
{
	return (volatile struct queue *)slot(VIRTIO_QUEUE)->base;
}

static bool is_inside(uintptr_t at, size_t bytes, uintptr_t base, size_t len)
{
	return at >= base && at - base <= len && bytes <= len - (at - base);
}

/* Where the device finds it, or 0. */
static uint64_t physical(uintptr_t at, size_t bytes)
{
	const struct uk_range *b = slot(VIRTIO_BUFFERS);

	if (is_inside(at, bytes, b->base, b->bytes))
		return at - b->base + uk_virtio_pages.physical[VIRTIO_BUFFERS];
	if (is_inside(at, bytes, (uintptr_t)__image_start, (size_t)(__image_end - __image_start)))
		return at - (uintptr_t)__image_start + UK_LINK_ADDRESS;
	if (is_inside(at, bytes, uk_map.ram_base, uk_map.ram_top - uk_map.ram_base))
		return at - uk_map.ram_base;
	return 0;
}

_Noreturn void uk_dma_refused(void);

/* Two branches in the finished code too, whatever the compiler thinks of them: the verifier counts. */
static inline void check_buffer(uintptr_t to, size_t bytes)
{
	const struct uk_range *b = slot(VIRTIO_BUFFERS);
	const uintptr_t offset = to - b->base;

	if (offset > b->bytes)
		uk_dma_refused();
	__asm__ volatile("");
	if (bytes > b->bytes - offset)
		uk_dma_refused();
}

/* The only place that fills a descriptor in. Never inlined: the verifier of dma reads it. */
__attribute__((noinline)) static bool uk_virtio_describe(volatile struct queue *q, uintptr_t to,
							 size_t bytes)
{
	uint64_t address;

	if (CONFIG_NEEDS_DMA_CHECK)
		check_buffer(to, bytes);
	address = physical(to, bytes);
	if (!address || bytes > UINT32_MAX)
		return false;
	q->descriptor[0].address = address;
	q->descriptor[0].bytes = (uint32_t)bytes;
	q->descriptor[0].flags = DESCRIPTOR_WRITE;
	return true;
}

static void set_address(volatile uint32_t *regs, unsigned int at, uint64_t address)
{
	regs[at] = (uint32_t)address;
	regs[at + 1] = (uint32_t)(address >> 32);
}

static void set_queue(volatile uint32_t *regs)
{
	const uint64_t base = uk_virtio_pages.physical[VIRTIO_QUEUE];

	regs[QUEUE_SELECT] = 0;
	regs[QUEUE_LEN] = QUEUE_ENTRIES;
	set_address(regs, QUEUE_DESCRIPTORS, base + offsetof(struct queue, descriptor));
	set_address(regs, QUEUE_AVAILABLE, base + offsetof(struct queue, available));
	set_address(regs, QUEUE_USED, base + offsetof(struct queue, used));
	regs[QUEUE_READY] = 1;
}

int uk_virtio_open(uint32_t type)
{
	volatile uint32_t *regs = registers();

	if (is_open || !slot(VIRTIO_REGISTERS)->bytes || regs[MAGIC] != MAGIC_VALUE ||
	    regs[VERSION] != VERSION_1 || regs[TYPE] != type)
		return -1;
	/* 3.1.1: the order of a device's initialisation. */
	regs[STATUS] = 0;
	regs[STATUS] = ACKNOWLEDGE;
	regs[STATUS] = ACKNOWLEDGE | DRIVER;
	regs[DEVICE_FEATURES_SELECT] = 1;
	if (!(regs[DEVICE_FEATURES] & FEATURE_VERSION_1))
		return -1;
	regs[DRIVER_FEATURES_SELECT] = 0;
	regs[DRIVER_FEATURES] = 0;
	regs[DRIVER_FEATURES_SELECT] = 1;
	regs[DRIVER_FEATURES] = FEATURE_VERSION_1;
	regs[STATUS] = ACKNOWLEDGE | DRIVER | FEATURES_OK;
	if (!(regs[STATUS] & FEATURES_OK))
		return -1;
	set_queue(regs);
	regs[STATUS] = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
	is_open = true;
	return 0;
}

long uk_virtio_read(void *to, size_t bytes)
{
	volatile struct queue *q = queue();

	if (!is_open || !uk_virtio_describe(q, (uintptr_t)to, bytes))
		return -1;
	q->available.ring[0] = 0;
	/* x86 keeps stores in order, and volatile keeps the compiler from moving them. */
	q->available.index = ++asked;
	registers()[QUEUE_NOTIFY] = 0;
	for (uint32_t i = 0; q->used.index != asked; i++) {
		if (i == PATIENCE)
			return -1;
		__asm__ volatile("pause" : : : "memory");
	}
	__asm__ volatile("" : : : "memory");
	/* What a device says of itself is not believed beyond what it was given. */
	return q->used.ring[0].bytes <= bytes ? (long)q->used.ring[0].bytes : -1;
}

void *uk_virtio_memory(size_t bytes)
{
	const struct uk_range *b = slot(VIRTIO_BUFFERS);
	void *p = (void *)(b->base + memory_used);

	/* Whole words, so that the next one is aligned. */
	if (bytes > b->bytes - memory_used)
		return NULL;
	bytes = (bytes + 15) & ~(size_t)15;
	memory_used = bytes > b->bytes - memory_used ? b->bytes : memory_used + bytes;
	return p;
}
