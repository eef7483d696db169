/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: HYPERCALL_POINTER */
/* adversary: A2 */
/* stops: cfi */
/* platforms: xen-pv xen-pvh */
/* An overwritten pointer to a function of the program's leads to the one that calls Xen, with arguments of the attacker's. */
#include "hypercall.h"

typedef uintptr_t handler(uintptr_t key, uintptr_t low, uintptr_t high, uintptr_t flags,
			  uintptr_t spare);

static uintptr_t between(uintptr_t key, uintptr_t low, uintptr_t high, uintptr_t flags,
			 uintptr_t spare)
{
	return (key >= low && key < high) + flags + spare;
}

static struct {
	handler *call;
	struct hypercall arguments;
} task = {between, {1, 0, 2, 0, 0}};

static __attribute__((noinline)) uintptr_t run_task(void)
{
	handler *volatile call = task.call;
	const volatile struct hypercall *a = &task.arguments;

	return call(a->nr, a->a, a->b, a->c, a->d);
}

int main(void)
{
	if (!hypercall_control() || run_task() != 1)
		return 1;
	attack_control_ok();
	task.arguments = hypercall_aim();
	*(void **)attack_launder(&task.call) = attack_launder((const void *)uk_xen_call);
	if (run_task() == 0)
		hypercall_finish();
	return 0;
}
