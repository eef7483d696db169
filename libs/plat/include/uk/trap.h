/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fatal stops. Every mechanism that fires ends in uk_trap() with its own name, or in a processor
 * fault that its FAULT hook recognises; both print one block (image-relative offsets only) and end
 * the guest.
 */
#ifndef UK_TRAP_H
#define UK_TRAP_H

#include <stdbool.h>
#include <stdint.h>

/* Which part of the address space a fault touched. */
enum uk_where {
	UK_WHERE_NULL,         /* first 64 KiB */
	UK_WHERE_IMAGE,        /* permanent part of the image */
	UK_WHERE_IMAGE_BOOT,   /* boot-only part of the image */
	UK_WHERE_RAM,          /* the map of all memory; page tables are holes in it */
	UK_WHERE_STACK,        /* a stack or the thread control block */
	UK_WHERE_STACK_GUARD,  /* the gaps around them */
	UK_WHERE_UNSAFE_GUARD, /* near the unsafe stacks, where nothing is mapped */
	UK_WHERE_RAM_GUARD,    /* the gaps around the map of all memory */
	UK_WHERE_OTHER,
};

struct uk_fault {
	uint32_t vector; /* as numbered in Intel SDM vol. 3, 6.3.1 */
	/* Page fault: bit 0 present, 1 write, 4 instruction fetch, 5 protection key (SDM vol. 3, 4.7). */
	uint32_t error;
	uintptr_t ip, sp;
	uintptr_t addr;      /* page fault only, else 0 */
	enum uk_where where; /* of addr; of ip when the fault is no page fault */
};

enum {
	UK_VECTOR_UD = 6,
	UK_VECTOR_GP = 13,
	UK_VECTOR_PF = 14,
	UK_VECTOR_CALL = 0x80, /* a call of the host that is not allowed; `error` is its number */
	UK_PF_PRESENT = 1,
	UK_PF_WRITE = 2,
	UK_PF_FETCH = 16,
	UK_PF_KEY = 32,
};

/* Prints the block for `mechanism` with the caller's place and backtrace candidates, then halts. */
_Noreturn void uk_trap(const char *mechanism);

/* Which part of the address space has addr. */
enum uk_where uk_where(uintptr_t addr);

/* Generated: asks the FAULT hook of each mechanism in the image; NULL when none knows the fault. */
const char *uk_fault_name(const struct uk_fault *f);

#endif
