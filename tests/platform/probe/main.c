/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks at what the boot left: each word on the command line is one look, its finding one line. */
#include "put.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/plat.h>

static _Thread_local volatile int initialised = 5;
static _Thread_local volatile int zeroed;
static _Thread_local volatile long aligned __attribute__((aligned(128)));

static bool is_word(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static void look_tls(void)
{
	put(initialised == 5 && !zeroed && !aligned && !((uintptr_t)&aligned & 127)
		    ? "tls ok\n"
		    : "tls wrong\n");
}

/* Writes the ends of each region and of each GiB of it. */
static void look_ram(void)
{
	const struct uk_ram *ram;
	size_t len = uk_plat_ram(&ram), bytes = 0;
	bool is_right = len > 0;

	for (size_t i = 0; i < len; i++) {
		is_right &= !(ram[i].base % UK_PAGE_BYTES) && !(ram[i].bytes % UK_PAGE_BYTES);
		is_right &= i == 0 || ram[i].base >= ram[i - 1].base + ram[i - 1].bytes;
		for (size_t at = 0; at < ram[i].bytes; at += (size_t)1 << 30)
			*(volatile char *)(ram[i].base + at) = 1;
		*(volatile char *)(ram[i].base + ram[i].bytes - 1) = 1;
		bytes += ram[i].bytes;
	}
	put(is_right ? "ram ok 0x" : "ram wrong 0x");
	put_hex(bytes);
	put("\n");
}

static void look_addresses(void)
{
	const struct uk_ram *ram;
	uint64_t canary;
	int local;

	__asm__("movq %%fs:0x28, %0" : "=r"(canary));
	uk_plat_ram(&ram);
	put("image ");
	put_hex((uintptr_t)look_ram);
	put(" stack ");
	put_hex((uintptr_t)&local);
	put(" heap ");
	put_hex(ram[0].base);
	put(" canary ");
	put_hex(canary);
	put("\n");
}

/* Runs for 50 ms by the clock itself, and tells how many TSC ticks went by in a microsecond. */
static void look_clock(void)
{
	uint64_t wall = uk_plat_clock_wall_ns(), start_tsc = __builtin_ia32_rdtsc();
	uint64_t start = uk_plat_clock_mono_ns(), now = start, ticks;
	bool is_right = true;

	while (now - start < 50000000) {
		uint64_t next = uk_plat_clock_mono_ns();

		is_right &= next >= now;
		now = next;
	}
	ticks = __builtin_ia32_rdtsc() - start_tsc;
	put(is_right && uk_plat_clock_wall_ns() - wall >= 40000000 ? "clock ok " : "clock wrong ");
	put_hex(wall / 1000000000);
	put(" ");
	put_hex(ticks * 1000 / (now - start));
	put("\n");
}

/* Fills every stack of the pool from end to end. */
static void look_stacks(void)
{
	uintptr_t base;
	size_t bytes, slot = 0;

	for (; !uk_plat_thread_stack(slot, &base, &bytes); slot++)
		for (size_t at = 0; at < bytes; at++)
			*(volatile char *)(base + at) = (char)slot;
	put("stacks ");
	put_hex(slot);
	put("\n");
}

int main(int argc, char **argv, char **envp)
{
	for (int i = 1; i < argc; i++) {
		if (is_word(argv[i], "tls"))
			look_tls();
		else if (is_word(argv[i], "ram"))
			look_ram();
		else if (is_word(argv[i], "addresses"))
			look_addresses();
		else if (is_word(argv[i], "clock"))
			look_clock();
		else if (is_word(argv[i], "stacks"))
			look_stacks();
		else if (is_word(argv[i], "fail"))
			return 3;
		else {
			put("[");
			put(argv[i]);
			put("]\n");
			argv[i][0] = '\0';
		}
	}
	put(argv[argc] || envp[0] ? "ends wrong\n" : "ends ok\n");
	return 0;
}
