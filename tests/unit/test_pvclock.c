/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock in a shared page: its arithmetic, and that a reader never sees half of what the host writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include <uk/pvclock.h>

enum {
	READS = 200000,
	WRITES = 100000,
	HALF = 1u << 31,
};

static void scales_both_ways(void **state)
{
	struct uk_pvclock t = {
		.tsc_timestamp = 1000,
		.system_time = 5,
		.tsc_to_system_mul = HALF,
		.tsc_shift = 1,
	};

	(void)state;
	assert_int_equal(uk_pvclock_scale(&t, 1300), 305);
	t.tsc_shift = -1;
	assert_int_equal(uk_pvclock_scale(&t, 1300), 80);
	/* A week of ticks, times 2^32, is more than 64 bits. */
	t.tsc_shift = 0;
	assert_int_equal(uk_pvclock_scale(&t, 1000 + (1ULL << 52)), 5 + (1ULL << 51));
}

struct host {
	volatile struct uk_pvclock clock; /* one nanosecond a tick, whatever the time stamp */
	atomic_bool is_done;
};

static void *write_for_ever(void *arg)
{
	struct host *h = arg;

	for (uint64_t back = 1; !h->is_done; back = back * 5 & 0xffffffff) {
		const uint64_t stamp = rdtsc() - back;

		h->clock.version++;
		atomic_thread_fence(memory_order_seq_cst);
		h->clock.tsc_timestamp = stamp;
		h->clock.system_time = stamp;
		atomic_thread_fence(memory_order_seq_cst);
		h->clock.version++;
	}
	return NULL;
}

static void survives_writes(void **state)
{
	static struct host h = {.clock = {.tsc_to_system_mul = HALF, .tsc_shift = 1}};
	pthread_t writer;
	unsigned int wrong = 0;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_for_ever, &h), 0);
	for (unsigned int i = 0; i < READS || h.clock.version < 2 * WRITES; i++) {
		const uint64_t before = rdtsc(), now = uk_pvclock_ns(&h.clock), after = rdtsc();

		wrong += now < before || now > after;
	}
	h.is_done = true;
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scales_both_ways),
		cmocka_unit_test(survives_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
