/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of a QEMU command line that launchers of several platforms share. */
#ifndef UKB_QEMU_H
#define UKB_QEMU_H

#include <stdint.h>

struct arena;
struct strs;

#define QEMU "qemu-system-x86_64"

/* Where a guest ends the machine; QEMU then exits with (value << 1) | 1: hw/misc/debugexit.c. */
#define QEMU_DEBUG_EXIT "isa-debug-exit,iobase=0xf4,iosize=4"

/* A value inside a QEMU option list: a comma is written twice (QEMU docs/system/invocation). */
const char *qemu_value(struct arena *a, const char *s);
void qemu_push_words(struct arena *a, struct strs *argv, const char *const *words);
/* The program, -M options and -m; memory_file (or NULL) backs the guest's memory. */
void qemu_push_machine(struct arena *a, struct strs *argv, const char *options,
		       const char *memory_file, uint64_t memory_kib);
/* Everything that could differ between two runs of the same guest is fixed. */
void qemu_push_icount(struct arena *a, struct strs *argv, unsigned shift, unsigned seed);

#endif
