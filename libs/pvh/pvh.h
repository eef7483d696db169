/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this library share; nothing else includes it. */
#ifndef PVH_H
#define PVH_H

#include <stdint.h>

/* trap_x86_64.S, traps.c */
extern const char uk_pvh_stubs[];
/* A stub: endbr64 where branches are tracked, and a call; without it with room to the next 8 bytes. */
#define PVH_STUB_BYTES (CONFIG_NEEDS_CET_BRANCH ? 9 : 8)
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
/* Value of IA32_S_CET from the end of the boot on: what was asked for (SDM vol. 4, table 2-2). */
#define PVH_CET_SHADOW 1
#define PVH_CET_BRANCH \
	0x14 /* but for jumps marked notrack: to tables of switches, which are constants */
extern uint32_t uk_pvh_cet;
/* cet.c: everything but IA32_S_CET itself. A function of its own: the verifier looks for the call. */
__attribute__((noinline)) void uk_pvh_prepare_cet(void);

/* What entry_x86_64.S maps: the first GiB. PML4, PDPT and its directory, one page each. */
#define PVH_MAPPED_BYTES 0x40000000ULL
extern uint64_t uk_pvh_tables[3][512];
extern uint64_t uk_pvh_gdt[5];

#endif
