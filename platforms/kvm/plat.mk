# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := console halt ram clock
SRC := entry_x86_64.S boot.c info.c identity.c console.c halt.c map.c trap.c trap_x86_64.S
SRC-uk_kvm_seed := entropy.c
SRC-uk_layout_place := layout.c
SRC-uk_kvm_relocate := reloc.c
SRC-uk_plat_clock_mono_ns := clock.c
SRC-uk_plat_clock_wall_ns := clock.c
SRC-uk_kvm_clock := clock_boot.c
SRC-uk_kvm_clock_hpet := clock_hpet.c
INIT := early:uk_kvm_clock_init
# Runs before SSE is enabled, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
EXPORTS := uk_entry
SRC-uk_plat_audit_rights := audit.c
SRC-uk_kvm_build_tables := tables.c
