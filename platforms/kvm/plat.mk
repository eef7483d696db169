# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := console halt ram clock
SRC := info.c console.c stop.c
SRC-uk_plat_clock_mono_ns := clock.c
SRC-uk_plat_clock_wall_ns := clock.c
SRC-uk_kvm_clock := clock_boot.c
SRC-uk_kvm_clock_hpet := clock_hpet.c
INIT := early:uk_kvm_clock_init
# Runs before SSE is enabled, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
EXPORTS := uk_boot_console uk_boot_info uk_plat_console_write uk_plat_console_drain uk_plat_stop
