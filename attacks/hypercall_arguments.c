/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: HYPERCALL_ARGUMENTS */
/* adversary: A2 */
/* platforms: xen-pv xen-pvh */
/* The program asks Xen for something whose arguments lie in memory, and these are overwritten: no code goes astray. */
#include "hypercall.h"

static struct hypercall request = {XEN_VERSION, 0, 0, 0, 0};

static __attribute__((noinline)) long submit(const volatile struct hypercall *r)
{
	return uk_xen_call((unsigned int)r->nr, r->a, r->b, r->c, r->d);
}

int main(void)
{
	if (!hypercall_control() || submit(&request) <= 0)
		return 1;
	attack_control_ok();
	*(struct hypercall *)attack_launder(&request) = hypercall_aim();
	if (submit(&request) == 0)
		hypercall_finish();
	return 0;
}
