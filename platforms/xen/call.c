/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one instruction that calls Xen. There is no hypercall page: it would be executable memory whose bytes
 * come from outside the image, and all it holds is this instruction (Xen docs/guest-guide/x86/hypercall-abi).
 */
#include "call.h"

struct xen_state uk_xen __attribute__((section(".bss.roinit")));

/* One place of the image, with link-time optimisation too. */
__attribute__((noinline)) long uk_xen_call(unsigned int nr, uintptr_t a, uintptr_t b, uintptr_t c,
					   uintptr_t d)
{
	register uintptr_t fourth __asm__("r10") = d;
	long ret = nr;

	/* C has no word for these. Arguments count as lost: debug builds of Xen overwrite them. */
#if CONFIG_PLAT_XEN_PV
	__asm__ volatile("syscall"
			 : "+a"(ret), "+D"(a), "+S"(b), "+d"(c), "+r"(fourth)
			 :
			 : "rcx", "r11", "memory");
#else
	if (uk_xen.is_amd)
		__asm__ volatile("vmmcall"
				 : "+a"(ret), "+D"(a), "+S"(b), "+d"(c), "+r"(fourth)
				 :
				 : "memory");
	else
		__asm__ volatile("vmcall"
				 : "+a"(ret), "+D"(a), "+S"(b), "+d"(c), "+r"(fourth)
				 :
				 : "memory");
#endif
	return ret;
}

bool uk_xen_is_initial_domain(void)
{
	return uk_xen.is_initial_domain;
}
