/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds out, at no cost, whether the host tells the time or at least the frequency of the TSC. */
#include "clock.h"
#include <uk/platform.h>
#include <uk/pvh.h>
#include <uk/x86.h>

#include <uk/boot.h>

/* Linux Documentation/virt/kvm/x86/{cpuid,msr}.rst. */
#define KVM_CPUID_SIGNATURE 0x40000000
#define KVM_CPUID_FEATURES 0x40000001
#define KVM_FEATURE_CLOCKSOURCE2 (1U << 3)
#define KVM_SIGNATURE_EBX 0x4b4d564b /* "KVMK" */
#define MSR_KVM_WALL_CLOCK_NEW 0x4b564d00
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01
#define SYSTEM_TIME_ENABLE 1
/* EAX = TSC frequency in kHz: VMware's leaf, given by QEMU (vmware-cpuid-freq) and others. */
#define CPUID_TIMING 0x40000010
#define CPUID_1_ECX_HYPERVISOR (1U << 31)
/* SDM vol. 2, CPUID leaf 15H: TSC/crystal ratio EBX/EAX, crystal in Hz in ECX. */
#define CPUID_TSC_CRYSTAL 0x15

#define NS_PER_S 1000000000ULL

UK_ROINIT struct kvm_clock uk_kvm_clock;
/* The host writes it: never read-only. 32 bytes at a multiple of 32 stay within a page. */
UK_PERMANENT struct uk_pvclock uk_kvm_pvclock __attribute__((aligned(32)));

static struct pvclock_wall wall __attribute__((aligned(16)));

/* True when the host keeps a clock for us. */
static bool init_pvclock(struct kvm_clock *c)
{
	uint32_t regs[4];

	cpuid(KVM_CPUID_SIGNATURE, 0, regs);
	if (regs[1] != KVM_SIGNATURE_EBX)
		return false;
	cpuid(KVM_CPUID_FEATURES, 0, regs);
	if (!(regs[0] & KVM_FEATURE_CLOCKSOURCE2))
		return false;
	wrmsr(MSR_KVM_WALL_CLOCK_NEW, uk_boot_physical(&wall));
	wrmsr(MSR_KVM_SYSTEM_TIME_NEW, uk_boot_physical(&uk_kvm_pvclock) | SYSTEM_TIME_ENABLE);
	c->wall_ns = wall.sec * NS_PER_S + wall.nsec;
	return true;
}

static uint64_t told_khz(bool is_guest)
{
	uint32_t regs[4];

	if (is_guest) {
		cpuid(KVM_CPUID_SIGNATURE, 0, regs);
		if (regs[0] >= CPUID_TIMING) {
			cpuid(CPUID_TIMING, 0, regs);
			if (regs[0])
				return regs[0];
		}
	}
	cpuid(0, 0, regs);
	if (regs[0] < CPUID_TSC_CRYSTAL)
		return 0;
	cpuid(CPUID_TSC_CRYSTAL, 0, regs);
	if (!regs[0] || !regs[1] || !regs[2])
		return 0;
	return (uint64_t)regs[2] * regs[1] / regs[0] / 1000;
}

void uk_kvm_clock_init(void)
{
	struct kvm_clock *c = &uk_kvm_clock;
	uint32_t regs[4];
	bool is_guest;

	cpuid(1, 0, regs);
	is_guest = regs[2] & CPUID_1_ECX_HYPERVISOR;
	if (is_guest && init_pvclock(c)) {
		c->is_paravirtual = true;
		return;
	}
	c->tsc_khz = told_khz(is_guest);
	if (!c->tsc_khz)
		c->tsc_khz = uk_kvm_clock_hpet();
}
