/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A platform for host tests of the memory libraries: two regions full of garbage, and a trap that
 * returns to the test. Included once by each test program.
 */
#ifndef UK_FAKE_PLAT_H
#define UK_FAKE_PLAT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <uk/plat.h>
#include <uk/random.h>
#include <uk/trap.h>

enum {
	FAKE_SMALL_PAGES = 40,
	FAKE_LARGE_PAGES = 3000,
};

_Alignas(UK_PAGE_BYTES) static uint8_t fake_small[FAKE_SMALL_PAGES * UK_PAGE_BYTES];
_Alignas(UK_PAGE_BYTES) static uint8_t fake_large[FAKE_LARGE_PAGES * UK_PAGE_BYTES];
static struct uk_ram fake_ram[] = {
	{(uintptr_t)fake_small, sizeof(fake_small)},
	{(uintptr_t)fake_large, sizeof(fake_large)},
};
static jmp_buf fake_trap;
static const char *fake_trap_name;

uint64_t uk_stats[UK_STAT_COUNT];

size_t uk_plat_ram(const struct uk_ram **ret)
{
	if (fake_ram[0].base > fake_ram[1].base) {
		struct uk_ram first = fake_ram[1];

		fake_ram[1] = fake_ram[0];
		fake_ram[0] = first;
	}
	memset(fake_small, 0xa5, sizeof(fake_small));
	memset(fake_large, 0xa5, sizeof(fake_large));
	*ret = fake_ram;
	return 2;
}

/* Pages of the two regions that somebody was said to have had. */
static bool fake_small_told[FAKE_SMALL_PAGES], fake_large_told[FAKE_LARGE_PAGES];

static inline bool *fake_told(uintptr_t at)
{
	if (at - (uintptr_t)fake_small < sizeof(fake_small))
		return &fake_small_told[(at - (uintptr_t)fake_small) / UK_PAGE_BYTES];
	if (at - (uintptr_t)fake_large < sizeof(fake_large))
		return &fake_large_told[(at - (uintptr_t)fake_large) / UK_PAGE_BYTES];
	return NULL;
}

void uk_plat_ram_used(uintptr_t base, size_t bytes)
{
	for (uintptr_t at = base; at < base + bytes; at += UK_PAGE_BYTES)
		*fake_told(at) = true;
}

/* As full of garbage as the rest. */
void *uk_plat_metadata(size_t bytes)
{
	static _Alignas(UK_METADATA_ALIGN) uint8_t metadata[512 << 10];
	static size_t used;
	void *p = metadata + used;

	bytes = (bytes + UK_METADATA_ALIGN - 1) & -(size_t)UK_METADATA_ALIGN;
	if (bytes > sizeof(metadata) - used)
		return NULL;
	if (!used)
		memset(metadata, 0xa5, sizeof(metadata));
	used += bytes;
	return p;
}

_Noreturn void uk_trap(const char *mechanism)
{
	fake_trap_name = mechanism;
	longjmp(fake_trap, 1);
}

/* Evaluates to whether doing `what` ended in uk_trap("heap"). */
#define FAKE_TRAPS(what)        \
	(fake_trap_name = NULL, \
	 setjmp(fake_trap) ? !strcmp(fake_trap_name, "heap") : ((void)(what), false))

/* A small generator (xorshift64, Marsaglia 2003): the same operations in each run. */
static inline uint64_t fake_random(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

void uk_random_bytes(void *p, size_t len)
{
	for (uint8_t *to = p; len--; to++)
		*to = (uint8_t)(fake_random() >> 32);
}

#endif
