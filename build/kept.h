/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a function keeps a value that it has loaded: in which registers and slots of its frame, on every path.
 * For verifiers of values that the compiler need not load again, because they do not change.
 */
#ifndef UKB_KEPT_H
#define UKB_KEPT_H

#include "frame.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code;
struct code_insns;
struct insn;

enum {
	KEPT_SLOTS = 4, /* more than compilers were seen to use; of a further one it is not known */
};

/* Before an instruction. */
struct kept {
	bool is_reached;
	uint16_t regs; /* bit n: register n has the value */
	size_t slots_len;
	int64_t slots[KEPT_SLOTS]; /* and the words of the frame there, as frame.h counts */
};

/* True when instruction i puts the value into register i->dst. */
typedef bool kept_source(const void *arg, const struct insn *i);

/*
 * One entry an instruction, in the arena of c. tables: code_table_targets(), regs: frame_regs() of the same function.
 * A write to memory that is not known to be in the frame, and a call, are taken to leave the slots alone.
 */
const struct kept *kept_values(const struct code *c, const struct code_insns *f,
			       const uint8_t *tables, const struct frame_regs *regs,
			       kept_source *is_source, const void *arg);

/*
 * Whether that is too little to go by: of a function with several switches nobody knows which table has which
 * targets, so much that is kept does not seem to be.
 */
bool kept_is_vague(const struct code_insns *f);

/* Whether the memory operand of i is a slot with the value. */
bool kept_in_operand(const struct kept *k, const struct frame_regs *before, const struct insn *i);

#endif
