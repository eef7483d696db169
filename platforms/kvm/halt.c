/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the guest: trailer, figures and boot trace when the host asked, then every way to stop. */
#include "kvm.h"

struct kvm_options uk_kvm_options __attribute__((section(".bss.roinit")));
uint64_t uk_kvm_trace[UK_TRACE_COUNT];
uint64_t uk_stats[UK_STAT_COUNT];

/* Each name is the start of what the host parses; order of the two enums. */
static const char trace_names[UK_TRACE_COUNT][9] = {
	"entry", "long",  "info", "entropy", "layout", "paging", "reloc",
	"traps", "early", "mem",  "device",  "late",   "main",   "exit",
};
static const char stat_names[UK_STAT_COUNT][11] = {
	"heap_peak", "heap_now", "stack_peak", "pt_pages", "ram",
};

/* Ways to stop, tried in this order where the one before did not work. */
enum {
	DEBUG_EXIT_PORT = 0xf4,        /* QEMU -device isa-debug-exit,iobase=0xf4,iosize=4 */
	ACPI_PM1_CNT = 0x604,          /* QEMU pc and q35, as their firmware places it */
	ACPI_SLEEP_S5 = 0x2000,        /* SLP_EN, type 0 (ACPI 4.8.3.2.1; QEMU hw/acpi) */
	CLOUD_HYPERVISOR_PORT = 0x600, /* its ACPI shutdown device */
	CLOUD_HYPERVISOR_S5 = 0x34,    /* SLP_EN, type 5 */
	KEYBOARD_PORT = 0x64,
	KEYBOARD_RESET = 0xfe, /* pulse the reset line (IBM PC AT) */
	RESET_CONTROL = 0xcf9, /* ICH9 data sheet, RST_CNT */
	RESET_FULL = 6,
};

_Noreturn void uk_kvm_stop(uint32_t exit_class)
{
	outl(DEBUG_EXIT_PORT, exit_class);
	outw(ACPI_PM1_CNT, ACPI_SLEEP_S5);
	outb(CLOUD_HYPERVISOR_PORT, CLOUD_HYPERVISOR_S5);
	outb(KEYBOARD_PORT, KEYBOARD_RESET);
	outb(RESET_CONTROL, RESET_FULL);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void uk_plat_trace(enum uk_trace_point point)
{
	uk_kvm_trace[point] = rdtsc();
}

/* Prints "ukbuild-WHAT: NONCE". */
static void put_head(const char *what)
{
	uk_kvm_put("ukbuild-");
	uk_kvm_put(what);
	uk_kvm_put(": ");
	uk_kvm_put(uk_kvm_options.nonce);
}

static void put_item(const char *name, uint64_t value)
{
	uk_kvm_put(" ");
	uk_kvm_put(name);
	uk_kvm_put("=");
	uk_kvm_put_dec(value);
}

/* The boot filled the main stack with KVM_STACK_PAINT: what is left of it was never used. */
static uint64_t stack_peak(void)
{
	const struct kvm_range *s = &uk_kvm_map.slots[KVM_SLOT_MAIN];
	const uint64_t *word = (const uint64_t *)s->base,
		       *end = (const uint64_t *)(s->base + s->bytes);

	while (word < end && *word == KVM_STACK_PAINT)
		word++;
	return (uint64_t)((const char *)end - (const char *)word);
}

_Noreturn void uk_plat_halt(int status, const char *mechanism)
{
	const struct kvm_options *o = &uk_kvm_options;

	uk_plat_trace(UK_TRACE_EXIT);
	if (o->is_trace && o->nonce[0]) {
		put_head("boot");
		for (size_t i = 0; i < UK_TRACE_COUNT; i++)
			if (uk_kvm_trace[i])
				put_item(trace_names[i], uk_kvm_trace[i]);
		uk_kvm_put("\n");
	}
	if (o->is_stats && o->nonce[0]) {
		uk_stats[UK_STAT_STACK_PEAK] = stack_peak();
		put_head("stat");
		for (size_t i = 0; i < UK_STAT_COUNT; i++)
			if (uk_stats[i])
				put_item(stat_names[i], uk_stats[i]);
		uk_kvm_put("\n");
	}
	if (o->nonce[0]) {
		put_head("exit");
		uk_kvm_put(" ");
		uk_kvm_put_dec((uint8_t)status);
		if (mechanism) {
			uk_kvm_put(" ");
			uk_kvm_put(mechanism);
		}
		uk_kvm_put("\n");
	}
	uk_kvm_stop(mechanism ? KVM_EXIT_TRAP : status ? KVM_EXIT_FAILED : KVM_EXIT_OK);
}
