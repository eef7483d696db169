/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Section order: draws a permutation of all movable sections from a 256-bit seed and writes it into
 * the platform's linker script. Also the command that the makefile calls for it.
 */
#ifndef UKB_ORDER_H
#define UKB_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;

/* Bytes of a layout seed. */
#define ORDER_SEED_BYTES 32

/* Fills perm with a uniform permutation of 0..n-1 drawn from seed; label separates groups. */
void order_permute(const uint8_t seed[ORDER_SEED_BYTES], const char *label, size_t n,
		   uint32_t *perm);

/*
 * Reads the template and the objects named in the response file, and
 * writes the linker script out: at each marker comment "@ORDER .text" and so on, one line an input
 * section in drawn order. Bitcode objects are ordered by the symbols that nm (llvm-nm) lists.
 */
int order_write(struct arena *a, const char *template_path, const uint8_t seed[ORDER_SEED_BYTES],
		const char *rsp_path, const char *nm, const char *out_path, struct diags *d);

#endif
