/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Call frame information: where a function's caller stands, from .debug_frame (DWARF 4, 6.4). Only
 * what unwinding at the return address needs: the canonical frame address of a program counter.
 * Input may be broken: anything odd is "not known".
 */
#ifndef UKB_CFI_H
#define UKB_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DWARF register numbers of x86-64: System V ABI AMD64, figure 3.36. */
enum {
	CFI_RBP = 6,
	CFI_RSP = 7,
};

/* CFA = register + offset; the return address lies at CFA - 8 (AMD64 ABI 3.2.2). */
struct cfi_rule {
	unsigned reg;
	int64_t offset;
};

/*
 * The rule at pc. False: no entry covers pc, or the rule is an expression. section: the bytes of
 * .debug_frame, little endian, with 8-byte addresses.
 */
bool cfi_find(const uint8_t *section, size_t len, uint64_t pc, struct cfi_rule *ret);

#endif
