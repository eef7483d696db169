/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A heap against a model: live blocks keep what was written to them.
 * with: -DHEAP_KNOWS_ALL=1 libs/heap/heap.c libs/pages/pages.c -DCONFIG_NEEDS_BOOT_RELOC=0 -DCONFIG_NEEDS_METADATA=0 -DCONFIG_NEEDS_WIPE=0
 * as: heap-random -DHEAP_KNOWS_ALL=1 libs/heap/heap.c libs/pages/pages.c -DCONFIG_NEEDS_BOOT_RELOC=1 -DCONFIG_NEEDS_METADATA=0 -DCONFIG_NEEDS_WIPE=0
 * as: heap_bump -DHEAP_KNOWS_ALL=0 libs/heap_bump/bump.c -DCONFIG_NEEDS_WIPE=1
 * as: heap-hardened -DHEAP_KNOWS_ALL=1 -DCONFIG_NEEDS_METADATA=1 -DCONFIG_NEEDS_BOOT_RELOC=0 -DCONFIG_NEEDS_WIPE=0 hardening/heap/runtime/heap.c hardening/heap/runtime/quarantine.c libs/pages/pages.c
 * as: heap-hardened-random -DHEAP_KNOWS_ALL=1 -DCONFIG_NEEDS_METADATA=1 -DCONFIG_NEEDS_BOOT_RELOC=1 -DCONFIG_NEEDS_WIPE=0 hardening/heap/runtime/heap.c hardening/heap/runtime/quarantine.c libs/pages/pages.c
 */
#include "tests/libs/fake_plat.h"
#include <stdarg.h>
#include <stddef.h>
#include <uk/heap.h>

#include <cmocka.h>

enum {
	BLOCKS = 400,
	STEPS = 300000,
};

static struct block {
	uint8_t *at;
	size_t bytes;
	uint8_t fill;
} blocks[BLOCKS];

static void fill(struct block *b)
{
	b->fill = (uint8_t)fake_random();
	memset(b->at, b->fill, b->bytes);
}

static void check(const struct block *b)
{
	for (size_t i = 0; i < b->bytes; i++) {
		if (b->at[i] != b->fill)
			fail_msg("byte %zu of %zu was overwritten", i, b->bytes);
	}
}

static size_t any_size(void)
{
	return fake_random() % 8 ? fake_random() % 600 : fake_random() % 20000;
}

static void take(struct block *b)
{
	size_t align = fake_random() % 4 ? 1 : 1ul << fake_random() % 14;

	b->bytes = any_size();
	b->at = align == 1 ? uk_heap_alloc(b->bytes) : uk_heap_alloc_aligned(align, b->bytes);
	if (!b->at)
		return;
	if (align < UK_HEAP_ALIGN)
		align = UK_HEAP_ALIGN;
	assert_int_equal((uintptr_t)b->at % align, 0);
	assert_true(uk_heap_usable(b->at) >= b->bytes);
	if (fake_random() % 2)
		b->bytes = uk_heap_usable(b->at);
	fill(b);
}

static void resize(struct block *b)
{
	size_t bytes = any_size();
	size_t kept = bytes < b->bytes ? bytes : b->bytes;
	uint8_t *p = uk_heap_resize(b->at, bytes);

	if (!p)
		return;
	b->at = p;
	for (size_t i = 0; i < kept; i++)
		assert_int_equal(p[i], b->fill);
	b->bytes = bytes;
	fill(b);
}

static void give(struct block *b)
{
	uk_heap_free(b->at);
	b->at = NULL;
}

static void test_random_operations(void **state)
{
	(void)state;
	for (size_t step = 0; step < STEPS; step++) {
		struct block *b = &blocks[fake_random() % BLOCKS];

		if (!b->at) {
			take(b);
			continue;
		}
		check(b);
		if (fake_random() % 3)
			give(b);
		else
			resize(b);
	}
	for (size_t k = 0; k < BLOCKS; k++) {
		if (blocks[k].at) {
			check(&blocks[k]);
			give(&blocks[k]);
		}
	}
	assert_int_equal(uk_stats[UK_STAT_HEAP_NOW], 0);
	assert_true(uk_stats[UK_STAT_HEAP_PEAK] > 100000);
}

static void test_limits(void **state)
{
	(void)state;
	assert_null(uk_heap_alloc(SIZE_MAX));
	assert_null(uk_heap_alloc(SIZE_MAX / 2));
	assert_null(uk_heap_alloc_aligned(1ul << 62, 1));
	assert_int_equal(uk_heap_usable(NULL), 0);
	uk_heap_free(NULL);
}

/* Blocks of no bytes are all different. */
static void test_empty_blocks(void **state)
{
	void *a = uk_heap_alloc(0), *b = uk_heap_alloc(0);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	uk_heap_free(b);
	uk_heap_free(a);
}

static void test_misuse(void **state)
{
	static const size_t sizes[] = {16, 100, 2000, 5000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *keep = uk_heap_alloc(sizes[i]), *p = uk_heap_alloc(sizes[i]);

		assert_true(FAKE_TRAPS(uk_heap_free(p + 16)));
		assert_true(FAKE_TRAPS(uk_heap_free(p + 1)));
		assert_true(FAKE_TRAPS(uk_heap_resize(p + 16, 10)));
		uk_heap_free(p);
		assert_true(FAKE_TRAPS(uk_heap_free(p)));
		assert_true(FAKE_TRAPS(uk_heap_usable(p)));
		uk_heap_free(keep);
	}
#if HEAP_KNOWS_ALL
	int on_stack[64];

	assert_true(FAKE_TRAPS(uk_heap_free(on_stack)));
	assert_true(FAKE_TRAPS(uk_heap_free(test_misuse)));
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_empty_blocks),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_random_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
