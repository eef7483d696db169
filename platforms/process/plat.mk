# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := console halt ram clock
SRC := entry_x86_64.S info.c console.c stop.c traps.c fault.c call_x86_64.S
SRC-uk_plat_clock_mono_ns := clock.c
SRC-uk_plat_clock_wall_ns := clock.c
SRC-uk_boot_map_all := tables.c
SRC-uk_boot_tables := tables.c
SRC-uk_plat_audit_rights := audit.c
SRC-uk_plat_hides_text := info.c
# Runs before the thread pointer is set, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
EXPORTS := uk_entry uk_boot_console uk_boot_info uk_boot_leave uk_boot_traps uk_boot_thread_pointer uk_plat_console_write uk_plat_console_drain uk_plat_stop
# How a guest ends: the unsafe stack may be what ran out.
NOHARDEN.safestack := fault.c
