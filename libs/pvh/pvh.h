/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this library share; nothing else includes it. */
#ifndef PVH_H
#define PVH_H

#include <stdint.h>

/* trap_x86_64.S, traps.c */
extern const char uk_pvh_stubs[];
_Noreturn void uk_pvh_exception(const uint64_t *frame, uintptr_t fault_addr);

/* Physical address of the final tables' root. */
extern uint64_t uk_pvh_root;
/* Whether what only the boot writes is read-only in them. */
extern bool uk_pvh_is_roinit_sealed;
/* Rights of text in them: PTE_RO, or user pages with key PVH_TEXT_KEY, which may be fetched only. */
extern uint64_t uk_pvh_text_rights;
#define PVH_TEXT_KEY 1ULL

/* keys.c: from now on no data access reaches pages of any key but 0. */
void uk_pvh_hide_text(void);
/* Whether that holds. */
bool uk_pvh_is_text_hidden(void);
/* What entry_x86_64.S maps: the first GiB. PML4, PDPT and its directory, one page each. */
#define PVH_MAPPED_BYTES 0x40000000ULL
extern uint64_t uk_pvh_tables[3][512];
extern uint64_t uk_pvh_gdt[5];

#endif
