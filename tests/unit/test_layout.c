/* SPDX-License-Identifier: BSD-2-Clause */
/* From a seed to addresses: a million draws, every bit fair, every two bits independent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../libs/plat/layout.c"

enum {
	DRAWS = 1 << 20,
	BATCH = 64,
	BITS = UK_LAYOUT_IMAGE_BITS + UK_LAYOUT_STACK_BITS + UK_LAYOUT_RAM_BITS +
	       UK_LAYOUT_OFFSET_BITS + UK_LAYOUT_SHADOW_BITS + UK_LAYOUT_UNSAFE_BITS +
	       UK_LAYOUT_OFFSET_BITS,
	/* Standard deviation of a fair count is sqrt(DRAWS) / 2 = 512; six of them. */
	TOLERANCE = 6 * 512,
	LINK_BASE = 0x100000,
	IMAGE_BYTES = 0x12345,
};

/* splitmix64 (S. Vigna): the seeds only have to be fair; the generator has its own test. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void draw(uint64_t *state, struct uk_layout *l)
{
	uint64_t seed[UK_LAYOUT_SEED_BYTES / sizeof(uint64_t)];

	for (size_t i = 0; i < sizeof(seed) / sizeof(seed[0]); i++)
		seed[i] = next_random(state);
	memset(l, 0, sizeof(*l));
	l->is_random = l->is_shadowed = l->has_unsafe_stacks = true;
	uk_layout_place(l, (const uint8_t *)seed, LINK_BASE, IMAGE_BYTES);
}

/* Spreads the drawn bits of one layout over the columns of its batch. */
static void add_bits(uint64_t columns[BITS], const struct uk_layout *l, unsigned int row)
{
	const struct {
		uint64_t value;
		unsigned int low, count;
	} parts[] = {
		{l->image_base, PAGE_SHIFT, UK_LAYOUT_IMAGE_BITS},
		{l->stack_base, PAGE_SHIFT, UK_LAYOUT_STACK_BITS},
		{l->ram_base, LARGE_PAGE_SHIFT, UK_LAYOUT_RAM_BITS},
		{l->stack_offset, OFFSET_SHIFT, UK_LAYOUT_OFFSET_BITS},
		{l->shadow_base - TIB(1), PAGE_SHIFT, UK_LAYOUT_SHADOW_BITS},
		{l->unsafe_base - TIB(117), PAGE_SHIFT, UK_LAYOUT_UNSAFE_BITS},
		{l->unsafe_offset, OFFSET_SHIFT, UK_LAYOUT_OFFSET_BITS},
	};
	size_t at = 0;

	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		for (unsigned int b = 0; b < parts[p].count; b++, at++)
			columns[at] |= (parts[p].value >> (parts[p].low + b) & 1) << row;
}

static void a_million_draws(void **unused)
{
	static uint32_t ones[BITS], differ[BITS][BITS];
	uint64_t state = 1;

	(void)unused;
	for (unsigned int n = 0; n < DRAWS; n += BATCH) {
		uint64_t columns[BITS] = {0};
		struct uk_layout l;

		for (unsigned int row = 0; row < BATCH; row++) {
			draw(&state, &l);
			add_bits(columns, &l, row);
		}
		for (size_t i = 0; i < BITS; i++) {
			ones[i] += (uint32_t)__builtin_popcountll(columns[i]);
			for (size_t j = i + 1; j < BITS; j++)
				differ[i][j] +=
					(uint32_t)__builtin_popcountll(columns[i] ^ columns[j]);
		}
	}
	for (size_t i = 0; i < BITS; i++) {
		assert_in_range(ones[i], DRAWS / 2 - TOLERANCE, DRAWS / 2 + TOLERANCE);
		for (size_t j = i + 1; j < BITS; j++)
			assert_in_range(differ[i][j], DRAWS / 2 - TOLERANCE, DRAWS / 2 + TOLERANCE);
	}
}

static void windows_never_meet(void **unused)
{
	/* Firmware and PCI holes included: more than QEMU gives a guest. */
	const uint64_t ram_bytes = 6ULL << 40, stack_bytes = 1ULL << 30, image_bytes = 1ULL << 32;
	uint8_t seed[UK_LAYOUT_SEED_BYTES];
	struct uk_layout low = {.is_random = true, .is_shadowed = true, .has_unsafe_stacks = true};
	struct uk_layout high = low;

	(void)unused;
	memset(seed, 0, sizeof(seed));
	uk_layout_place(&low, seed, LINK_BASE, image_bytes);
	memset(seed, 0xff, sizeof(seed));
	uk_layout_place(&high, seed, LINK_BASE, image_bytes);
	/* The boot's own mapping is below. */
	assert_true(low.shadow_base >= 1ULL << 40);
	assert_true(high.shadow_base + stack_bytes < low.ram_base);
	assert_true(high.ram_base + ram_bytes < low.stack_base);
	assert_true(high.stack_base + stack_bytes < low.image_base);
	assert_true(high.image_base + image_bytes < low.unsafe_base);
	assert_true(high.image_base >> 39 < low.unsafe_base >> 39);
	/* In a process the kernel's own mappings begin at 126 TiB. */
	assert_true(high.unsafe_base + stack_bytes < 126ULL << 40);
	/* The boot copies whole root entries (512 GiB) of memory and stacks, never one with the image. */
	assert_true((high.stack_base + stack_bytes) >> 39 < low.image_base >> 39);
	assert_int_equal(low.stack_offset, 0);
	assert_int_equal(high.stack_offset, 4096 - 16);
}

static void fixed_unless_asked(void **unused)
{
	uint8_t seed[UK_LAYOUT_SEED_BYTES];
	struct uk_layout a = {.guard_bytes = 4096}, b = {.guard_bytes = 4096};

	(void)unused;
	memset(seed, 0x5a, sizeof(seed));
	uk_layout_place(&a, seed, LINK_BASE, IMAGE_BYTES);
	memset(seed, 0xa5, sizeof(seed));
	uk_layout_place(&b, seed, LINK_BASE, IMAGE_BYTES);
	assert_int_equal(a.image_base, LINK_BASE);
	assert_int_equal(a.stack_offset, 0);
	assert_int_equal(a.image_base, b.image_base);
	assert_int_equal(a.ram_base, b.ram_base);
	assert_int_equal(a.stack_base, b.stack_base);
	assert_int_equal(a.shadow_base, 0);
	assert_int_equal(a.unsafe_base, 0);
}

/* Shadows are secret where nothing else is. */
static void shadows_are_always_drawn(void **unused)
{
	uint8_t seed[UK_LAYOUT_SEED_BYTES];
	struct uk_layout a = {.is_shadowed = true}, b = a;

	(void)unused;
	memset(seed, 0x5a, sizeof(seed));
	uk_layout_place(&a, seed, LINK_BASE, IMAGE_BYTES);
	memset(seed, 0xa5, sizeof(seed));
	uk_layout_place(&b, seed, LINK_BASE, IMAGE_BYTES);
	assert_int_equal(a.stack_base, b.stack_base);
	assert_int_not_equal(a.shadow_base, b.shadow_base);
}

/* Where safe stacks are is secret when there are unsafe ones, and those lie elsewhere each time. */
static void both_stacks_are_always_drawn(void **unused)
{
	uint8_t seed[UK_LAYOUT_SEED_BYTES];
	struct uk_layout a = {.has_unsafe_stacks = true}, b = a, c = a;

	(void)unused;
	memset(seed, 0x5a, sizeof(seed));
	uk_layout_place(&a, seed, LINK_BASE, IMAGE_BYTES);
	seed[8] ^= 1;
	uk_layout_place(&b, seed, LINK_BASE, IMAGE_BYTES);
	seed[40] ^= 1;
	uk_layout_place(&c, seed, LINK_BASE, IMAGE_BYTES);
	assert_int_equal(a.image_base, c.image_base);
	assert_int_not_equal(a.stack_base, b.stack_base);
	assert_int_equal(a.unsafe_base, b.unsafe_base);
	assert_int_equal(b.stack_base, c.stack_base);
	assert_int_not_equal(b.unsafe_base, c.unsafe_base);
}

static void pages_stay_pages(void **unused)
{
	uint64_t state = 7;

	(void)unused;
	for (unsigned int i = 0; i < 1000; i++) {
		struct uk_layout l;

		draw(&state, &l);
		assert_int_equal(l.image_base & 0xfff, 0);
		assert_int_equal(l.stack_base & 0xfff, 0);
		assert_int_equal(l.ram_base & 0x1fffff, 0);
		assert_int_equal(l.stack_offset & 0xf, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_draws),
		cmocka_unit_test(windows_never_meet),
		cmocka_unit_test(fixed_unless_asked),
		cmocka_unit_test(shadows_are_always_drawn),
		cmocka_unit_test(both_stacks_are_always_drawn),
		cmocka_unit_test(pages_stay_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
