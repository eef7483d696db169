/* SPDX-License-Identifier: BSD-2-Clause */
/* The facts of a measurement. See docs/measuring.md for what each means. */
#ifndef UKB_MEASURE_FACTS_H
#define UKB_MEASURE_FACTS_H

#include "measure.h"

void measure_fact(struct arena *a, struct cost *cost, const char *name, const char *value);
/* Compiler, emulator, guest, machine. memory: bytes of a measured guest. */
void measure_facts(struct ctx *c, uint64_t memory, struct cost *ret);
/* The first line of what QEMU says of its version. */
const char *measure_emulator(struct arena *a);

#endif
