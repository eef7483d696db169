/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generated C of one image: the start-up sequence, the question who knows a fault, the baked
 * arguments and environment, the typed call of main, answers for allowed missing system calls.
 */
#ifndef UKB_GEN_H
#define UKB_GEN_H

#include <stddef.h>

struct arena;
struct diags;
struct plan_in;

struct gen_file {
	const char *path;  /* absolute; named by the hash of its text, so equal text is one file */
	const char *label; /* "gen/init.c" */
};

/* Writes the files under out/gen (unchanged ones are left alone) and lists them. */
int gen_files(struct arena *a, const struct plan_in *in, struct gen_file **ret, size_t *ret_len,
	      struct diags *d);

#endif
