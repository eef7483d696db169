/* SPDX-License-Identifier: BSD-2-Clause */
#include "priv.h"

#include "base/arena.h"
#include "base/str.h"
#include "elf.h"
#include <stddef.h>

/* platforms/process/process.h: PROCESS_NOTE; xen/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY, the PVH entry. */
#define NOTE_PROCESS 0x50524f43
#define NOTE_PVH_ENTRY 18

static bool has_note(const struct elf *e, const char *owner, unsigned type)
{
	for (size_t i = 0; i < e->notes_len; i++)
		if (str_eq(e->notes[i].owner, owner) && e->notes[i].type == type)
			return true;
	return false;
}

enum priv_machine priv_machine(const struct elf *e)
{
	if (has_note(e, "ukbuild", NOTE_PROCESS))
		return PRIV_PROCESS;
	return has_note(e, "Xen", NOTE_PVH_ENTRY) ? PRIV_RING0 : PRIV_XEN_PV;
}

/*
 * Ring 0 has no syscall and sysenter: EFER.SCE and IA32_SYSENTER_CS are zero since reset, and nothing can
 * write them. clts and lmsw change bits of CR0 that are the FPU's, or set PE, which is set (Intel SDM
 * vol. 2, LMSW). Ring 3 has no privileged instruction; Xen emulates loads of control and model-specific
 * registers (xen/arch/x86/pv/emul-priv-op.c). In a process system calls undo nothing wherever they come
 * from: the tender's filter looks at each (platforms/process/tender_filter.c).
 */
bool priv_undoes_protection(enum priv_machine machine, const char *name)
{
	static const struct {
		const char *name;
		bool ring0, xen_pv, process;
	} all[] = {
		{"mov-to-cr", true, true, false}, {"wrmsr", true, true, false},
		{"lgdt", true, false, false},     {"lidt", true, false, false},
		{"lldt", true, false, false},     {"ltr", true, false, false},
		{"xsetbv", true, true, false},    {"xrstors", true, false, false},
		{"xrstor", true, true, true},     {"wrpkru", true, true, true},
		{"vmcall", true, false, false},   {"vmmcall", true, false, false},
		{"syscall", false, true, false},  {"sysenter", false, true, false},
		{"int80", false, true, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (str_eq(all[i].name, name))
			return machine == PRIV_RING0    ? all[i].ring0
			       : machine == PRIV_XEN_PV ? all[i].xen_pv
							: all[i].process;
	return false;
}
