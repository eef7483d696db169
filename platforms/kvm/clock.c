/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: the KVM clock where the host has one, else the TSC. Its frequency, when nobody tells it, is measured
 * against the PIT at the first question, for 5 ms. Wall time then is the CMOS clock's.
 */
#include "clock.h"
#include <uk/platform.h>
#include <uk/pvh.h>
#include <uk/x86.h>

enum {
	/* IBM PC AT, port B: the gate of the PIT's channel 2. */
	PORT_B = 0x61,
	PORT_B_GATE2 = 1,
	PORT_B_SPEAKER = 2,
	PIT_START = 0xf000,
	CALIBRATION_TICKS = PIT_HZ / 200,
	POLLS_MAX = 1 << 20,
	SAMPLES = 8,
};

/* Motorola MC146818 data sheet; the century where PC firmware keeps it. */
enum {
	CMOS_INDEX = 0x70,
	CMOS_DATA = 0x71,
	CMOS_SECONDS = 0,
	CMOS_MINUTES = 2,
	CMOS_HOURS = 4,
	CMOS_DAY = 7,
	CMOS_MONTH = 8,
	CMOS_YEAR = 9,
	CMOS_STATUS_A = 10,
	CMOS_STATUS_B = 11,
	STATUS_A_UPDATING = 0x80,
	STATUS_B_BINARY = 4,
	STATUS_B_24H = 2,
	HOURS_PM = 0x80,
};

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000ULL

/* Without any clock at all (no PIT either) a TSC tick counts as a nanosecond: order is kept at least. */
#define FALLBACK_KHZ 1000000

struct sample {
	uint64_t tsc;
	uint32_t count;
};

static uint64_t tsc_khz;
static uint64_t wall_base_ns;
static bool is_wall_known;

/* The tightest of some readings: an interrupted one has a wide gap. */
static struct sample pit_sample(void)
{
	struct sample best = {0, 0};
	uint64_t best_gap = UINT64_MAX;

	for (unsigned int i = 0; i < SAMPLES; i++) {
		uint64_t before = rdtsc(), gap;
		uint32_t count;

		outb(PIT_COMMAND, PIT_CHANNEL2_LATCH);
		gap = rdtsc() - before;
		count = inb(PIT_CHANNEL2);
		count |= (uint32_t)inb(PIT_CHANNEL2) << 8;
		if (gap < best_gap) {
			best_gap = gap;
			best = (struct sample){before + gap / 2, count};
		}
	}
	return best;
}

static uint64_t measure_khz(void)
{
	struct sample start, end;
	uint32_t ticks = 0;

	outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(PIT_COMMAND, PIT_CHANNEL2_ONESHOT);
	outb(PIT_CHANNEL2, PIT_START & 0xff);
	outb(PIT_CHANNEL2, PIT_START >> 8);
	start = pit_sample();
	/* It counts down; an empty port reads ones. */
	if (start.count > PIT_START)
		return FALLBACK_KHZ;
	for (unsigned int i = 0; i < POLLS_MAX && ticks < CALIBRATION_TICKS; i++) {
		end = pit_sample();
		ticks = (start.count - end.count) & 0xffff;
	}
	if (ticks < CALIBRATION_TICKS)
		return FALLBACK_KHZ;
	return (end.tsc - start.tsc) * PIT_HZ / ticks / 1000;
}

uint64_t uk_plat_clock_mono_ns(void)
{
	uint64_t ticks;

	if (uk_kvm_clock.is_paravirtual)
		return uk_pvclock_ns(&uk_kvm_pvclock);
	if (!tsc_khz)
		tsc_khz = uk_kvm_clock.tsc_khz ? uk_kvm_clock.tsc_khz : measure_khz();
	ticks = rdtsc() - uk_trace[UK_TRACE_ENTRY];
	/* Whole milliseconds and the rest apart: neither product overflows. */
	return ticks / tsc_khz * NS_PER_MS + ticks % tsc_khz * NS_PER_MS / tsc_khz;
}

static uint32_t cmos(uint8_t reg)
{
	outb(CMOS_INDEX, reg);
	return inb(CMOS_DATA);
}

static uint32_t from_bcd(uint32_t v)
{
	return (v >> 4) * 10 + (v & 15);
}

/* Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil). */
static uint64_t days_since_epoch(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y % 400;
	uint32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (uint64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static uint64_t cmos_ns(void)
{
	static const uint8_t regs[] = {CMOS_SECONDS, CMOS_MINUTES, CMOS_HOURS,
				       CMOS_DAY,     CMOS_MONTH,   CMOS_YEAR};
	uint32_t v[sizeof(regs)], status = cmos(CMOS_STATUS_B), pm;

	/* No clock there: every port reads ones. */
	if (status == 0xff)
		return 0;
	for (unsigned int i = 0; i < POLLS_MAX && cmos(CMOS_STATUS_A) & STATUS_A_UPDATING; i++)
		;
	do {
		for (unsigned int i = 0; i < sizeof(regs); i++)
			v[i] = cmos(regs[i]);
	} while (v[0] != cmos(CMOS_SECONDS));
	pm = v[2] & HOURS_PM;
	v[2] &= ~(uint32_t)HOURS_PM;
	if (!(status & STATUS_B_BINARY))
		for (unsigned int i = 0; i < sizeof(regs); i++)
			v[i] = from_bcd(v[i]);
	if (!(status & STATUS_B_24H))
		v[2] = v[2] % 12 + (pm ? 12 : 0);
	return (((days_since_epoch(2000 + v[5], v[4], v[3]) * 24 + v[2]) * 60 + v[1]) * 60 + v[0]) *
	       NS_PER_S;
}

uint64_t uk_plat_clock_wall_ns(void)
{
	if (uk_kvm_clock.is_paravirtual)
		return uk_kvm_clock.wall_ns + uk_pvclock_ns(&uk_kvm_pvclock);
	if (!is_wall_known) {
		uint64_t now = uk_plat_clock_mono_ns();

		wall_base_ns = cmos_ns() - now;
		is_wall_known = true;
	}
	return wall_base_ns + uk_plat_clock_mono_ns();
}
