/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only the hardened heap notices.
 * with: -DCONFIG_NEEDS_METADATA=1 -DCONFIG_NEEDS_BOOT_RELOC=0 -DCONFIG_NEEDS_WIPE=0 hardening/heap/runtime/heap.c hardening/heap/runtime/quarantine.c libs/pages/pages.c
 */
#include "hardening/heap/runtime/heap.h"
#include "tests/libs/fake_plat.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <uk/heap.h>

#include <cmocka.h>

enum {
	/* Frees after which each slot has been used again for certain (the odds are below 2^-40). */
	ENOUGH = 8000,
};

static const size_t sizes[] = {0, 8, 24, 25, 100, 120, 121, 500, 1000, 2040};

/* Every slot that waits is used again, and every free slot of the class handed out, before this ends. */
static void use_all(size_t bytes)
{
	static void *held[SLOTS_MAX];

	for (size_t i = 0; i < ENOUGH; i++) {
		size_t k = i % SLOTS_MAX;

		uk_heap_free(held[k]);
		held[k] = uk_heap_alloc(bytes);
	}
	for (size_t k = 0; k < SLOTS_MAX; k++) {
		uk_heap_free(held[k]);
		held[k] = NULL;
	}
}

static void test_double_free_after_reuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		void *p = uk_heap_alloc(sizes[i]), *q;

		uk_heap_free(p);
		q = uk_heap_alloc(sizes[i]);
		assert_ptr_not_equal(p, q);
		assert_true(FAKE_TRAPS(uk_heap_free(p)));
		uk_heap_free(q);
	}
}

static void test_write_after_free(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *p = uk_heap_alloc(sizes[i]);
		/* The first byte, the last of the block, the last of the canary. */
		size_t usable = uk_heap_usable(p), at[] = {0, usable - 1, usable + 7};

		for (size_t k = 0; k < 3; k++) {
			uint8_t *q = uk_heap_alloc(sizes[i]);

			uk_heap_free(q);
			q[at[k]] ^= 1;
			assert_true(FAKE_TRAPS(use_all(sizes[i])));
			q[at[k]] ^= 1;
			/* The trap left the blocks of use_all() where they are: no harm to a test. */
		}
		uk_heap_free(p);
	}
}

static void test_overflow(void **state)
{
	static const size_t large[] = {2041, 4088, 4089, 20000};
	const size_t small = sizeof(sizes) / sizeof(sizes[0]);

	(void)state;
	for (size_t i = 0; i < small + 4; i++) {
		size_t bytes = i < small ? sizes[i] : large[i - small];
		uint8_t *p = uk_heap_alloc(bytes), zero = 0;
		size_t usable = uk_heap_usable(p);

		assert_true(usable >= bytes);
		/* The canary's first byte is zero, and a zero over it changes nothing: all others show. */
		assert_int_equal(p[usable], 0);
		for (size_t k = 0; k < 8; k++) {
			p[usable + k] ^= 0x40;
			assert_true(FAKE_TRAPS(uk_heap_free(p)));
			assert_true(FAKE_TRAPS(uk_heap_resize(p, bytes + 1)));
			p[usable + k] ^= 0x40;
		}
		p[usable] = zero;
		uk_heap_free(p);
	}
}

static void test_cleared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *p = uk_heap_alloc(sizes[i]);
		size_t usable = uk_heap_usable(p);

		memset(p, 0x5a, usable);
		uk_heap_free(p);
		for (size_t k = 0; k < usable; k++)
			assert_int_equal(p[k], 0);
	}
	for (size_t bytes = 3000; bytes < 30000; bytes += 5000) {
		uint8_t *p = uk_heap_alloc(bytes);
		size_t usable = uk_heap_usable(p);

		memset(p, 0x5a, usable);
		/* Cut off, then given back. */
		p = uk_heap_resize(p, 2500);
		assert_non_null(p);
		for (size_t k = 4096; k < usable + 8; k++)
			assert_int_equal(p[k], 0);
		uk_heap_free(p);
		for (size_t k = 0; k < 4096; k++)
			assert_int_equal(p[k], 0);
	}
}

void *uk_heap_check_untouched(const struct slab *s, void *p);
void uk_heap_clear(const struct slab *s, void *p);

/* Of a slot of each class: each byte is looked at and cleared, none beside it is. */
static void test_each_byte(void **state)
{
	static _Alignas(16) uint8_t memory[16 + UK_SLOT_MAX + 16];
	uint8_t *const p = memory + 16;

	(void)state;
	for (uint32_t class = 1; class < UK_HEAP_CLASSES; class ++) {
		const struct slab s = {.bytes = (uint16_t)uk_heap_class_bytes(class),
				       .canary = 0x1122334455667700};
		const size_t usable = s.bytes - CANARY_BYTES;

		memset(memory, 0xa5, sizeof(memory));
		memcpy(p + usable, &s.canary, CANARY_BYTES);
		uk_heap_clear(&s, p);
		for (size_t i = 0; i < usable; i++)
			assert_int_equal(p[i], 0);
		assert_memory_equal(p + usable, &s.canary, CANARY_BYTES);
		assert_int_equal(p[-1], 0xa5);
		assert_int_equal(p[s.bytes], 0xa5);
		assert_ptr_equal(uk_heap_check_untouched(&s, p), p);
		for (size_t i = 0; i < s.bytes; i++) {
			p[i] ^= 0x10;
			assert_true(FAKE_TRAPS(uk_heap_check_untouched(&s, p)));
			p[i] ^= 0x10;
		}
	}
}

/* A slot does not come back for as many frees as the queue is long, and all slots are drawn alike. */
static void test_random(void **state)
{
	size_t seen[SLOTS_MAX] = {0}, places = 0;
	uint8_t *first = uk_heap_alloc(24), *page;

	(void)state;
	page = first - (uintptr_t)first % UK_PAGE_BYTES;
	uk_heap_free(first);
	for (size_t i = 0; i < QUARANTINE; i++) {
		uint8_t *p = uk_heap_alloc(24);

		assert_ptr_not_equal(p, first);
		uk_heap_free(p);
	}
	for (size_t i = 0; i < 100000; i++) {
		uint8_t *p = uk_heap_alloc(24);

		if (p >= page && p < page + UK_PAGE_BYTES)
			seen[(size_t)(p - page) / 32]++;
		uk_heap_free(p);
	}
	for (size_t k = 0; k < SLOTS_MAX; k++)
		places += seen[k] > 0;
	assert_int_equal(places, SLOTS_MAX);
}

/* What waits in the quarantine is no lost memory: all of it can be had again. */
static void test_all_memory(void **state)
{
	enum {
		MANY = 20000,
	};
	static void *blocks[MANY];
	size_t counts[2];

	(void)state;
	for (size_t round = 0; round < 2; round++) {
		size_t n = 0;

		while (n < MANY && (blocks[n] = uk_heap_alloc(1000)))
			n++;
		assert_true(n > 5000 && n < MANY);
		counts[round] = n;
		while (n--)
			uk_heap_free(blocks[n]);
	}
	assert_true(counts[1] + 8 >= counts[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_double_free_after_reuse),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_cleared),
		cmocka_unit_test(test_each_byte),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_all_memory),
		cmocka_unit_test(test_write_after_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
