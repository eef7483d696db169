# SPDX-License-Identifier: BSD-2-Clause
# The contract and what all platforms do alike; the rest is implemented by the platform, the generated
# start-up and libs/start or libs/musl.
PROVIDES := plat
SRC-uk_boot_low := boot.c
SRC-uk_boot_high := boot.c
SRC-uk_boot_add_ram := boot.c
SRC-uk_boot_take := boot.c
SRC-uk_boot_cmdline := args.c
SRC-uk_boot_args := args.c
SRC-uk_boot_seed := seed.c
SRC-uk_boot_relocate := reloc.c
SRC-uk_layout_place := layout.c
SRC-uk_put := put.c
SRC-uk_put_hex := put.c
SRC-uk_put_dec := put.c
SRC-uk_put_number := put.c
SRC-uk_plat_halt := halt.c
SRC-uk_stop := halt.c
SRC-uk_plat_trace := halt.c
SRC-uk_options := halt.c
SRC-uk_trace := halt.c
SRC-uk_stats := halt.c
SRC-uk_map := map.c
SRC-uk_shadow_distance := map.c
SRC-uk_plat_ram := map.c
SRC-uk_plat_ram_used := map.c
SRC-uk_is_up := map.c
SRC-uk_ram_used := map.c
SRC-uk_plat_metadata := map.c
SRC-uk_plat_thread_stack := map.c
SRC-uk_plat_thread_shadow := map.c
SRC-uk_plat_thread_unsafe := map.c
SRC-uk_fault := trap.c
SRC-uk_trap := trap.c
SRC-uk_where := trap.c
# Runs before SSE is enabled, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
# How a guest ends: the unsafe stack may be what ran out.
NOHARDEN.safestack := trap.c put.c halt.c
