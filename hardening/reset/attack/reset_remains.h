/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key, never in the image's own bytes, and the search for it after a reset: in all free memory and in what
 * the stack area has below the stack in use. Variables are set anew when the image is loaded again.
 */
#ifndef RESET_REMAINS_H
#define RESET_REMAINS_H

#include "attack.h"
#include <stdlib.h>

enum {
	KEY_WORDS = 64,
	DEEP_BYTES = 16 << 10,   /* out of reach of the second start's own calls */
	SEARCH_BYTES = 32 << 10, /* of the stack, which has twice as much */
};

static volatile uint64_t key_high = 0x5ec2e7, key_low = 0x0ddba11;

static inline uint64_t key_word(size_t i)
{
	return key_high << 40 | key_low << 8 | i;
}

static inline void write_key(volatile uint64_t *to)
{
	for (size_t i = 0; i < KEY_WORDS; i++)
		to[i] = key_word(i);
}

/* Far down on the stack. */
static __attribute__((noinline)) uint64_t write_deep(void)
{
	volatile uint64_t deep[DEEP_BYTES / sizeof(uint64_t)];

	write_key(deep);
	return deep[1];
}

static inline bool is_key_in(uintptr_t from, uintptr_t to)
{
	for (const volatile uint64_t *w = (const volatile uint64_t *)from; (uintptr_t)(w + 2) <= to;
	     w++)
		if (w[0] == key_word(0) && w[1] == key_word(1))
			return true;
	return false;
}

static __attribute__((noinline)) void search(void)
{
	volatile uint64_t here = 0;
	const uintptr_t sp = (uintptr_t)&here;
	const struct uk_ram *ram;
	size_t len = uk_plat_ram(&ram);

	for (size_t i = 0; i < len; i++)
		if (is_key_in(ram[i].base, ram[i].base + ram[i].bytes))
			attack_succeeded();
	if (is_key_in(sp - SEARCH_BYTES, sp))
		attack_succeeded();
}

/* The second start searches and says false; the first leaves the key on the heap and on the stack. */
static inline bool leave_key(int argc)
{
	volatile uint64_t *block;

	if (argc > 1) {
		attack_control_ok();
		search();
		return false;
	}
	block = malloc(KEY_WORDS * sizeof(*block));
	if (!block)
		exit(1);
	write_key(block);
	if (block[1] != key_word(1) || write_deep() != key_word(1))
		exit(1);
	attack_control_ok();
	return true;
}

#endif
