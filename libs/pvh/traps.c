/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot: descriptor tables and the thread pointer. */
#include <uk/platform.h>
#include <uk/x86.h>

#include "pvh.h"

#include <uk/boot.h>

#define MSR_FS_BASE 0xc0000100 /* SDM vol. 4, table 2-2 */

enum {
	VECTORS = 32,
	/* NMI, double fault, machine check: they may come while another fault is told. */
	DOUBLE_STACK_VECTORS = 1 << 2 | 1 << 8 | 1 << 18,
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

void uk_boot_traps(void)
{
	const struct table_pointer gdtr = {sizeof(uk_pvh_gdt) - 1, (uintptr_t)uk_pvh_gdt};
	const struct table_pointer idtr = {sizeof(idt) - 1, (uintptr_t)idt};
	const uintptr_t tss = (uintptr_t)&task;
	const struct uk_range *slots = uk_map.slots;

	for (size_t i = 0; i < VECTORS; i++) {
		/* 64-bit interrupt gate, present, code selector 8 (SDM vol. 3, 6.14.1); stack 1 or 2. */
		const uintptr_t stub = (uintptr_t)uk_pvh_stubs + i * PVH_STUB_BYTES;
		const uint64_t stack = DOUBLE_STACK_VECTORS >> i & 1 ? 2 : 1;

		idt[i].low = (stub & 0xffff) | 8 << 16 | stack << 32 | 0x8eULL << 40 |
			     (stub >> 16 & 0xffff) << 48;
		idt[i].high = stub >> 32;
	}
	for (size_t i = UK_SLOT_FAULT; i <= UK_SLOT_DOUBLE; i++) {
		const uintptr_t top = slots[i].base + slots[i].bytes;

		/* IST1 is at byte 36, IST2 at 44. */
		task.words[9 + 2 * i] = (uint32_t)top;
		task.words[10 + 2 * i] = (uint32_t)(top >> 32);
	}
	task.words[25] = sizeof(task) << 16; /* no I/O permission map */
	/* Descriptor of an available 64-bit task state: SDM vol. 3, 7.2.3. */
	uk_pvh_gdt[3] = (sizeof(task) - 1) | (tss & 0xffffff) << 16 | 0x89ULL << 40 |
			(tss >> 24 & 0xff) << 56;
	uk_pvh_gdt[4] = tss >> 32;
	/* System registers: C has no word for them. */
	__asm__ volatile("lgdt %0; lidt %1; ltr %w2"
			 :
			 : "m"(gdtr), "m"(idtr), "r"(3 * 8)
			 : "memory");
	if (CONFIG_NEEDS_CET_SHADOW || CONFIG_NEEDS_CET_BRANCH)
		uk_pvh_prepare_cet();
}

void uk_boot_thread_pointer(uintptr_t tp)
{
	wrmsr(MSR_FS_BASE, tp);
}
