/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of the instructions that disasm_scan_privileged() names could undo an image's protection on the
 * machine the image is for. A machine that cannot execute one has nothing to fear from its bytes.
 */
#ifndef UKB_PRIV_H
#define UKB_PRIV_H

#include <stdbool.h>

struct elf;

enum priv_machine {
	PRIV_RING0,   /* kvm, xen-pvh: all of the processor */
	PRIV_XEN_PV,  /* ring 3; Xen emulates some, and takes hypercalls by syscall */
	PRIV_PROCESS, /* ring 3 under Linux */
};

/* From the notes of the file that boots, or of the one it is made from. */
enum priv_machine priv_machine(const struct elf *e);
bool priv_undoes_protection(enum priv_machine machine, const char *name);

#endif
