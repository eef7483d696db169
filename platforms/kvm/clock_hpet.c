/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TSC against the HPET: for machines without a PIT, where nobody tells the frequency. Runs in the boot,
 * while the timer's registers can still be mapped.
 */
#include "clock.h"
#include <uk/platform.h>
#include <uk/pvh.h>
#include <uk/x86.h>

#include <uk/boot.h>

/* IA-PC HPET specification 1.0a, 2.3; PC firmware puts it here. */
#define HPET_BASE 0xfed00000ULL
#define HPET_PERIOD_MAX_FS 100000000
#define HPET_ENABLE 1
enum {
	HPET_PERIOD = 0x4 / 4, /* words: femtoseconds a tick */
	HPET_CONFIG = 0x10 / 4,
	HPET_COUNTER = 0xf0 / 4,
};

#define FS_PER_MS 1000000000000ULL
#define CALIBRATION_MS 2

/* A PIT answers with the count it was given, an empty port with ones. */
static bool has_pit(void)
{
	const uint8_t low = 0x34, high = 0x12;

	outb(PIT_COMMAND, PIT_CHANNEL2_ONESHOT);
	outb(PIT_CHANNEL2, low);
	outb(PIT_CHANNEL2, high);
	outb(PIT_COMMAND, PIT_CHANNEL2_LATCH);
	(void)inb(PIT_CHANNEL2);
	return inb(PIT_CHANNEL2) == high;
}

uint64_t uk_kvm_clock_hpet(void)
{
	static uint64_t table[512] UK_PVH_TABLE;
	volatile uint32_t *hpet = (volatile uint32_t *)HPET_BASE;
	uint64_t ticks, start_tsc;
	uint32_t period, start;

	if (has_pit())
		return 0;
	uk_pvh_map_gib(HPET_BASE, table);
	period = hpet[HPET_PERIOD];
	if (!period || period > HPET_PERIOD_MAX_FS)
		return 0;
	hpet[HPET_CONFIG] |= HPET_ENABLE;
	ticks = CALIBRATION_MS * FS_PER_MS / period;
	start = hpet[HPET_COUNTER];
	start_tsc = rdtsc();
	while (hpet[HPET_COUNTER] - start < ticks)
		;
	/* The last reading may have been late: count what really passed. */
	ticks = hpet[HPET_COUNTER] - start;
	return (rdtsc() - start_tsc) * (FS_PER_MS / 1000) / (ticks * period / 1000);
}
