/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The code of a finished image, function by function: what verifiers share. Bytes come from the
 * file that boots, names from the sidecar.
 */
#ifndef UKB_CODE_H
#define UKB_CODE_H

#include "disasm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;
struct image;
struct image_func;
struct verdict;

struct code_insns {
	const struct insn *v;
	size_t len;
	bool is_whole; /* false: bytes that are no instruction follow the last one */
};

struct code {
	struct arena *
		arena; /* a copy of this struct may have another, for what is wanted a short while */
	const struct image *image;
	struct disasm *disasm;
	struct code_decoded *decoded;
};

/* The text that stays executable when the boot is over. */
struct code_text {
	uint64_t start;
	const uint8_t *bytes;
	size_t len;
	struct priv_hits priv;
};

/* Borrows img; all that these functions return lives in an arena of *ret. -1 when capstone cannot be had. */
int code_open(struct arena *a, const struct image *img, struct code *ret, struct diags *d);
void code_close(struct code *c);
/*
 * The instructions of f, decoded once for all who ask, without their text (mnemonic, operands); len 0 when the
 * file has no bytes there.
 */
void code_function(const struct code *c, const struct image_func *f, struct code_insns *ret);
/* That text, scanned once for all who ask; NULL when it cannot be found, or the file has no bytes there. */
const struct code_text *code_text(const struct code *c);
/* The index of the instruction at addr, or SIZE_MAX. */
size_t code_index(const struct code_insns *insns, uint64_t addr);
/*
 * Marks (1) the instructions that only the jump table of a switch can lead to: those behind a way out
 * that no direct jump names. One byte an instruction.
 */
const uint8_t *code_table_targets(const struct code *c, const struct code_insns *insns);
/*
 * Bytes that the instruction at index `at` takes from the stack for a frame: sub, or push. A push that the next
 * instruction takes back takes none: it is the shortest way to put a constant into a register.
 */
int64_t code_frame_bytes(const struct code_insns *insns, size_t at);
/* True when the indirect jump at index `at` goes to a table of the same function, so is no tail call. */
bool code_is_switch(const struct code *c, const struct code_insns *insns, size_t at);
/*
 * Whether at addr stands ud1 NUMBER(%eax),%eax, or what xom has in its place: a check of the compiler's or of a
 * pass has failed.
 */
bool code_is_trap(const struct image *img, uint64_t addr, uint8_t number);
/*
 * Whether the trap at index `at` can be reached: a branch leads to it, or what stands before runs on. A call of a
 * function without a way back does not.
 */
bool code_is_trap_reached(const struct code *c, const struct code_insns *insns, size_t at);
/* True when boot code calls function `name` directly. */
bool code_boot_calls(const struct code *c, const char *name);
/*
 * True when boot code calls the layout function `name` of a mechanism and that stores a number of at
 * least `least` (uk/layout.h: true = 1, or a size).
 */
bool code_asks_layout(const struct code *c, const char *name, int64_t least);
/* Whether the image is for platform process, where a kernel stands below it. */
bool code_is_process(const struct code *c);
/*
 * True when the boot's last instruction, directly before the permanent text, loads page tables (mov to
 * %cr3) or asks Xen for them (hypercall multicall): the next one runs under the final rights, and no way
 * leads around it. On platform process, where the kernel has the tables: true when permanent text begins by
 * giving up the means to change mappings.
 */
bool code_ends_boot_with_tables(const struct code *c);
/*
 * Marks (1) the functions that direct calls and jumps lead to from those of these names, themselves among them; one
 * byte an image_func, in the arena of c. A name that the image has not leads nowhere. Calls through pointers are
 * not followed: start-up code has none.
 */
const uint8_t *code_reached(const struct code *c, const char *const *names, size_t names_len);
/* Whether function `to` is among what is reached from function `from`. */
bool code_reaches(const struct code *c, const char *from, const char *to);
/* True when the function at target has no way out, or is longjmp(), whose way out leads to elsewhere. */
bool code_never_returns(const struct code *c, uint64_t target);
/*
 * True when instruction i is a conditional jump of which one side is a call of uk_trap() and nothing else
 * but what prepares it: a check.
 */
bool code_is_trap_branch(const struct code *c, const struct code_insns *insns, size_t i);
/* How many of those function f has. */
size_t code_trap_branches(const struct code *c, const struct image_func *f);

/*
 * Counts function f for v: covered when nothing is missing, else exempt from `mechanism` if its file says so, else
 * v's problem.
 */
void code_count(struct arena *a, const struct image_func *f, const char *mechanism,
		const char *missing, struct verdict *v);

#endif
