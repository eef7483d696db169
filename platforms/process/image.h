/* SPDX-License-Identifier: BSD-2-Clause */
/* What the image's files of this platform share; nothing else includes it. */
#ifndef PROCESS_IMAGE_H
#define PROCESS_IMAGE_H

#include "process.h"

#include <stdbool.h>
#include <stdint.h>

/* call_x86_64.S: a call that is possible for ever. Negative errno on failure. */
long uk_process_call(long nr, uintptr_t a, uintptr_t b, uintptr_t c);

/* fault.c: the handler of every fatal signal. */
_Noreturn void uk_process_fault(int signal, const void *siginfo, const void *context);

/* Boot only from here on. */

/* entry_x86_64.S: any call that the filter allows, made from the gate; it is gone when the boot ends. */
long uk_process_gate(long nr, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e);

/* info.c: what the tender said. */
struct process_machine {
	uint64_t window_end; /* of memory, where it is at first */
	bool has_rights;     /* nothing is mapped writable and executable */
	bool hides_text;     /* text can be executed, not read */
};
extern struct process_machine uk_process_machine;
/* entry_x86_64.S: whether uk_boot_leave takes rights and the boot's pages away; of which data. */
extern bool uk_process_is_sealed, uk_process_is_roinit_sealed;

#endif
