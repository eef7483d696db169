/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page runs against a model: who has which page.
 * with: libs/pages/pages.c -DCONFIG_NEEDS_BOOT_RELOC=0 -DCONFIG_NEEDS_METADATA=0 -DCONFIG_NEEDS_WIPE=0
 * as: pages-random libs/pages/pages.c -DCONFIG_NEEDS_BOOT_RELOC=1 -DCONFIG_NEEDS_METADATA=0 -DCONFIG_NEEDS_WIPE=1
 * as: pages-apart libs/pages/pages.c -DCONFIG_NEEDS_BOOT_RELOC=0 -DCONFIG_NEEDS_METADATA=1 -DCONFIG_NEEDS_WIPE=0
 */
#include "tests/libs/fake_plat.h"
#include <stdarg.h>
#include <stddef.h>
#include <uk/pages.h>

#include <cmocka.h>

/* Of the small region, for runs: its table takes a page when it is not kept apart. */
#define SMALL_PAGES (FAKE_SMALL_PAGES - !CONFIG_NEEDS_METADATA)

enum {
	RUNS = 200,
	STEPS = 200000,
};

static struct run {
	uint8_t *at;
	size_t pages;
	bool is_owned;
} runs[RUNS];
static size_t in_use;

/* Each page of a run carries the run's number: an overlap shows. */
static void stamp(size_t k, size_t from)
{
	for (size_t i = from; i < runs[k].pages; i++) {
		memcpy(runs[k].at + i * UK_PAGE_BYTES, &k, sizeof(k));
		if (CONFIG_NEEDS_WIPE)
			assert_true(*fake_told((uintptr_t)runs[k].at + i * UK_PAGE_BYTES));
	}
}

static void check_stamp(size_t k)
{
	for (size_t i = 0; i < runs[k].pages; i++)
		assert_memory_equal(runs[k].at + i * UK_PAGE_BYTES, &k, sizeof(k));
}

static bool is_inside(const uint8_t *p, size_t bytes)
{
	return (p >= fake_small && p + bytes <= fake_small + sizeof(fake_small)) ||
	       (p >= fake_large && p + bytes <= fake_large + sizeof(fake_large));
}

static void take(size_t k)
{
	size_t align = 1ul << fake_random() % 6,
	       pages = 1 + fake_random() % (1ul << fake_random() % 8);
	uint8_t *p = uk_pages_alloc(pages, align);

	if (!p)
		return;
	assert_int_equal((uintptr_t)p % (align * UK_PAGE_BYTES), 0);
	assert_true(is_inside(p, pages * UK_PAGE_BYTES));
	assert_int_equal(uk_pages_length(p), pages);
	assert_null(uk_pages_owner(p));
	runs[k] = (struct run){p, pages, false};
	in_use += pages;
	stamp(k, 0);
	if (fake_random() % 2) {
		runs[k].is_owned = true;
		uk_pages_set_owner_all(p, &runs[k]);
	}
}

static void check_owner(size_t k)
{
	size_t offset = fake_random() % (runs[k].pages * UK_PAGE_BYTES);
	const uint8_t *p = runs[k].at + offset;

	assert_ptr_equal(uk_pages_owner(p), runs[k].is_owned ? &runs[k] : NULL);
	assert_ptr_equal(uk_pages_find(p), runs[k].is_owned ? NULL : runs[k].at);
	if (offset >= UK_PAGE_BYTES)
		assert_int_equal(uk_pages_length(p - offset % UK_PAGE_BYTES), 0);
}

static void give(size_t k)
{
	uk_pages_free(runs[k].at);
	in_use -= runs[k].pages;
	runs[k].at = NULL;
}

static void resize(size_t k)
{
	size_t have = runs[k].pages, pages = 1 + fake_random() % (2 * have);

	if (runs[k].is_owned) {
		if (have > 1)
			assert_false(uk_pages_resize(runs[k].at, pages));
		return;
	}
	if (!uk_pages_resize(runs[k].at, pages))
		return;
	runs[k].pages = pages;
	in_use += pages - have;
	assert_true(is_inside(runs[k].at, pages * UK_PAGE_BYTES));
	if (pages > have)
		stamp(k, have);
}

static void split(size_t k)
{
	size_t other, pages;

	for (other = 0; other < RUNS && runs[other].at; other++)
		;
	if (other == RUNS || runs[k].pages < 2 || runs[k].is_owned)
		return;
	pages = 1 + fake_random() % (runs[k].pages - 1);
	uk_pages_split(runs[k].at, pages);
	runs[other] =
		(struct run){runs[k].at + pages * UK_PAGE_BYTES, runs[k].pages - pages, false};
	runs[k].pages = pages;
	stamp(other, 0);
}

static void test_random_operations(void **state)
{
	size_t total = uk_pages_count().total;
	void *small, *large;

	(void)state;
	for (size_t step = 0; step < STEPS; step++) {
		size_t k = fake_random() % RUNS;

		if (!runs[k].at) {
			take(k);
			continue;
		}
		check_stamp(k);
		check_owner(k);
		switch (fake_random() % 4) {
		case 0:
			resize(k);
			break;
		case 1:
			split(k);
			break;
		default:
			give(k);
		}
		assert_int_equal(uk_pages_count().used, in_use);
	}
	for (size_t k = 0; k < RUNS; k++) {
		if (runs[k].at)
			give(k);
	}
	/* Everything has joined again: both regions can be taken whole. */
	assert_int_equal(uk_pages_count().used, 0);
	small = uk_pages_alloc(SMALL_PAGES, 1);
	assert_non_null(small);
	large = uk_pages_alloc(total - SMALL_PAGES, 1);
	assert_non_null(large);
	assert_null(uk_pages_alloc(1, 1));
	assert_int_equal(uk_pages_count().peak, total);
	uk_pages_free(small);
	uk_pages_free(large);
}

/* Small and large region: how many pages lie between the first two runs that were ever taken of each. */
static size_t gaps[2];

static void test_start(void **state)
{
	uint8_t *small = uk_pages_alloc(1, 1), *large;

	(void)state;
	gaps[0] = (size_t)((uint8_t *)uk_pages_alloc(1, 1) - small) / UK_PAGE_BYTES - 1;
	large = uk_pages_alloc(FAKE_SMALL_PAGES, 1);
	gaps[1] = (size_t)((uint8_t *)uk_pages_alloc(FAKE_SMALL_PAGES, 1) - large) / UK_PAGE_BYTES -
		  FAKE_SMALL_PAGES;
	/* Too small to keep pages back. */
	assert_int_equal(gaps[0], 0);
	assert_true(CONFIG_NEEDS_BOOT_RELOC ? gaps[1] > 0 && gaps[1] < FAKE_LARGE_PAGES / 8
					    : gaps[1] == 0);
	uk_pages_free(small);
	uk_pages_free(small + UK_PAGE_BYTES);
	uk_pages_free(large);
	uk_pages_free(large + (gaps[1] + FAKE_SMALL_PAGES) * UK_PAGE_BYTES);
	/* No run lies in the hole, whatever its memory holds. */
	assert_null(uk_pages_find(large + FAKE_SMALL_PAGES * UK_PAGE_BYTES));
	assert_true(FAKE_TRAPS(uk_pages_free(large + FAKE_SMALL_PAGES * UK_PAGE_BYTES)));
}

static void test_refusals(void **state)
{
	uint8_t *p = uk_pages_alloc(4, 1);

	(void)state;
	assert_non_null(p);
	assert_null(uk_pages_alloc(0, 1));
	assert_null(uk_pages_alloc(SIZE_MAX, 1));
	assert_null(uk_pages_alloc(1ul << 32, 1));
	assert_null(uk_pages_alloc(1, 1ul << 33));
	assert_false(uk_pages_resize(p, SIZE_MAX));
	assert_false(uk_pages_resize(p, 0));
	assert_true(FAKE_TRAPS(uk_pages_free(p + UK_PAGE_BYTES)));
	assert_true(FAKE_TRAPS(uk_pages_free(p + 8)));
	assert_true(FAKE_TRAPS(uk_pages_free(&p)));
	assert_true(FAKE_TRAPS(uk_pages_free(NULL)));
	assert_true(FAKE_TRAPS(uk_pages_split(p, 4)));
	uk_pages_free(p);
	assert_true(FAKE_TRAPS(uk_pages_free(p)));
	assert_null(uk_pages_find(p));
	assert_null(uk_pages_owner(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_random_operations),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
