# SPDX-License-Identifier: BSD-2-Clause
# Runs before SSE is enabled, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
SRC-uk_entry := entry_x86_64.S
SRC-uk_boot_leave := entry_x86_64.S
SRC-uk_pvh_info := info.c
SRC-uk_boot_map_all := identity.c
SRC-uk_pvh_map_gib := identity.c
SRC-uk_boot_tables := tables.c
SRC-uk_plat_audit_rights := audit.c
SRC-uk_plat_hides_text := keys.c
SRC-uk_pvh_hide_text := keys.c
SRC-uk_pvh_is_text_hidden := keys.c
SRC-uk_boot_traps := traps.c
SRC-uk_boot_thread_pointer := traps.c
SRC-uk_pvh_prepare_cet := cet.c
SRC-uk_pvh_cet := cet.c
SRC-uk_pvh_stubs := trap_x86_64.S
SRC-uk_pvh_exception := fault.c
# How a guest ends: the unsafe stack may be what ran out.
NOHARDEN.safestack := fault.c
