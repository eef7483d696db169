/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock's two halves: what boot code finds out once, and what runs at every call. */
#ifndef KVM_CLOCK_H
#define KVM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <uk/pvclock.h>

/* Linux Documentation/virt/kvm/x86/msr.rst: MSR_KVM_WALL_CLOCK_NEW. */
struct pvclock_wall {
	uint32_t version, sec, nsec;
};

/* Intel 8254 data sheet. */
enum pit {
	PIT_HZ = 1193182,
	PIT_CHANNEL2 = 0x42,
	PIT_COMMAND = 0x43,
	PIT_CHANNEL2_ONESHOT = 0xb0, /* low then high byte, mode 0 */
	PIT_CHANNEL2_LATCH = 0x80,
};

struct kvm_clock {
	bool is_paravirtual; /* the host keeps uk_kvm_pvclock up to date */
	uint64_t wall_ns;    /* then: wall time at system time 0 */
	uint64_t tsc_khz;    /* else: told by the processor, or 0 = measure when first needed */
};
extern struct kvm_clock uk_kvm_clock;
extern struct uk_pvclock uk_kvm_pvclock;

/* The TSC's frequency in kHz by the HPET, when there is one but no PIT; else 0. */
uint64_t uk_kvm_clock_hpet(void);

/* INIT early */
void uk_kvm_clock_init(void);

#endif
