/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work in child processes of our own, several at a time. A child shares nothing with us but files: what it found
 * it writes there. Children end when we do, however we end, and take what they started with them.
 */
#ifndef UKB_POOL_H
#define UKB_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct diags;
struct pool;

/* At most jobs children at a time. */
struct pool *pool_new(struct arena *a, unsigned jobs);
/*
 * Runs work(arg) in a child, as soon as there is room for one. Its result counts for nothing here; whatever
 * it prints is printed.
 */
int pool_start(struct pool *p, void (*work)(void *arg), void *arg, struct diags *d);
/* Until all have ended. */
void pool_finish(struct pool *p);

/*
 * In a child that has failed: leaves its first error at path, for who collects. Where not even that can be
 * written there is nothing, and that is what who collects has to say.
 */
void pool_leave_error(const char *path, struct diags *why);
/*
 * The error that a child left at path is recorded as if it had happened here, with its kind and its hint, and the
 * file is removed. False, and nothing recorded: there is none.
 */
bool pool_take_error(const char *path, struct diags *d);

#endif
