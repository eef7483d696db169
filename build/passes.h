/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The passes of mechanisms in the plan: which a file gets, and the commands that run them. The compiler
 * writes bitcode behind its optimiser, passrun-N (see pass.h; N is the compiler's LLVM) changes it, and the
 * compiler's code generator, or with link-time optimisation the linker, takes it from there.
 */
#ifndef UKB_PASSES_H
#define UKB_PASSES_H

#include <stdint.h>

struct arena;
struct diags;
struct edge;
struct flags;
struct plan_in;
struct unit;

struct pass_tool {
	const char *program;  /* passrun-N, beside ukbuild */
	const char *identity; /* hash of its bytes: part of the hash of each command */
	uint8_t seed[32];     /* of the layout, when an active pass is seeded */
};

/* passrun for this compiler; it need not be there. */
const char *passes_program(struct arena *a, const struct plan_in *in);

/*
 * *ret: what active passes need, or NULL when there are none. A missing passrun is an error that names the
 * mechanism. seed_hex as in lock_seed().
 */
int passes_find(struct arena *a, const struct plan_in *in, const char *seed_hex,
		const struct pass_tool **ret, struct diags *d);

/* What passes make of one file, which the compiler compiles with argv. */
struct pass_use {
	/*
	 * "shadowstack,chaff=few", or NULL: none applies. "": none applies, but the linker gets the others' bitcode
	 * from passrun, which has no summary as clang's has (LLVM's EnableSplitLTOUnit), and wants all alike.
	 */
	const char *names;
	const char *origin;   /* "hardening shadowstack=on, chaff=few" */
	const char *seed_hex; /* the object's own, or NULL */
};
void passes_of(struct arena *a, const struct plan_in *in, const struct unit *unit,
	       const char *label, const struct flags *argv, struct pass_use *ret);

/*
 * Turns e, whose argv is the compiler's name and flags, into three commands that make object by way of files
 * whose names begin with base: argv up to the source, which the caller completes, and e->then.
 */
void passes_add(struct arena *a, const struct plan_in *in, const struct pass_use *use,
		const char *base, const char *object, struct edge *e);

#endif
