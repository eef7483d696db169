/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot in order, in two halves: `low` runs where the loader put the image and ends with the final
 * tables built and the image relocated; `high` runs at the final addresses, brings up traps, thread
 * pointer and libraries, and leaves for good.
 */
#include "kvm.h"

#include <uk/init.h>
#include <uk/random.h>
#include <uk/tls.h>

#include <uk/boot.h>

#define MSR_FS_BASE 0xc0000100 /* SDM vol. 4, table 2-2 */

enum {
	FAULT_STACK_BYTES = 4096,
	MAIN_STACK_BYTES = CONFIG_PLAT_KVM_STACK_KIB * 1024,
	THREAD_STACK_BYTES = CONFIG_PLAT_KVM_THREAD_STACK_KIB * 1024,
	VECTORS = 32,
	STUB_BYTES = 8,
	STACK_ALIGN = 16,
	/* NMI, double fault, machine check: they may come while another fault is told. */
	DOUBLE_STACK_VECTORS = 1 << 2 | 1 << 8 | 1 << 18,
};

/* How far the image moves and its first stack: returned in two registers. */
struct jump {
	uintptr_t slide, sp;
};

/* SDM vol. 3, 7.7: 64-bit task state; only the fault stacks matter. Packed into words of 4 bytes. */
struct task_state {
	uint32_t words[26];
};
struct gate {
	uint64_t low, high;
};
struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static UK_ROINIT struct gate idt[VECTORS];
static UK_ROINIT struct task_state task;

static struct kvm_boot boot;
static struct uk_layout layout;
/* What the last jump takes along: final addresses. */
static int argc;
static char **argv, **envp;
static uintptr_t main_sp;

/* The UART as firmware would leave it: 115200 baud, 8N1, FIFOs, no interrupts. */
static void serial_init(void)
{
	static const struct {
		uint8_t reg, value;
	} setup[] = {
		{UART_INTERRUPTS, 0},  {UART_LINE, 0x80}, /* divisor latch */
		{UART_DIVISOR_LOW, 1}, {UART_DIVISOR_HIGH, 0}, {UART_LINE, 0x03},
		{UART_FIFO, 0x07},     {UART_MODEM, 0x03},
	};

	for (size_t i = 0; i < sizeof(setup) / sizeof(setup[0]); i++)
		outb((uint16_t)(UART_COM1 + setup[i].reg), setup[i].value);
}

uint64_t uk_kvm_take(struct kvm_boot *b, size_t bytes)
{
	/* The lowest region that has it and that the boot's own tables map. */
	for (size_t i = 0; i < b->ram_len; i++) {
		uint64_t base = b->ram[i].base;

		if (b->ram[i].bytes <= bytes || base + bytes > KVM_BOOT_MAPPED_BYTES)
			continue;
		b->ram[i].base += bytes;
		b->ram[i].bytes -= bytes;
		return base;
	}
	uk_trap("memory");
}

/* Sizes of the stack area's parts and, once the base is known, their places. Returns its end. */
static uintptr_t place_slots(uintptr_t base, size_t gap)
{
	struct kvm_map *m = &uk_kvm_map;
	size_t tcb = (uk_tls_area_bytes() + UK_PAGE_BYTES - 1) & ~(size_t)(UK_PAGE_BYTES - 1);

	m->stack_base = base;
	for (size_t i = 0; i < KVM_SLOT_COUNT; i++) {
		size_t bytes = THREAD_STACK_BYTES;

		if (i <= KVM_SLOT_DOUBLE)
			bytes = FAULT_STACK_BYTES;
		else if (i == KVM_SLOT_TCB)
			bytes = tcb;
		else if (i == KVM_SLOT_MAIN)
			bytes = MAIN_STACK_BYTES;
		base += gap;
		m->slots[i] = (struct kvm_range){base, bytes};
		base += bytes;
	}
	m->stack_end = base + gap;
	return m->stack_end;
}

static size_t string_len(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

/*
 * Cuts the guest's part of the command line at blanks, "double quotes" keep them, and packs the words in
 * place, each with its zero. Returns their number; *ret_end is behind the last one.
 */
static int split(char *s, char **ret_end)
{
	char *to = s;
	int count = 0;

	for (;;) {
		bool is_quoted = false;

		while (*s == ' ')
			s++;
		if (!*s)
			break;
		for (; *s && (is_quoted || *s != ' '); s++) {
			if (*s == '"')
				is_quoted = !is_quoted;
			else
				*to++ = *s;
		}
		/* The zero may land on the blank just read: step over that first. */
		if (*s)
			s++;
		*to++ = '\0';
		count++;
	}
	*ret_end = to;
	return count;
}

/* Copies `count` strings that follow each other from `s` and enters their final addresses. */
static char *place_strings(char *to, const char *s, size_t count, char **vector, uintptr_t slide)
{
	for (size_t i = 0; i < count; i++) {
		size_t bytes = string_len(s) + 1;

		copy_bytes(to, s, bytes);
		vector[i] = (char *)((uintptr_t)to + slide);
		to += bytes;
		s += bytes;
	}
	return to;
}

static size_t vector_len(const char *const *v, size_t *ret_bytes)
{
	size_t len = 0;

	for (; v[len]; len++)
		*ret_bytes += string_len(v[len]) + 1;
	return len;
}

/*
 * Strings, then argv, NULL, envp, NULL and an empty auxiliary vector at the top of the main stack
 * (System V ABI 3.4.1). `physical` is where the stack is now, `slide` what makes it its final address.
 */
static void push_arguments(uintptr_t physical, uintptr_t slide)
{
	uintptr_t top = physical + MAIN_STACK_BYTES - layout.stack_offset;
	char *words = boot.guest_args, *words_end, *to, **vector;
	size_t guest = (size_t)split(words, &words_end), bytes = (size_t)(words_end - words);
	size_t baked = vector_len(uk_app_argv, &bytes), env = vector_len(uk_app_envp, &bytes);
	size_t slots = baked + guest + 1 + env + 1 + 2; /* the pair is AT_NULL */

	if (bytes + slots * sizeof(char *) > MAIN_STACK_BYTES / 2)
		uk_trap("arguments");
	to = (char *)(top - bytes);
	vector =
		(char **)(((uintptr_t)to - slots * sizeof(char *)) & ~(uintptr_t)(STACK_ALIGN - 1));
	fill_words(vector, 0, slots);
	argc = (int)(baked + guest);
	argv = (char **)((uintptr_t)vector + slide);
	envp = argv + argc + 1;
	main_sp = (uintptr_t)argv;
	for (size_t i = 0; i < baked; i++)
		to = place_strings(to, uk_app_argv[i], 1, vector++, slide);
	to = place_strings(to, words, guest, vector, slide);
	vector += guest + 1;
	for (size_t i = 0; i < env; i++)
		to = place_strings(to, uk_app_envp[i], 1, vector++, slide);
	if (uk_kvm_options.is_stats) {
		uintptr_t below = (main_sp - slide) - physical;

		fill_words((void *)physical, KVM_STACK_PAINT, below / sizeof(uint64_t));
	}
}

static void draw_layout(void)
{
	uint8_t seed[UK_LAYOUT_SEED_BYTES];
	struct uk_layout *l = &layout;

	/* What mechanisms ask for is stored as it stands, so that the finished image shows it. */
	__asm__("" : "+r"(l));
	uk_init_layout(l);
	if (CONFIG_NEEDS_BOOT_RELOC && layout.is_random)
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
	struct kvm_map *m = &uk_kvm_map;
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

struct jump uk_kvm_boot_low(const void *start_info, uint64_t entry_tsc);
struct jump uk_kvm_boot_low(const void *start_info, uint64_t entry_tsc)
{
	uint64_t stacks;
	struct jump jump = {0, 0};

	uk_kvm_trace[UK_TRACE_ENTRY] = entry_tsc;
	uk_plat_trace(UK_TRACE_LONG);
	serial_init();
	uk_kvm_read_info(start_info, &boot);
	if (CONFIG_NEEDS_ENTROPY || CONFIG_NEEDS_SEED)
		uk_kvm_seed(&boot);
	uk_plat_trace(UK_TRACE_ENTROPY);
	if (CONFIG_NEEDS_PAGING)
		draw_layout();
	uk_plat_trace(UK_TRACE_LAYOUT);

	/* Physically one piece without gaps; the gaps are in the final addresses only. */
	stacks = uk_kvm_take(&boot, place_slots(0, 0));
	/* Nobody asked for anything else: where the map of all memory has them. */
	if (!layout.guard_bytes && !layout.is_random)
		layout.stack_base = layout.ram_base + stacks;
	place_slots(layout.stack_base, layout.guard_bytes);
	jump.sp = stacks;
	for (size_t i = 0; i < KVM_SLOT_MAIN; i++)
		jump.sp += uk_kvm_map.slots[i].bytes;
	push_arguments(jump.sp, uk_kvm_map.slots[KVM_SLOT_MAIN].base - jump.sp);
	if (CONFIG_NEEDS_PAGING)
		uk_kvm_build_tables(&boot, &layout, stacks);
	else
		uk_kvm_map_all(&boot);
	publish_ram();
	uk_plat_trace(UK_TRACE_PAGING);
	if (CONFIG_NEEDS_BOOT_RELOC) {
		jump.slide = layout.image_base - (uintptr_t)__image_start;
		uk_kvm_relocate(jump.slide);
	}
	uk_plat_trace(UK_TRACE_RELOC);
	jump.sp = main_sp;
	return jump;
}

static void load_tables(void)
{
	const struct table_pointer gdtr = {sizeof(uk_kvm_gdt) - 1, (uintptr_t)uk_kvm_gdt};
	const struct table_pointer idtr = {sizeof(idt) - 1, (uintptr_t)idt};
	const uintptr_t tss = (uintptr_t)&task;
	const struct kvm_range *slots = uk_kvm_map.slots;

	for (size_t i = 0; i < VECTORS; i++) {
		/* 64-bit interrupt gate, present, code selector 8 (SDM vol. 3, 6.14.1); stack 1 or 2. */
		const uintptr_t stub = (uintptr_t)uk_kvm_stubs + i * STUB_BYTES;
		const uint64_t stack = DOUBLE_STACK_VECTORS >> i & 1 ? 2 : 1;

		idt[i].low = (stub & 0xffff) | 8 << 16 | stack << 32 | 0x8eULL << 40 |
			     (stub >> 16 & 0xffff) << 48;
		idt[i].high = stub >> 32;
	}
	for (size_t i = KVM_SLOT_FAULT; i <= KVM_SLOT_DOUBLE; i++) {
		const uintptr_t top = slots[i].base + slots[i].bytes;

		/* IST1 is at byte 36, IST2 at 44. */
		task.words[9 + 2 * i] = (uint32_t)top;
		task.words[10 + 2 * i] = (uint32_t)(top >> 32);
	}
	task.words[25] = sizeof(task) << 16; /* no I/O permission map */
	/* Descriptor of an available 64-bit task state: SDM vol. 3, 7.2.3. */
	uk_kvm_gdt[3] = (sizeof(task) - 1) | (tss & 0xffffff) << 16 | 0x89ULL << 40 |
			(tss >> 24 & 0xff) << 56;
	uk_kvm_gdt[4] = tss >> 32;
	/* System registers: C has no word for them. */
	__asm__ volatile("lgdt %0; lidt %1; ltr %w2"
			 :
			 : "m"(gdtr), "m"(idtr), "r"(3 * 8)
			 : "memory");
}

_Noreturn void uk_kvm_leave(int count, char **args, char **env, uintptr_t sp, uintptr_t tables);
_Noreturn void uk_kvm_boot_high(void);
_Noreturn void uk_kvm_boot_high(void)
{
	load_tables();
	wrmsr(MSR_FS_BASE, (uintptr_t)uk_tcb_init((void *)uk_kvm_map.slots[KVM_SLOT_TCB].base));
	uk_plat_trace(UK_TRACE_TRAPS);
	uk_init_early();
	uk_plat_trace(UK_TRACE_EARLY);
	uk_init_mem();
	uk_plat_trace(UK_TRACE_MEM);
	uk_init_device();
	uk_plat_trace(UK_TRACE_DEVICE);
	uk_init_late();
	uk_plat_trace(UK_TRACE_LATE);
	uk_kvm_leave(argc, argv, envp, main_sp, CONFIG_NEEDS_PAGING ? uk_kvm_root : 0);
}
