/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this platform share; nothing else includes it. */
#ifndef KVM_H
#define KVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/layout.h>
#include <uk/plat.h>
#include <uk/trap.h>

/* Bounds that the linker script sets. */
extern char __image_start[], __image_end[], __boot_start[], __boot_end[], __text_start[],
	__text_end[];
extern char __rodata_start[], __rodata_end[], __roinit_start[], __roinit_end[], __data_start[];
extern const uint64_t __relr_start[], __relr_end[];

/* Port and processor access: C has no word for these instructions. */
static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret_regs[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(ret_regs[0]), "=b"(ret_regs[1]), "=c"(ret_regs[2]),
			   "=d"(ret_regs[3])
			 : "a"(leaf), "c"(subleaf));
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* String instructions: this code must not call a C library, and they are its smallest loops. */
static inline void copy_bytes(void *to, const void *from, size_t len)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

static inline void fill_words(void *to, uint64_t value, size_t words)
{
	__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(value) : "memory");
}

/* The first serial port and the registers of its 16550 (PC16550D data sheet, register summary). */
enum uart {
	UART_COM1 = 0x3f8,
	UART_DATA = 0,
	UART_DIVISOR_LOW = 0,
	UART_INTERRUPTS = 1,
	UART_DIVISOR_HIGH = 1,
	UART_FIFO = 2,
	UART_LINE = 3,
	UART_MODEM = 4,
	UART_LINE_STATUS = 5,
};

/* console.c */
void uk_kvm_put(const char *s);
void uk_kvm_put_hex(uint64_t v);
void uk_kvm_put_dec(uint64_t v);

/* halt.c: what the command line asked for, written by boot code alone. */
struct kvm_options {
	char nonce[33];
	bool is_trace, is_stats;
};
extern struct kvm_options uk_kvm_options;
extern uint64_t uk_kvm_trace[UK_TRACE_COUNT];
_Noreturn void uk_kvm_stop(uint32_t exit_class);

/* Exit classes the launcher knows (isa-debug-exit). */
enum kvm_exit {
	KVM_EXIT_OK = 0,
	KVM_EXIT_FAILED = 1,
	KVM_EXIT_TRAP = 2,
};

/* Fills the unused main stack when its peak is asked for; no address and no common value. */
#define KVM_STACK_PAINT 0x5aa5c33c5aa5c33cULL

/* map.c: where everything is, written by boot code alone. */
enum kvm_slot {
	KVM_SLOT_FAULT,  /* stack of all faults but the next one */
	KVM_SLOT_DOUBLE, /* stack of double faults, machine checks and NMIs */
	KVM_SLOT_TCB,
	KVM_SLOT_MAIN,
	KVM_SLOT_THREADS,
	KVM_SLOT_COUNT = KVM_SLOT_THREADS + CONFIG_PLAT_KVM_THREAD_STACKS,
};
/* Memory below it is never used: real-mode vectors, firmware data, null pointers. */
#define KVM_RAM_LOWEST 0x10000
struct kvm_range {
	uintptr_t base;
	size_t bytes;
};
struct kvm_map {
	struct uk_ram ram[UK_RAM_MAX];
	size_t ram_len;
	uintptr_t ram_base, ram_top; /* virtual bounds of the map of all memory */
	size_t guard_bytes;
	uintptr_t stack_base, stack_end;
	struct kvm_range slots[KVM_SLOT_COUNT];
};
extern struct kvm_map uk_kvm_map;

/* trap.c, trap_x86_64.S */
extern const char uk_kvm_stubs[];
_Noreturn void uk_kvm_exception(const uint64_t *frame, uintptr_t fault_addr);

/* Boot only from here on. */

/* Where image.ld links the image and every loader puts it. */
#define KVM_LINK_ADDRESS 0x100000

/* Physical regions while they are sorted out; pages [base, base + bytes). */
struct kvm_boot {
	struct kvm_range ram[UK_RAM_MAX];
	size_t ram_len;
	char *guest_args;    /* words after " -- ", or "" */
	const uint8_t *seed; /* boot module, UK_RANDOM_SEED_BYTES at least, or NULL */
	size_t seed_bytes;
};

/* Where a part of the image is in physical memory, before and after its addresses have moved. */
static inline uint64_t physical(const void *p)
{
	return (uintptr_t)p - (uintptr_t)__image_start + KVM_LINK_ADDRESS;
}

void uk_kvm_read_info(const void *start_info, struct kvm_boot *b);
/*
 * Maps the GiB that holds `paddr` at its physical address in the boot's own tables. `table` is a
 * KVM_BOOT_TABLE of the image or a page taken from memory.
 */
void uk_kvm_map_gib(uint64_t paddr, uint64_t *table);
/* Without final tables: the boot's own get everything. */
void uk_kvm_map_all(struct kvm_boot *b);
/* Seeds the random generator from the boot module and the processor; traps "entropy" when it must. */
void uk_kvm_seed(const struct kvm_boot *b);
/* Takes whole pages off the memory that is left; traps "memory" when there are not enough. */
uint64_t uk_kvm_take(struct kvm_boot *b, size_t bytes);
/*
 * Builds the final tables, and enters in the boot's own ones what the last part of the boot needs.
 * `stacks` is the physical start of the stack area. Pages that are not needed go back to `b`.
 */
void uk_kvm_build_tables(struct kvm_boot *b, const struct uk_layout *l, uint64_t stacks);
void uk_kvm_relocate(uintptr_t slide) __attribute__((noinline));
/* Physical address of the final tables' root. */
extern uint64_t uk_kvm_root;

/* What entry_x86_64.S maps: the first GiB. */
#define KVM_BOOT_MAPPED_BYTES 0x40000000ULL

/* A page table of the boot's own; image.ld puts them first, where they are page-aligned. */
#define KVM_BOOT_TABLE __attribute__((section(".boot.tables")))

/* PML4, PDPT and the first GiB's directory, one page each. */
extern uint64_t uk_boot_tables[3][512];
extern uint64_t uk_kvm_gdt[5];

#endif
