/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grants in a table of which the other side, here Xen in a thread of its own, sets and clears the flags of
 * mappings.
 */
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include "libs/grant/grant.c"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	COUNT = 512, /* a page of entries */
	OWN = COUNT - GNTTAB_NR_RESERVED_ENTRIES,
	FRAME = 0x12345,
};

static struct grant_entry_v1 entries[COUNT];
static bool is_absent;
static uint64_t frame_offset;
_Alignas(UK_PAGE_BYTES) static char pages[4][UK_PAGE_BYTES];

struct grant_entry_v1 *uk_xen_grants(size_t *ret_count)
{
	*ret_count = is_absent ? 0 : COUNT;
	return is_absent ? NULL : entries;
}

uint64_t uk_xen_frame(const void *page)
{
	return FRAME + frame_offset +
	       (uint64_t)((const char(*)[UK_PAGE_BYTES])page - (const char(*)[UK_PAGE_BYTES])pages);
}

static int start(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	memset(entries, 0, sizeof(entries));
	/* The toolstack's, and one that a loader left. */
	entries[GNTTAB_RESERVED_CONSOLE] = entries[GNTTAB_RESERVED_XENSTORE] =
		(struct grant_entry_v1){GTF_permit_access, 0, 7};
	is_absent = false;
	frame_offset = 0;
	return 0;
}

static void check_reserved(void)
{
	for (size_t i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
		assert_int_equal(entries[i].flags, i < 2 ? GTF_permit_access : 0);
		assert_int_equal(entries[i].frame, i < 2 ? 7 : 0);
	}
}

static void test_entry(void **state)
{
	uint32_t a = 0, b = 0;

	(void)state;
	assert_int_equal(uk_grant_page(3, pages[1], false, &a), 0);
	assert_int_equal(uk_grant_page(0, pages[2], true, &b), 0);
	assert_true(a >= GNTTAB_NR_RESERVED_ENTRIES && b >= GNTTAB_NR_RESERVED_ENTRIES && a != b);
	assert_int_equal(entries[a].flags, GTF_permit_access);
	assert_int_equal(entries[a].domid, 3);
	assert_int_equal(entries[a].frame, FRAME + 1);
	assert_int_equal(entries[b].flags, GTF_permit_access | GTF_readonly);
	assert_int_equal(entries[b].domid, 0);
	assert_int_equal(entries[b].frame, FRAME + 2);
	assert_int_equal(uk_grant_end(a), 0);
	assert_int_equal(entries[a].flags, GTF_invalid);
	assert_int_equal(entries[b].flags, GTF_permit_access | GTF_readonly);
	check_reserved();
}

static void test_mapped(void **state)
{
	static const uint16_t mapped[] = {GTF_reading, GTF_writing, GTF_reading | GTF_writing};
	uint32_t ref;

	(void)state;
	assert_int_equal(uk_grant_page(0, pages[0], false, &ref), 0);
	for (size_t i = 0; i < 3; i++) {
		entries[ref].flags |= mapped[i];
		assert_int_equal(uk_grant_end(ref), -XEN_EBUSY);
		assert_int_equal(entries[ref].flags, GTF_permit_access | mapped[i]);
		assert_int_equal(entries[ref].frame, FRAME);
		entries[ref].flags &= (uint16_t)~mapped[i];
	}
	assert_int_equal(uk_grant_end(ref), 0);
}

static void test_refused(void **state)
{
	uint32_t ref = 99;

	(void)state;
	assert_int_equal(uk_grant_page(0, pages[0] + 8, false, &ref), -XEN_EINVAL);
	frame_offset = UINT32_MAX;
	assert_int_equal(uk_grant_page(0, pages[0], false, &ref), -XEN_EINVAL);
	frame_offset = 0;
	for (uint32_t r = 0; r < 2 * COUNT; r++)
		assert_int_equal(uk_grant_end(r), -XEN_EINVAL);
	assert_int_equal(uk_grant_end(UINT32_MAX), -XEN_EINVAL);
	assert_int_equal(ref, 99);
	assert_int_equal(uk_grant_page(0, pages[0], false, &ref), 0);
	assert_int_equal(uk_grant_end(ref), 0);
	assert_int_equal(uk_grant_end(ref), -XEN_EINVAL);
	check_reserved();
	start(NULL);
	is_absent = true;
	assert_int_equal(uk_grant_page(0, pages[0], false, &ref), -XEN_ENODEV);
	assert_int_equal(uk_grant_end(ref), -XEN_EINVAL);
}

/* All of them, each once, in any order; one stays with whoever had it before. */
static void test_all(void **state)
{
	uint32_t refs[OWN];
	bool seen[COUNT] = {false};
	size_t count = OWN - 1;

	(void)state;
	entries[100] = (struct grant_entry_v1){GTF_accept_transfer, 1, 5};
	for (int round = 0; round < 20; round++) {
		memset(seen, 0, sizeof(seen));
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(uk_grant_page(0, pages[0], false, &refs[i]), 0);
			assert_in_range(refs[i], GNTTAB_NR_RESERVED_ENTRIES, COUNT - 1);
			assert_false(seen[refs[i]]);
			seen[refs[i]] = true;
		}
		assert_false(seen[100]);
		assert_int_equal(uk_grant_page(0, pages[0], false, &refs[0]), -XEN_ENOSPC);
		for (size_t i = 0; i < count; i++) {
			size_t k = (i * 211 + (size_t)round) % count; /* 503 is a prime */

			assert_int_equal(uk_grant_end(refs[k]), 0);
		}
	}
	assert_int_equal(entries[100].flags, GTF_accept_transfer);
	assert_int_equal(uk_grant_end(100), -XEN_EINVAL);
	check_reserved();
}

/* Xen: maps and unmaps as grant_table.c does, by compare-and-exchange of the whole flags. */
static _Atomic bool has_ended;
static _Atomic uint32_t shared_ref;
static _Atomic size_t mappings, violations;

static void *xen(void *unused)
{
	(void)unused;
	while (!has_ended) {
		uint32_t ref = shared_ref;
		struct grant_entry_v1 *e = &entries[ref];
		uint16_t flags = __atomic_load_n(&e->flags, __ATOMIC_ACQUIRE);

		if ((flags & GTF_type_mask) != GTF_permit_access || !ref) {
			sched_yield();
			continue;
		}
		if (!__atomic_compare_exchange_n(&e->flags, &flags,
						 (uint16_t)(flags | GTF_reading | GTF_writing), 0,
						 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			continue;
		/* Mapped: it must name a granted page, and stay so. */
		for (int i = 0; i < 20; i++)
			violations +=
				e->domid != 9 || e->frame - FRAME > 3 ||
				!(__atomic_load_n(&e->flags, __ATOMIC_SEQ_CST) & GTF_permit_access);
		mappings++;
		__atomic_fetch_and(&e->flags, (uint16_t)~(GTF_reading | GTF_writing),
				   __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void test_concurrent(void **state)
{
	size_t busy = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, xen, NULL), 0);
	for (int i = 0; i < 20000 || (busy < 20 && i < 100000); i++) {
		uint32_t ref;

		assert_int_equal(uk_grant_page(9, pages[i % 4], false, &ref), 0);
		shared_ref = ref;
		if (i % 64 == 0) {
			size_t before = mappings;

			while (mappings == before)
				sched_yield();
		}
		while (uk_grant_end(ref) == -XEN_EBUSY) {
			busy++;
			sched_yield();
		}
	}
	has_ended = true;
	pthread_join(thread, NULL);
	assert_true(busy);
	assert_int_equal(violations, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_entry, start),
		cmocka_unit_test_setup(test_mapped, start),
		cmocka_unit_test_setup(test_refused, start),
		cmocka_unit_test_setup(test_all, start),
		cmocka_unit_test_setup(test_concurrent, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
