/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Link-time optimisation apart from the link: all bitcode becomes one object of machine code, which the links
 * that follow take in its place. It depends on the objects and on the linker's flags, and neither on the order of
 * sections nor on a seed; so one serves every try for an order, every seed, and all images of a set. The booted
 * bytes are those of a direct link with the same script: the linker itself optimises first and places sections
 * then.
 */
#ifndef UKB_LTO_H
#define UKB_LTO_H

#include <stdbool.h>

struct arena;
struct diags;
struct strs;

/* Name of that object; those of the plan are named by hashes. */
#define LTO_OBJECT "lto.o"

/* By its first bytes. -1 when it cannot be read. */
int lto_is_bitcode(struct arena *a, const char *object, bool *ret, struct diags *d);

struct lto_in {
	const char *const *linker; /* program and flags, without files */
	const char
		*template_path; /* the linker script, whose symbols must stay; no order is needed */
	const char *rsp_path;   /* all objects, for the linker */
	const char *out_path;   /* written, and its folder made */
};

/* Runs the linker. -1 with what it said; nothing is left at out_path then that was not there before. */
int lto_generate(struct arena *a, const struct lto_in *in, struct diags *d);
/*
 * *ret: what to link in place of objects: those of machine code in their order, then out_path. The texts are borrowed
 * from objects and out_path. -1 when one cannot be read.
 */
int lto_replace(struct arena *a, const struct strs *objects, const char *out_path, struct strs *ret,
		struct diags *d);

#endif
