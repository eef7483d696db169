/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot in order, in two halves: `low` runs where the loader put the image and ends with the final
 * mapping built and the image relocated; `high` runs at the final addresses, brings up traps, thread
 * pointer and libraries, and leaves for good.
 */
#include <uk/init.h>
#include <uk/platform.h>
#include <uk/random.h>
#include <uk/tls.h>
#include <uk/x86.h>

#include <uk/boot.h>

enum {
	FAULT_STACK_BYTES = 4096,
	MAIN_STACK_BYTES = CONFIG_PLAT_STACK_KIB * 1024,
	THREAD_STACK_BYTES = CONFIG_PLAT_THREAD_STACK_KIB * 1024,
	UNSAFE_GAP_BYTES = 1 << 20,
};

static struct uk_boot boot;
static size_t metadata_bytes;
static struct uk_layout layout;
/* What the last jump takes along: final addresses. */
static struct uk_args args;
static uintptr_t unsafe_sp;

static void add_pages(struct uk_boot *b, uintptr_t from, uintptr_t to)
{
	from = (from + UK_PAGE_BYTES - 1) & ~(uintptr_t)(UK_PAGE_BYTES - 1);
	to &= ~(uintptr_t)(UK_PAGE_BYTES - 1);
	if (from < to && b->ram_len < UK_RAM_MAX)
		b->ram[b->ram_len++] = (struct uk_range){from, to - from};
}

void uk_boot_add_ram(struct uk_boot *b, uint64_t from, uint64_t to)
{
	const uintptr_t image = (uintptr_t)__image_start, image_end = (uintptr_t)__image_end;

	if (from < UK_RAM_LOWEST)
		from = UK_RAM_LOWEST;
	if (to <= from)
		return;
	if (image_end <= from || to <= image) {
		add_pages(b, from, to);
	} else {
		add_pages(b, from, image);
		add_pages(b, image_end > from ? image_end : from, to);
	}
}

uint64_t uk_boot_take(struct uk_boot *b, size_t bytes)
{
	/* The lowest region that has it and that the boot's own mapping has. */
	for (size_t i = 0; i < b->ram_len; i++) {
		uint64_t base = b->ram[i].base;

		if (b->ram[i].bytes <= bytes || base + bytes > b->mapped_bytes)
			continue;
		b->ram[i].base += bytes;
		b->ram[i].bytes -= bytes;
		return base;
	}
	uk_trap("memory");
}

/* For all the memory there is: what the allocator finds is a little less. */
static size_t size_metadata(void)
{
	size_t pages = 0;

	for (size_t i = 0; i < boot.ram_len; i++)
		pages += boot.ram[i].bytes / UK_PAGE_BYTES;
	return (pages * UK_METADATA_PAGE_BYTES + UK_METADATA_MORE_BYTES + UK_PAGE_BYTES - 1) &
	       ~(size_t)(UK_PAGE_BYTES - 1);
}

/* Sizes of the stack area's parts and, once the base is known, their places. Returns its end. */
static uintptr_t place_stacks(uintptr_t base, size_t gap)
{
	struct uk_map *m = &uk_map;
	size_t tcb = (uk_tls_area_bytes() + UK_PAGE_BYTES - 1) & ~(size_t)(UK_PAGE_BYTES - 1);

	m->stack_base = base;
	for (size_t i = 0; i < UK_SLOT_SHADOWS; i++) {
		size_t bytes = THREAD_STACK_BYTES;

		if (i <= UK_SLOT_DOUBLE)
			bytes = FAULT_STACK_BYTES;
		else if (i == UK_SLOT_TCB)
			bytes = tcb;
		else if (i == UK_SLOT_MAIN)
			bytes = MAIN_STACK_BYTES;
		else if (i == UK_SLOT_METADATA)
			bytes = metadata_bytes;
		base += gap;
		m->slots[i] = (struct uk_range){base, bytes};
		base += bytes;
	}
	m->stack_end = base + gap;
	return m->stack_end;
}

/* Physically behind the stacks, at the same distances from one another. Returns their memory. */
static size_t place_shadows(uintptr_t distance)
{
	struct uk_map *m = &uk_map;
	size_t bytes = 0;

	for (size_t i = 0; CONFIG_NEEDS_SHADOW && i < UK_SLOT_SHADOWS; i++) {
		m->slots[UK_SLOT_SHADOWS + i] = (struct uk_range){
			m->slots[i].base + distance,
			i == UK_SLOT_TCB || i == UK_SLOT_METADATA ? 0 : m->slots[i].bytes};
		bytes += m->slots[UK_SLOT_SHADOWS + i].bytes;
	}
	return bytes;
}

/*
 * In a window of their own, of the size of the stacks they belong to. The code generator does not touch the
 * pages of a large frame in turn, so the gaps are wider than other guards; below the first there is a TiB.
 * Returns their memory.
 */
static size_t place_unsafe(uintptr_t base, size_t gap)
{
	struct uk_map *m = &uk_map;
	size_t bytes = 0;

	m->unsafe_base = base;
	for (size_t i = UK_SLOT_MAIN; CONFIG_NEEDS_UNSAFE_STACK && i < UK_SLOT_METADATA; i++) {
		m->slots[UK_SLOT_UNSAFE + i] = (struct uk_range){base, m->slots[i].bytes};
		m->unsafe_end = base + m->slots[i].bytes;
		base = m->unsafe_end + gap;
		bytes += m->slots[i].bytes;
	}
	return bytes;
}

/*
 * Behind the stacks, with the same gaps. Between two calls lie 16 bytes of stack at least (System V ABI for
 * x86-64, 3.2.2), and 8 of its shadow: half of the size is enough for every depth. Returns their end.
 */
static uintptr_t place_calls(uintptr_t base, size_t gap)
{
	struct uk_map *m = &uk_map;

	for (size_t i = 0; CONFIG_NEEDS_CET_SHADOW && i < UK_SLOT_SHADOWS; i++) {
		if (i == UK_SLOT_TCB || i == UK_SLOT_METADATA)
			continue;
		m->slots[UK_SLOT_CALLS + i] =
			(struct uk_range){base, (m->slots[i].bytes / 2 + UK_PAGE_BYTES - 1) &
							~(size_t)(UK_PAGE_BYTES - 1)};
		base += m->slots[UK_SLOT_CALLS + i].bytes + gap;
	}
	m->stack_end = base;
	return base;
}

/* Behind the stacks, or in a window of their own where the stacks are part of the map of all memory. */
static void place_devices(uintptr_t base, size_t gap)
{
	struct uk_map *m = &uk_map;

	for (size_t i = 0; i < UK_DEVICES_MAX; i++) {
		const size_t bytes = boot.devices[i].bytes;

		if (!bytes)
			continue;
		if (!CONFIG_NEEDS_PAGING)
			base = boot.devices[i].base;
		m->slots[UK_SLOT_DEVICES + i] = (struct uk_range){base, bytes};
		base += bytes + gap;
		if (gap)
			m->stack_end = base;
	}
}

static void draw_layout(void)
{
	uint8_t seed[UK_LAYOUT_SEED_BYTES];
	struct uk_layout *l = &layout;

	/* What mechanisms ask for is stored as it stands, so that the finished image shows it. */
	__asm__("" : "+r"(l));
	uk_init_layout(l);
	if ((CONFIG_NEEDS_BOOT_RELOC && layout.is_random) ||
	    (CONFIG_NEEDS_SHADOW && layout.is_shadowed) ||
	    (CONFIG_NEEDS_UNSAFE_STACK && layout.has_unsafe_stacks))
		uk_random_bytes(seed, sizeof(seed));
	uk_layout_place(&layout, seed, (uintptr_t)__image_start,
			(size_t)(__image_end - __image_start));
	fill_words(seed, 0, sizeof(seed) / sizeof(uint64_t));
	/* C cannot see that the cleared seed matters. */
	__asm__ volatile("" : : "r"(seed) : "memory");
}

/* The memory left for the allocator, at its final addresses. */
static void publish_ram(void)
{
	struct uk_map *m = &uk_map;
	size_t bytes = 0;

	for (size_t i = 0; i < boot.ram_len; i++) {
		m->ram[i].base = layout.ram_base + boot.ram[i].base;
		m->ram[i].bytes = boot.ram[i].bytes;
		bytes += boot.ram[i].bytes;
		m->ram_top = m->ram[i].base + m->ram[i].bytes;
	}
	m->ram_len = boot.ram_len;
	m->ram_base = layout.ram_base;
	m->guard_bytes = layout.guard_bytes;
	uk_stats[UK_STAT_RAM] = bytes;
}

/* What the arguments lie on: the stack that pointers to memory lead to anyway. */
static void place_args(uint64_t stacks)
{
	const bool is_unsafe = CONFIG_NEEDS_UNSAFE_STACK && layout.has_unsafe_stacks;
	const struct uk_range *slots = uk_map.slots, *s = &slots[UK_SLOT_MAIN];
	uint64_t physical = stacks, safe = stacks;

	for (size_t i = 0; i < UK_SLOT_MAIN; i++)
		safe += slots[i].bytes;
	for (size_t i = 0; is_unsafe && i < UK_SLOT_UNSAFE + UK_SLOT_MAIN; i++)
		physical += slots[i].bytes;
	if (!is_unsafe) {
		uk_boot_args(&boot, safe, s->base - safe, layout.stack_offset, &args);
		return;
	}
	s = &slots[UK_SLOT_UNSAFE + UK_SLOT_MAIN];
	uk_boot_args(&boot, physical, s->base - physical, layout.unsafe_offset, &args);
	unsafe_sp = args.sp;
	args.sp = slots[UK_SLOT_MAIN].base + MAIN_STACK_BYTES - layout.stack_offset;
	if (uk_options.is_stats)
		fill_words((void *)safe, UK_STACK_PAINT,
			   (MAIN_STACK_BYTES - layout.stack_offset) / sizeof(uint64_t));
}

struct uk_jump uk_boot_low(const void *info, uint64_t entry_tsc)
{
	uintptr_t devices;
	uint64_t stacks;
	struct uk_jump jump = {0, 0};
	bool is_apart;

	uk_trace[UK_TRACE_ENTRY] = entry_tsc;
	uk_plat_trace(UK_TRACE_LONG);
	uk_boot_console(info);
	uk_boot_info(info, &boot);
	uk_plat_trace(UK_TRACE_INFO);
	if (CONFIG_NEEDS_ENTROPY || CONFIG_NEEDS_SEED)
		uk_boot_seed(&boot);
	uk_plat_trace(UK_TRACE_ENTROPY);
	if (CONFIG_NEEDS_PAGING)
		draw_layout();
	uk_plat_trace(UK_TRACE_LAYOUT);

	if (CONFIG_NEEDS_METADATA)
		metadata_bytes = size_metadata();
	/* Physically one piece without gaps; the gaps are in the final addresses only. */
	devices = place_stacks(0, 0);
	if (CONFIG_NEEDS_SHADOW && layout.is_shadowed)
		devices += place_shadows(0);
	if (CONFIG_NEEDS_UNSAFE_STACK && layout.has_unsafe_stacks)
		devices += place_unsafe(0, 0);
	if (CONFIG_NEEDS_CET_SHADOW && layout.is_call_shadowed)
		devices = place_calls(devices, 0);
	stacks = uk_boot_take(&boot, devices);
	/* Nobody asked for anything else: where the map of all memory has them. */
	is_apart = layout.guard_bytes || layout.is_random || layout.is_shadowed ||
		   layout.has_unsafe_stacks;
	devices = place_stacks(is_apart ? layout.stack_base : layout.ram_base + stacks,
			       layout.guard_bytes);
	if (CONFIG_NEEDS_CET_SHADOW && layout.is_call_shadowed)
		devices = place_calls(devices, layout.guard_bytes);
	if (!is_apart)
		devices = layout.stack_base;
	place_devices(devices, layout.guard_bytes);
	if (CONFIG_NEEDS_SHADOW && layout.is_shadowed)
		place_shadows(layout.shadow_base - layout.stack_base);
	if (CONFIG_NEEDS_UNSAFE_STACK && layout.has_unsafe_stacks)
		place_unsafe(layout.unsafe_base, UNSAFE_GAP_BYTES);
	place_args(stacks);
	if (CONFIG_NEEDS_PAGING)
		uk_boot_tables(&boot, &layout, stacks);
	else
		uk_boot_map_all(&boot);
	publish_ram();
	uk_plat_trace(UK_TRACE_PAGING);
	if (CONFIG_NEEDS_BOOT_RELOC) {
		jump.slide = layout.image_base - (uintptr_t)__image_start;
		uk_boot_relocate(jump.slide);
	}
	uk_plat_trace(UK_TRACE_RELOC);
	jump.sp = args.sp;
	return jump;
}

_Noreturn void uk_boot_high(void)
{
	uk_boot_traps();
	uk_boot_thread_pointer((uintptr_t)uk_tcb_init((void *)uk_map.slots[UK_SLOT_TCB].base));
	if (CONFIG_NEEDS_UNSAFE_STACK && layout.has_unsafe_stacks)
		__safestack_unsafe_stack_ptr = (void *)unsafe_sp;
	if (CONFIG_NEEDS_SHADOW && layout.is_shadowed)
		uk_shadow_distance = layout.shadow_base - layout.stack_base;
	uk_is_up = true;
	uk_plat_trace(UK_TRACE_TRAPS);
	uk_init_early();
	uk_plat_trace(UK_TRACE_EARLY);
	uk_init_mem();
	uk_plat_trace(UK_TRACE_MEM);
	uk_init_device();
	uk_plat_trace(UK_TRACE_DEVICE);
	uk_init_late();
	uk_plat_trace(UK_TRACE_LATE);
	uk_boot_leave(args.argc, args.argv, args.envp, args.sp);
}
