/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock that a host keeps in a page it shares, the same for KVM and Xen: Linux
 * Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW; Xen public/xen.h, struct vcpu_time_info.
 */
#ifndef UK_PVCLOCK_H
#define UK_PVCLOCK_H

#include <stdint.h>
#include <uk/x86.h>

struct uk_pvclock {
	uint32_t version; /* odd while the host writes */
	uint32_t pad0;
	uint64_t tsc_timestamp, system_time; /* one moment: in ticks, in nanoseconds */
	uint32_t tsc_to_system_mul;          /* fraction of 2^32 */
	int8_t tsc_shift;
	uint8_t flags, pad[2];
};

/* Nanoseconds at `tsc` by a consistent copy. */
static inline uint64_t uk_pvclock_scale(const struct uk_pvclock *t, uint64_t tsc)
{
	uint64_t delta = tsc - t->tsc_timestamp;

	delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
	return (uint64_t)((unsigned __int128)delta * t->tsc_to_system_mul >> 32) + t->system_time;
}

/* Nanoseconds now, however often the host writes meanwhile. */
static inline uint64_t uk_pvclock_ns(volatile const struct uk_pvclock *t)
{
	struct uk_pvclock copy;
	uint64_t tsc;

	do {
		copy.version = t->version;
		/* The time stamp and what it is compared with are read between the two versions. */
		__asm__ volatile("lfence" : : : "memory");
		tsc = rdtsc();
		copy.tsc_timestamp = t->tsc_timestamp;
		copy.system_time = t->system_time;
		copy.tsc_to_system_mul = t->tsc_to_system_mul;
		copy.tsc_shift = t->tsc_shift;
		__asm__ volatile("lfence" : : : "memory");
	} while (copy.version & 1 || copy.version != t->version);
	return uk_pvclock_scale(&copy, tsc);
}

#endif
