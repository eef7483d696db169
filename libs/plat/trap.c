/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fatal stops: classifies a fault, lets the mechanisms name it, prints one block with image-relative
 * offsets only (no pointer, no stack word, no slide) and ends the guest.
 */
#include <uk/platform.h>

enum {
	NO_VECTOR = 0xff,
	TRAP_STATUS = 134, /* as a shell shows SIGABRT */
	FRAMES_MAX = 48,
	FRAMES_LINE = 8,
	STACK_WORDS_MAX = 1024,
	/* Around the unsafe stacks nothing is mapped for a TiB (layout.c): so far a fault is said to be theirs. */
	UNSAFE_GUARD_BYTES = 1 << 30,
};

static bool is_dying;

static bool in_range(uintptr_t addr, uintptr_t base, size_t bytes)
{
	return addr - base < bytes;
}

static bool in_bounds(uintptr_t addr, const char *start, const char *end)
{
	return in_range(addr, (uintptr_t)start, (size_t)(end - start));
}

enum uk_where uk_where(uintptr_t addr)
{
	const struct uk_map *m = &uk_map;

	if (addr < UK_NULL_GUARD_BYTES)
		return UK_WHERE_NULL;
	if (in_bounds(addr, __boot_start, __boot_end))
		return UK_WHERE_IMAGE_BOOT;
	if (in_bounds(addr, __image_start, __image_end))
		return UK_WHERE_IMAGE;
	for (size_t i = 0; i < UK_SLOT_COUNT; i++)
		if (in_range(addr, m->slots[i].base, m->slots[i].bytes))
			return UK_WHERE_STACK;
	if (in_range(addr, m->stack_base, m->stack_end - m->stack_base))
		return UK_WHERE_STACK_GUARD;
	if (m->unsafe_base &&
	    in_range(addr, m->unsafe_base - UNSAFE_GUARD_BYTES,
		     m->unsafe_end - m->unsafe_base + 2 * (size_t)UNSAFE_GUARD_BYTES))
		return UK_WHERE_UNSAFE_GUARD;
	for (size_t i = 0; i < m->ram_len; i++)
		if (in_range(addr, m->ram[i].base, m->ram[i].bytes))
			return UK_WHERE_RAM;
	/* Behind each region the gap is as wide as asked for, in front of it one page. */
	for (size_t i = 0; m->guard_bytes && i < m->ram_len; i++)
		if (in_range(addr, m->ram[i].base - UK_PAGE_BYTES, UK_PAGE_BYTES) ||
		    in_range(addr, m->ram[i].base + m->ram[i].bytes, m->guard_bytes))
			return UK_WHERE_RAM_GUARD;
	if (in_range(addr, m->ram_base + UK_RAM_LOWEST, m->ram_top - m->ram_base - UK_RAM_LOWEST))
		return UK_WHERE_RAM;
	if (m->guard_bytes && in_range(addr, m->ram_base, UK_RAM_LOWEST))
		return UK_WHERE_RAM_GUARD;
	return UK_WHERE_OTHER;
}

static void put_where(uintptr_t addr, enum uk_where where)
{
	uk_put(" addr=");
	switch (where) {
	case UK_WHERE_NULL:
		uk_put("null+");
		uk_put_hex(addr);
		break;
	case UK_WHERE_IMAGE:
	case UK_WHERE_IMAGE_BOOT:
		uk_put("image+");
		uk_put_hex(addr - (uintptr_t)__image_start);
		break;
	case UK_WHERE_RAM:
		uk_put("ram+");
		uk_put_hex(addr - uk_map.ram_base);
		break;
	case UK_WHERE_STACK:
		uk_put("stack+");
		uk_put_hex(addr - uk_map.stack_base);
		break;
	case UK_WHERE_STACK_GUARD:
		uk_put("stack-guard");
		break;
	case UK_WHERE_UNSAFE_GUARD:
		uk_put("unsafe-stack-guard");
		break;
	case UK_WHERE_RAM_GUARD:
		uk_put("ram-guard");
		break;
	case UK_WHERE_OTHER:
		uk_put("unmapped");
		break;
	}
}

static void put_offset(uintptr_t ip)
{
	if (in_bounds(ip, __image_start, __image_end)) {
		uk_put("+");
		uk_put_hex(ip - (uintptr_t)__image_start);
	} else {
		uk_put("outside");
	}
}

/* Words of the stack that point into text: the host's unwinder picks the real ones. */
static void put_frames(uintptr_t sp)
{
	const struct uk_range *slot = uk_map.slots + UK_SLOT_MAIN;
	const struct uk_range *end = uk_map.slots + UK_SLOT_COUNT;
	uintptr_t from = (sp + 7) & ~(uintptr_t)7, to;
	size_t count = 0;

	/* A stack that ran out: its words start above the guard. */
	while (slot < end &&
	       !in_range(from, slot->base - uk_map.guard_bytes, slot->bytes + uk_map.guard_bytes))
		slot++;
	if (slot == end)
		return;
	if (from < slot->base)
		from = slot->base;
	to = slot->base + slot->bytes;
	if (to - from > STACK_WORDS_MAX * sizeof(uintptr_t))
		to = from + STACK_WORDS_MAX * sizeof(uintptr_t);
	for (; from < to && count < FRAMES_MAX; from += sizeof(uintptr_t)) {
		uintptr_t word = *(const uintptr_t *)from;

		if (!in_bounds(word, __text_start, __text_end))
			continue;
		if (count % FRAMES_LINE == 0)
			uk_put(count ? "\nukbuild-frame:" : "ukbuild-frame:");
		uk_put(" ");
		put_offset(word);
		uk_put("@");
		uk_put_hex(from - sp);
		count++;
	}
	if (count)
		uk_put("\n");
}

static _Noreturn void die(const struct uk_fault *f, const char *mechanism)
{
	/* A fault while a fault is told: say nothing more. */
	if (is_dying)
		uk_stop(UK_EXIT_TRAP);
	is_dying = true;
	uk_put("\nukbuild-trap: ");
	uk_put(mechanism);
	if (f->vector != NO_VECTOR) {
		uk_put(" vec=");
		uk_put_dec(f->vector);
		uk_put(" err=");
		uk_put_hex(f->error);
	}
	uk_put(" ip=");
	put_offset(f->ip);
	if (f->vector == UK_VECTOR_PF)
		put_where(f->addr, f->where);
	uk_put("\n");
	put_frames(f->sp);
	uk_plat_halt(TRAP_STATUS, mechanism);
}

_Noreturn void uk_fault(struct uk_fault *f)
{
	const char *mechanism;

	f->where = uk_where(f->vector == UK_VECTOR_PF ? f->addr : f->ip);
	mechanism = is_dying ? NULL : uk_fault_name(f);
	if (!mechanism)
		mechanism = f->vector == UK_VECTOR_CALL ? "syscall" : "fault";
	die(f, mechanism);
}

__attribute__((noinline)) _Noreturn void uk_trap(const char *mechanism)
{
	struct uk_fault f = {
		.vector = NO_VECTOR,
		.ip = (uintptr_t)__builtin_return_address(0),
		/* The caller's stack pointer, with the frame pointer and return address taken off. */
		.sp = (uintptr_t)__builtin_frame_address(0) + 2 * sizeof(uintptr_t),
	};

	die(&f, mechanism);
}
