/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the guest: trailer, figures and boot trace when the host asked. */
#include <uk/platform.h>
#include <uk/x86.h>

struct uk_options uk_options __attribute__((section(".bss.roinit")));
uint64_t uk_trace[UK_TRACE_COUNT];
uint64_t uk_stats[UK_STAT_COUNT];

/* Each name is the start of what the host parses; order of the two enums. */
static const char trace_names[UK_TRACE_COUNT][9] = {
	"entry", "long",  "info", "entropy", "layout", "paging", "reloc",
	"traps", "early", "mem",  "device",  "late",   "main",   "exit",
};
static const char stat_names[UK_STAT_COUNT][11] = {
	"heap_peak", "heap_now", "stack_peak", "pt_pages", "ram",
};

void uk_plat_trace(enum uk_trace_point point)
{
	uk_trace[point] = rdtsc();
}

/* Prints "ukbuild-WHAT: NONCE". */
static void put_head(const char *what)
{
	uk_put("ukbuild-");
	uk_put(what);
	uk_put(": ");
	uk_put(uk_options.nonce);
}

static void put_item(const char *name, uint64_t value)
{
	uk_put(" ");
	uk_put(name);
	uk_put("=");
	uk_put_dec(value);
}

/* The boot filled the main stack with UK_STACK_PAINT: what is left of it was never used. */
static uint64_t peak_of(const struct uk_range *s)
{
	const uint64_t *word = (const uint64_t *)s->base,
		       *end = (const uint64_t *)(s->base + s->bytes);

	while (word < end && *word == UK_STACK_PAINT)
		word++;
	return (uint64_t)((const char *)end - (const char *)word);
}

/* With that of its unsafe stack, which has a part of what lies on one stack elsewhere. */
static uint64_t stack_peak(void)
{
	const struct uk_range *s = &uk_map.slots[UK_SLOT_MAIN];

	return peak_of(s) + (CONFIG_NEEDS_UNSAFE_STACK ? peak_of(s + UK_SLOT_UNSAFE) : 0);
}

_Noreturn void uk_stop(enum uk_exit how)
{
	uk_plat_console_drain();
	if (CONFIG_NEEDS_WIPE && uk_is_up)
		uk_wipe(how);
	uk_plat_stop(how);
}

_Noreturn void uk_plat_halt(int status, const char *mechanism)
{
	const struct uk_options *o = &uk_options;

	uk_plat_trace(UK_TRACE_EXIT);
	if (o->is_trace && o->nonce[0]) {
		put_head("boot");
		for (size_t i = 0; i < UK_TRACE_COUNT; i++)
			if (uk_trace[i])
				put_item(trace_names[i], uk_trace[i]);
		uk_put("\n");
	}
	if (o->is_stats && o->nonce[0]) {
		uk_stats[UK_STAT_STACK_PEAK] = stack_peak();
		put_head("stat");
		for (size_t i = 0; i < UK_STAT_COUNT; i++)
			if (uk_stats[i])
				put_item(stat_names[i], uk_stats[i]);
		uk_put("\n");
	}
	if (o->nonce[0]) {
		put_head("exit");
		uk_put(" ");
		uk_put_dec((uint8_t)status);
		if (mechanism) {
			uk_put(" ");
			uk_put(mechanism);
		}
		uk_put("\n");
	}
	uk_stop(mechanism ? UK_EXIT_TRAP : status ? UK_EXIT_FAILED : UK_EXIT_OK);
}
