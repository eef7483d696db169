# SPDX-License-Identifier: BSD-2-Clause
NAMES := xen-pv xen-pvh
PROVIDES := console halt ram clock
SYSTEM-HEADERS := xen=libxen-dev
SRC := call.c console.c stop.c clock.c event.c init.c
SRC.xen-pv := entry_x86_64.S info.c mmu.c identity.c tables.c traps.c trap_x86_64.S fault.c leave.c audit.c frame.c
SRC.xen-pvh := pvh.c pvh_frame.c
INIT := early:uk_xen_init
# Runs before SSE is enabled, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
# Without it Xen's headers give the interface of 2005.
CFLAGS += -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__
EXPORTS := uk_boot_console uk_boot_info uk_plat_console_write uk_plat_console_drain uk_plat_stop
EXPORTS += uk_entry uk_boot_map_all uk_boot_tables uk_boot_traps uk_boot_thread_pointer uk_boot_leave
EXPORTS += uk_plat_audit_rights
EXPORTS += uk_plat_clock_mono_ns uk_plat_clock_wall_ns
# hypercalls stay callable and can change what memory holds: stops injection and overwritten code, not reuse of code that reaches one.
NOHARDEN.wx := call.c
# the one function that calls Xen; without it there is neither console nor exit.
NOHARDEN.privscan := call.c
# How a guest ends, and its console before it has a thread: the unsafe stack may be what ran out.
NOHARDEN.safestack := fault.c console.c event.c stop.c
