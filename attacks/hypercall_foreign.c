/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: HYPERCALL_FOREIGN */
/* adversary: A3 */
/* platforms: kvm */
/* inherent: kvm */
/*
 * A hypercall where no Xen is: the processor refuses it, or KVM, none of whose calls changes what memory holds (Linux,
 * Documentation/virt/kvm/x86/hypercalls.rst). The image itself has no such instruction.
 */
#include "attack.h"

static volatile int constant = 1;

static __attribute__((noinline)) int victim(void)
{
	return constant + constant * constant;
}

int main(void)
{
	/* Xen's update_va_mapping, of the page of this text. */
	uintptr_t nr = 14,
		  page = (uintptr_t)attack_launder((const void *)victim) & ~(uintptr_t)4095;

	if (victim() != 2)
		return 1;
	attack_control_ok();
	/* C has no word for it. */
	__asm__ volatile("vmcall"
			 : "+a"(nr)
			 : "b"(page), "c"(0x63), "d"(2), "D"(page), "S"(0x63)
			 : "memory");
	if (nr == 0)
		attack_succeeded();
	__builtin_trap(); /* refused */
}
