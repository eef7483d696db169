/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every platform gives the image: console, memory, clocks, stop. One definition of each
 * function, chosen by the linker; nothing here assumes ring 0, page tables or a bus.
 */
#ifndef UK_PLAT_H
#define UK_PLAT_H

#include <stddef.h>
#include <stdint.h>

/* Writes all of it before it returns. Works from the first C line of the boot on. */
void uk_plat_console_write(const char *s, size_t len);

/*
 * Ends the guest. `mechanism` is NULL, or the name of what fired: then the host sees the trap
 * class. Prints the trailer when the host gave a nonce, so nothing may be written after it.
 */
_Noreturn void uk_plat_halt(int status, const char *mechanism);

/* Nanoseconds since boot (first call may calibrate: a few ms), and since 1970-01-01 UTC. */
uint64_t uk_plat_clock_mono_ns(void);
uint64_t uk_plat_clock_wall_ns(void);

/* Free memory, mapped read-write for the whole life of the image; page-aligned, ascending,
 * disjoint. */
struct uk_ram {
	uintptr_t base;
	size_t bytes;
};
enum {
	UK_PAGE_BYTES = 4096,
	UK_RAM_MAX = 16, /* regions kept; any further ones stay unused */
};
/* Returns the number of regions; valid from phase `early` on. */
size_t uk_plat_ram(const struct uk_ram **ret_regions);
/*
 * Whoever gives memory of a region to somebody says so, for what looks at used memory only (NEEDS_WIPE).
 * Nothing is ever taken back; memory outside of every region is ignored. Never inlined: a verifier looks for it.
 */
__attribute__((noinline)) void uk_plat_ram_used(uintptr_t base, size_t bytes);

/*
 * Memory for tables about memory: a region of its own, apart from what uk_plat_ram() tells, with guards
 * around it where there are any (NEEDS_METADATA, else there is none). Handed out once, piece by piece, its
 * contents undefined; NULL when it is used up. Never inlined: a verifier looks for the call.
 */
enum {
	UK_METADATA_PAGE_BYTES = 80,    /* what there is for each page of memory */
	UK_METADATA_MORE_BYTES = 16384, /* and besides */
	UK_METADATA_ALIGN = 64,
};
__attribute__((noinline)) void *uk_plat_metadata(size_t bytes);

/*
 * A stack for a thread from the pool whose guards are already there (PLAT_THREAD_STACKS slots).
 * Slot 0 .. count-1; returns -1 when there is no such slot. Who owns which slot is the caller's
 * affair.
 */
int uk_plat_thread_stack(size_t slot, uintptr_t *ret_base, size_t *ret_bytes);
/*
 * The token by which rstorssp switches to that slot's shadow stack when the stack is switched (SDM vol. 1,
 * 17.2.5); 0 where the processor keeps none or there is no such slot.
 */
uintptr_t uk_plat_thread_shadow(size_t slot);
/*
 * Where that slot's unsafe stack begins (it grows down): what __safestack_unsafe_stack_ptr (uk/tls.h) must be when
 * the thread starts; 0 where there are none or there is no such slot.
 */
uintptr_t uk_plat_thread_unsafe(size_t slot);

/* Figures printed at exit when the host asks (ukbuild.stats=1); 0 = nobody knows it, not printed.
 */
enum uk_stat {
	UK_STAT_HEAP_PEAK, /* bytes; the heap library stores it */
	UK_STAT_HEAP_NOW,
	UK_STAT_STACK_PEAK,
	UK_STAT_PT_PAGES,
	UK_STAT_RAM,
	UK_STAT_COUNT,
};
extern uint64_t uk_stats[UK_STAT_COUNT];

/* Time stamps of the boot, printed at exit when the host asks (ukbuild.trace=1). */
enum uk_trace_point {
	UK_TRACE_ENTRY,   /* first instruction of the image */
	UK_TRACE_LONG,    /* first C line, 64-bit mode */
	UK_TRACE_INFO,    /* command line and memory map read */
	UK_TRACE_ENTROPY, /* seed mixed */
	UK_TRACE_LAYOUT,  /* addresses drawn */
	UK_TRACE_PAGING,  /* final page tables built */
	UK_TRACE_RELOC,   /* image relocated */
	UK_TRACE_TRAPS,   /* descriptor tables and thread pointer set */
	UK_TRACE_EARLY,   /* the phases of uk/init.h, each when it ends */
	UK_TRACE_MEM,
	UK_TRACE_DEVICE,
	UK_TRACE_LATE,
	UK_TRACE_MAIN, /* main is called next: the generated shim uk_app_main stamps it */
	UK_TRACE_EXIT,
	UK_TRACE_COUNT,
};
void uk_plat_trace(enum uk_trace_point point);

#endif
