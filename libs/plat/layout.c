/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a seed to addresses. Pure, and the same on the host: tests/unit/test_layout.c draws a million.
 *
 * Lower canonical half (47 bits), five windows that cannot meet: the stacks' shadows in [1 TiB, 9 TiB), memory
 * map in [16 TiB, 80 TiB + RAM), stacks in [88 TiB, 96 TiB), image in [100 TiB - its size, 116 TiB - its
 * size), unsafe stacks in [117 TiB, 125 TiB). In a process the kernel's own
 * mappings lie at 85 to 87 TiB (programs) and from 126 TiB on (Linux, Documentation/arch/x86/x86_64/mm.rst and
 * ELF_ET_DYN_BASE).
 */
#include <uk/layout.h>

#include <uk/boot.h>

#define TIB(n) ((uintptr_t)(n) << 40)

enum {
	PAGE_SHIFT = 12,
	LARGE_PAGE_SHIFT = 21, /* the memory map keeps 2 MiB pages usable */
	OFFSET_SHIFT = 4,      /* System V ABI: stacks are 16-byte-aligned */
};

static uint64_t bits(const uint8_t *seed, unsigned int count)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < 8; i++)
		v = v << 8 | seed[i];
	return v >> (64 - count);
}

void uk_layout_place(struct uk_layout *l, const uint8_t seed[UK_LAYOUT_SEED_BYTES],
		     uintptr_t link_base, size_t image_bytes)
{
	const uintptr_t page = (uintptr_t)1 << PAGE_SHIFT;
	const uintptr_t image_end = (image_bytes + page - 1) & ~(page - 1);

	l->image_base = link_base;
	l->ram_base = TIB(16);
	l->stack_base = TIB(32);
	l->stack_offset = 0;
	l->shadow_base = 0;
	/* One 8-byte word of the seed each: independent of one another. */
	if (l->is_shadowed)
		l->shadow_base = TIB(1) + (bits(seed + 32, UK_LAYOUT_SHADOW_BITS) << PAGE_SHIFT);
	l->unsafe_base = 0;
	l->unsafe_offset = 0;
	if (l->has_unsafe_stacks) {
		l->unsafe_base = TIB(117) + (bits(seed + 40, UK_LAYOUT_UNSAFE_BITS) << PAGE_SHIFT);
		l->unsafe_offset = (uint32_t)seed[47] << OFFSET_SHIFT; /* bits that no other has */
	}
	/* Unsafe stacks are there so that nobody knows where the other ones are. */
	if (l->is_random || l->has_unsafe_stacks)
		l->stack_base = TIB(88) + (bits(seed + 8, UK_LAYOUT_STACK_BITS) << PAGE_SHIFT);
	if (!l->is_random)
		return;
	l->image_base = TIB(100) + (bits(seed, UK_LAYOUT_IMAGE_BITS) << PAGE_SHIFT) - image_end;
	l->ram_base = TIB(16) + (bits(seed + 16, UK_LAYOUT_RAM_BITS) << LARGE_PAGE_SHIFT);
	l->stack_offset = (uint32_t)(bits(seed + 24, UK_LAYOUT_OFFSET_BITS) << OFFSET_SHIFT);
}
