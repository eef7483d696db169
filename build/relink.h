/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linking without byte sequences that would undo protection if control came into the middle of an
 * instruction (build/priv.h). Distances and addresses make some by chance: functions change places until
 * none is left. What is part of an instruction itself is there after each move: its function is compiled
 * another way (reword.h). What cannot be (assembly) is the verifier's to report. Also the command that the
 * makefile calls for it.
 */
#ifndef UKB_RELINK_H
#define UKB_RELINK_H

#include "reword.h"
#include <stdint.h>

struct arena;
struct diags;

struct relink_in {
	const char *template_path;
	const uint8_t *seed;     /* as for order_write() */
	const char *rsp_path;    /* machine code alone */
	const char *bitcode_rsp; /* with bitcode in place of LTO_OBJECT (lto.h), or NULL */
	const char *script_path, *map_path, *linked_path; /* written */
	const char *const *linker;                        /* program and flags, without files */
	struct reword_in reword;
};

/* What was compiled another way, as JSON: [{"object": "ab/cdef.o", "function", "bytes", "attempt"}...] */
#define RELINK_CHANGES(a, linked_path) arena_printf(a, "%s.changes", linked_path)

/* The result is a function of template, seed, objects, their sources and commands alone. */
int relink(struct arena *a, const struct relink_in *in, struct diags *d);

#endif
