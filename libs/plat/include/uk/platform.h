/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For platform code only: what libs/plat does for every platform, and the hooks through which a platform
 * gives it the rest. Users of a platform include uk/plat.h.
 *
 * The boot: entry code (uk_entry) -> uk_boot_low(), in the mapping that the loader left: console, memory,
 * seed, addresses drawn, stacks, final mapping, relocation -> the entry code jumps to the final addresses
 * -> uk_boot_high(): faults, thread pointer, start-up phases -> uk_boot_leave(): to uk_start() for good.
 */
#ifndef UK_PLATFORM_H
#define UK_PLATFORM_H

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

enum {
	UK_LINK_ADDRESS = 0x100000, /* where image.ld links the image and every loader puts it */
	UK_RAM_LOWEST = 0x10000,    /* below: real-mode vectors, firmware data, null pointers; never
				    used */
	UK_DEVICES_MAX = 4,
};

/* put.c: the console for code without a C library. */
void uk_put(const char *s);
void uk_put_hex(uint64_t v);
void uk_put_dec(uint64_t v);
/* Has a variable whose address it hands out, and the fatal stop must know where: part of no other function. */
__attribute__((noinline)) void uk_put_number(uint64_t v, uint32_t base);
/*
 * The digits of v at the end of text; returns where they begin. Never part of its caller: that hands it a
 * variable it has not set, by which hardening/autoinit/verify.c knows how variables of an image start.
 */
enum {
	UK_DIGITS_MAX = 20, /* of 2^64 - 1 in base 10 */
};
__attribute__((noinline)) size_t uk_put_digits(char text[UK_DIGITS_MAX], uint64_t v, uint32_t base);

/* halt.c: what the command line asked for, written by boot code alone. */
struct uk_options {
	char nonce[33];
	bool is_trace, is_stats;
};
extern struct uk_options uk_options;
extern uint64_t uk_trace[UK_TRACE_COUNT];

/* How a guest ends: what a platform can tell its host beside the console's trailer. */
enum uk_exit {
	UK_EXIT_OK = 0,
	UK_EXIT_FAILED = 1, /* main's status was not zero */
	UK_EXIT_TRAP = 2,
};

/* Fills the unused main stack when its peak is asked for; no address and no common value. */
#define UK_STACK_PAINT 0x5aa5c33c5aa5c33cULL

/* map.c: where everything is, written by boot code alone. */
enum uk_slot {
	UK_SLOT_FAULT,  /* stack of all faults but the next one */
	UK_SLOT_DOUBLE, /* stack of double faults, machine checks and NMIs */
	UK_SLOT_TCB,
	UK_SLOT_MAIN,
	UK_SLOT_THREADS,
	UK_SLOT_METADATA = UK_SLOT_THREADS + CONFIG_PLAT_THREAD_STACKS, /* uk_plat_metadata() */
	/* One for each slot above, the stacks' shadows; those of what is no stack have no bytes. */
	UK_SLOT_SHADOWS,
	/* Likewise, unsafe stacks; faults have none: what they run may not need any. */
	UK_SLOT_UNSAFE = UK_SLOT_SHADOWS + (CONFIG_NEEDS_SHADOW ? UK_SLOT_SHADOWS : 0),
	/* Likewise, the shadow stacks that the processor itself keeps. */
	UK_SLOT_CALLS = UK_SLOT_UNSAFE + (CONFIG_NEEDS_UNSAFE_STACK ? UK_SLOT_SHADOWS : 0),
	UK_SLOT_DEVICES = UK_SLOT_CALLS + (CONFIG_NEEDS_CET_SHADOW ? UK_SLOT_SHADOWS : 0),
	UK_SLOT_COUNT = UK_SLOT_DEVICES + UK_DEVICES_MAX,
};
struct uk_range {
	uintptr_t base;
	size_t bytes;
};
struct uk_map {
	struct uk_ram ram[UK_RAM_MAX];
	size_t ram_len;
	uintptr_t ram_base, ram_top; /* virtual bounds of the map of all memory */
	size_t guard_bytes;
	uintptr_t stack_base, stack_end;
	uintptr_t unsafe_base, unsafe_end;    /* of the unsafe stacks; 0: there are none */
	struct uk_range slots[UK_SLOT_COUNT]; /* unused ones have no bytes */
};
extern struct uk_map uk_map;
/* Set once: traps work and everything is where uk_map says. */
extern bool uk_is_up;

/*
 * What uk_plat_ram_used() was told of each region: two pieces, because random addresses leave a hole behind the
 * first. Addresses, not trusted: whoever uses them cuts them to the region.
 */
enum {
	UK_USED_PIECES = 2,
};
struct uk_used {
	uintptr_t from, to;
};
extern struct uk_used uk_ram_used[UK_RAM_MAX][UK_USED_PIECES];

/* trap.c: names the fault, tells it and ends the guest; `where` is filled in here. */
_Noreturn void uk_fault(struct uk_fault *f);

/* halt.c: the one way to the end of the machine. Never inlined: a verifier follows it. */
__attribute__((noinline)) _Noreturn void uk_stop(enum uk_exit how);
/* With NEEDS_WIPE, from a mechanism: clears what the program and its libraries left in memory, then stops. */
_Noreturn void uk_wipe(enum uk_exit how);

/* Hooks in permanent code. */

/* Returns when everything written to the console has been seen, or nobody looks. */
void uk_plat_console_drain(void);
/* Ends the machine. Variables may be zero by then: it uses those only that the boot alone writes. */
__attribute__((noinline)) _Noreturn void uk_plat_stop(enum uk_exit how);

/* Boot only from here on. */

/*
 * What a platform finds out about its machine. Addresses are "physical": those at which the boot's own
 * mapping has them, [0, mapped_bytes).
 */
struct uk_boot {
	struct uk_range ram[UK_RAM_MAX]; /* pages, ascending */
	size_t ram_len;
	uint64_t mapped_bytes;
	char *guest_args;    /* words after " -- ", or "" */
	const uint8_t *seed; /* boot module, UK_RANDOM_SEED_BYTES at least, or NULL */
	size_t seed_bytes;
	/*
	 * Pages of devices, mapped writable and not executable in slot UK_SLOT_DEVICES + i: where they
	 * are for the page tables (Xen PV: machine addresses). 0 bytes = no device.
	 */
	struct uk_range devices[UK_DEVICES_MAX];
};

/* How far the image moves and its first stack: returned in two registers. */
struct uk_jump {
	uintptr_t slide, sp;
};

/* Where a part of the image is in physical memory, before and after its addresses have moved. */
static inline uint64_t uk_boot_physical(const void *p)
{
	return (uintptr_t)p - (uintptr_t)__image_start + UK_LINK_ADDRESS;
}

/* boot.c */
struct uk_jump uk_boot_low(const void *info, uint64_t entry_tsc);
_Noreturn void uk_boot_high(void);
/* Adds the whole pages of [from, to) without the image and what is below UK_RAM_LOWEST. */
void uk_boot_add_ram(struct uk_boot *b, uint64_t from, uint64_t to);
/* Takes whole pages off the memory that is left; traps "memory" when there are not enough. */
uint64_t uk_boot_take(struct uk_boot *b, size_t bytes);

/* args.c: the line's ukbuild.* options, and the words after "--" into b->guest_args. NULL = no line. */
void uk_boot_cmdline(struct uk_boot *b, const char *line);
/*
 * libs/virtio, when NEEDS_VIRTIO: the value of the line's virtio_mmio.device, and the pages of the device it
 * names, entered in `b` behind memory.
 */
void uk_virtio_boot_option(const char *value);
void uk_virtio_boot(struct uk_boot *b);
/* What main gets, with final addresses. */
struct uk_args {
	int argc;
	char **argv, **envp;
	uintptr_t sp;
};
/* Copies them to the top of the main stack: `physical` is where it is now, `slide` what moves it. */
void uk_boot_args(const struct uk_boot *b, uintptr_t physical, uintptr_t slide, size_t free_bytes,
		  struct uk_args *ret);

/* seed.c: seeds the random generator from the boot module and the processor; traps "entropy" when it must. */
void uk_boot_seed(const struct uk_boot *b);
/* reloc.c */
void uk_boot_relocate(uintptr_t slide) __attribute__((noinline));

/* Hooks in boot code. */

/* Called first: uk_plat_console_write() works from then on. */
void uk_boot_console(const void *info);
/* Memory, command line, seed (it must be readable), devices. */
void uk_boot_info(const void *info, struct uk_boot *b);
/* Without NEEDS_PAGING: the boot's own mapping gets all memory and devices. */
void uk_boot_map_all(struct uk_boot *b);
/*
 * With it: builds the final mapping, and enters in the boot's own what the last part of the boot needs: all
 * of the image, writable, at its final address. `stacks` is the physical start of the slots up to the
 * devices', one after the other. Pages that are not needed go back to `b`.
 */
void uk_boot_tables(struct uk_boot *b, const struct uk_layout *l, uint64_t stacks);
/* Faults arrive in uk_fault() from here on. */
void uk_boot_traps(void);
void uk_boot_thread_pointer(uintptr_t tp);
/* Switches to the final mapping and calls uk_start(). */
_Noreturn void uk_boot_leave(int argc, char **argv, char **envp, uintptr_t sp);

#endif
