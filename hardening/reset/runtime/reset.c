/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clears what the program and its libraries left in memory, and ends the guest. Not cleared: what only the
 * boot writes (addresses and keys that the next boot draws anew), tables about memory, pages of devices.
 */
#include <uk/platform.h>
#include <uk/x86.h>

_Noreturn void uk_wipe_switch(enum uk_exit how, uintptr_t stack); /* switch_x86_64.S */
_Noreturn void uk_wipe_memory(enum uk_exit how);

/* Rounded inwards, never outside of what the range's owner has. */
static inline __attribute__((always_inline)) void clear(uintptr_t from, uintptr_t to)
{
	if (from < to)
		fill_words((void *)from, 0, (to - from) / sizeof(uint64_t));
}

/*
 * Each kind of memory has one fill of its own, which the verifier counts. It runs on a stack that holds
 * nothing else, and what it keeps there are addresses.
 */
_Noreturn void uk_wipe_memory(enum uk_exit how)
{
	const struct uk_map *m = &uk_map;
	uintptr_t sp;

#pragma clang loop unroll(disable)
	for (size_t i = 0; i < UK_RAM_MAX * UK_USED_PIECES; i++) {
		const struct uk_used *u = &uk_ram_used[i / UK_USED_PIECES][i % UK_USED_PIECES];
		const struct uk_ram *r = &m->ram[i / UK_USED_PIECES];

		/* What anybody could have changed leads nowhere else. */
		clear(u->from > r->base ? u->from : r->base,
		      u->to < r->base + r->bytes ? u->to : r->base + r->bytes);
	}
	/* Thread-local storage, the main stack, those of threads; behind shadows the unsafe ones. */
#pragma clang loop unroll(disable)
	for (size_t i = UK_SLOT_DOUBLE; i < UK_SLOT_CALLS; i++)
		if (i < UK_SLOT_METADATA || i >= UK_SLOT_UNSAFE)
			clear(m->slots[i].base, m->slots[i].base + m->slots[i].bytes);
	clear((uintptr_t)__data_start, (uintptr_t)__image_end);
	/* C has no word for its own place; below it nothing is in use. */
	__asm__ volatile("movq %%rsp, %0" : "=r"(sp));
	clear(m->slots[UK_SLOT_FAULT].base, sp);
	uk_plat_stop(how);
}

_Noreturn void uk_wipe(enum uk_exit how)
{
	const struct uk_range *stack = &uk_map.slots[UK_SLOT_FAULT];

	uk_wipe_switch(how, stack->base + stack->bytes);
}
