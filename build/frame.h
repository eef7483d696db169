/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a function's registers point into its own frame, on every path: what verifiers need that ask
 * about slots of the stack. Loads are not followed: a register filled from memory is not known.
 */
#ifndef UKB_FRAME_H
#define UKB_FRAME_H

#include "disasm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code;
struct code_insns;

/* Not an address in the frame, or not the same one on all paths. */
#define FRAME_UNKNOWN INT64_MIN

/* The values that argument registers have on entry, in the same numbers, far from the own frame. */
#define FRAME_ARGUMENT(n) (((int64_t)(n) + 1) << 40)
/* Registers of the first arguments in order (System V ABI AMD64, 3.2.3). */
#define FRAME_ARGUMENTS 6
extern const int frame_arguments[FRAME_ARGUMENTS];
/* Which argument, as it came or an address near it, a value is: 0 to 5, or -1. */
int frame_argument_of(int64_t value);

/* Before an instruction: offsets from what %rsp was on entry, so the function's own slots are below 0. */
struct frame_regs {
	bool is_reached;
	int64_t at[REG_COUNT];
};

/* One entry an instruction. tables: code_table_targets() of the same function. */
const struct frame_regs *frame_regs(const struct code *c, const struct code_insns *f,
				    const uint8_t *tables);
/* The address of the memory operand of i, or FRAME_UNKNOWN. */
int64_t frame_operand(const struct frame_regs *before, const struct insn *i);
/* True for registers that a called function may change (System V ABI AMD64, figure 3.4). */
bool frame_is_call_used(int reg);

/* Instructions that may run after the one at `at` in the same function, for walks of a work list. */
typedef void frame_visit(void *ctx, size_t next);
void frame_each_next(const struct code_insns *f, const uint8_t *tables, size_t at,
		     frame_visit *visit, void *ctx);

#endif
