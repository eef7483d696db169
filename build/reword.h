/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiles an object anew with some of its functions done another way (hardening/privscan/pass.c), so that
 * their instructions have other bytes: what no order of functions can change. Objects of machine code are made
 * from their source again, by the command in compile_commands.json; bitcode is changed as it is. The result has
 * the place "ab/cdef.o" in a folder of its own, so that it is known by the same label.
 */
#ifndef UKB_REWORD_H
#define UKB_REWORD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct diags;

struct reword_in {
	const char *commands_path; /* compile_commands.json */
	const char *passrun;       /* need not be there */
	const char *dir;           /* where changed objects are kept, by what was changed */
};

/* Attempts that the pass knows, from 1 on. */
#define REWORD_ATTEMPTS 4

/*
 * *ret: what to link for object, with `changes` ("NAME=ATTEMPT:BYTE,..."); *ret_is_changed: some of these
 * functions are in it and could be changed (assembly cannot). Without passrun: the object as it is.
 */
int reword_object(struct arena *a, const struct reword_in *in, const char *object,
		  const char *changes, const char **ret, bool *ret_is_changed, struct diags *d);

#endif
