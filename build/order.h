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

/* Changes of an order that was drawn: what makes an address another one. */
struct order_move {
	const char *object, *section; /* "cdef.o", ".text.main" */
	size_t by;                    /* changes places with the section so much further on */
};
/* A section of text that goes behind all others; as many bytes stay where it was, so nothing else moves. */
struct order_park {
	const char *object, *section; /* as above */
	uint64_t addr, size;          /* where it was */
	unsigned shift_bytes;         /* further on than it would be there */
};
struct order_parks {
	struct order_park *v;
	size_t len, cap;
	uint64_t reserved_bytes; /* behind all others, so that the end of text stays where it is */
};
struct order_changes {
	struct order_move *v; /* one after the other */
	size_t len, cap;
	struct order_parks parks;
	unsigned pad_bytes; /* in front of constants and data */
};

/*
 * Reads the template and the objects named in the response file, and writes the linker script out: at each
 * marker comment "@ORDER .text" and so on, one line an input section in the order drawn from seed (NULL: in
 * the order of the objects), changed by changes (or NULL). All objects are machine code (lto.h).
 */
int order_write(struct arena *a, const char *template_path, const uint8_t *seed,
		const char *rsp_path, const struct order_changes *changes, const char *out_path,
		struct diags *d);

#endif
