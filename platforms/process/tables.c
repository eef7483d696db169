/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The address space: memory and stacks move, pages as they are, from the tender's window to the addresses
 * that were drawn. Nothing is mapped anew, nothing twice. The image itself moves when it is relocated
 * (entry_x86_64.S).
 */
#include "image.h"

#include <uk/platform.h>

#include <uk/boot.h>

bool uk_process_is_sealed, uk_process_is_roinit_sealed;

/* Neighbours that stay neighbours move in one call. */
struct move {
	uintptr_t from, to;
	size_t bytes;
};

static void flush(const struct move *m)
{
	long at;

	if (!m->bytes)
		return;
	at = uk_process_gate(SYS_MREMAP, m->from, m->bytes, m->bytes, MREMAP_MAYMOVE_FIXED, m->to);
	if (at < 0)
		uk_trap("memory");
}

static void add(struct move *m, uintptr_t from, uintptr_t to, size_t bytes)
{
	if (m->from + m->bytes == from && m->to + m->bytes == to) {
		m->bytes += bytes;
		return;
	}
	flush(m);
	*m = (struct move){from, to, bytes};
}

void uk_boot_map_all(struct uk_boot *b)
{
	(void)b; /* the tender mapped all there is */
}

/* The slots of fault stacks are the first pages behind the image: they stay there, as one. */
static void place_signal_stack(const struct uk_layout *l, uint64_t stacks)
{
	const uint64_t image_end = (uk_boot_physical(__image_end) + UK_PAGE_BYTES - 1) &
				   ~(uint64_t)(UK_PAGE_BYTES - 1);
	struct uk_range *slots = uk_map.slots;

	if (stacks != image_end ||
	    slots[UK_SLOT_FAULT].bytes + slots[UK_SLOT_DOUBLE].bytes != PROCESS_SIGNAL_STACK)
		uk_trap("signals");
	slots[UK_SLOT_FAULT] =
		(struct uk_range){l->image_base + (stacks - PROCESS_IMAGE), PROCESS_SIGNAL_STACK};
	slots[UK_SLOT_DOUBLE] = (struct uk_range){0, 0};
}

/*
 * With shadows they must lie where the stacks lie, so they move with them, as one again: what is behind the
 * first is the second, or a gap.
 */
static void join_fault_stacks(void)
{
	struct uk_range *slots = uk_map.slots;

	for (size_t i = UK_SLOT_FAULT; CONFIG_NEEDS_SHADOW && i <= UK_SLOT_SHADOWS;
	     i += UK_SLOT_SHADOWS) {
		slots[i].bytes += slots[i + 1].bytes;
		slots[i + 1].bytes = 0;
	}
	if (slots[UK_SLOT_FAULT].bytes != PROCESS_SIGNAL_STACK)
		uk_trap("signals");
}

void uk_boot_tables(struct uk_boot *b, const struct uk_layout *l, uint64_t stacks)
{
	struct move m = {0, 0, 0};

	/* The tender read in the image's note whether it would ask. */
	if (l->is_rights_enforced && !uk_process_machine.has_rights)
		uk_trap("no-execute");
	uk_process_is_sealed = l->is_rights_enforced;
	uk_process_is_roinit_sealed = l->is_roinit_sealed;
	if (CONFIG_NEEDS_SHADOW) {
		join_fault_stacks();
	} else {
		place_signal_stack(l, stacks);
		stacks += PROCESS_SIGNAL_STACK;
	}
	for (size_t i = CONFIG_NEEDS_SHADOW ? UK_SLOT_FAULT : UK_SLOT_TCB; i < UK_SLOT_DEVICES;
	     i++) {
		const struct uk_range *s = &uk_map.slots[i];

		add(&m, stacks, s->base, s->bytes);
		stacks += s->bytes;
	}
	for (size_t i = 0; i < b->ram_len; i++)
		add(&m, b->ram[i].base, l->ram_base + b->ram[i].base, b->ram[i].bytes);
	flush(&m);
}
