/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the domain. Why it ended goes to the toolstack; the status itself is on the console. */
#include "call.h"

#include <uk/platform.h>

#include <xen/sched.h>

_Noreturn void uk_plat_stop(enum uk_exit how)
{
	struct sched_shutdown shutdown = {SHUTDOWN_poweroff};

	/*
	 * The initial domain ends the machine: after its poweroff Xen halts the processor and an emulated
	 * machine would wait for ever; after its crash Xen waits five seconds and restarts (Xen
	 * common/shutdown.c, hwdom_shutdown). So it always asks for the restart, which a launcher turns
	 * into an end.
	 */
	if (uk_xen.is_initial_domain)
		shutdown.reason = SHUTDOWN_reboot;
	else if (how == UK_EXIT_TRAP)
		shutdown.reason = SHUTDOWN_crash; /* the toolstack's on_crash */
	for (;;)
		uk_xen_call(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&shutdown, 0, 0);
}
