/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Xen adds to a PVH boot: is it there, and where are the pages that it shares. It puts its own pages
 * into frames that the guest names, so they go below UK_RAM_LOWEST: memory that nothing else here uses,
 * and no page is lost.
 */
#include "call.h"

#include <uk/platform.h>
#include <uk/pvh.h>
#include <uk/x86.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>

#include <uk/boot.h>

enum {
	SHARED_FRAME = 1,
	GRANT_FRAME = 2,
	PAGE_SHIFT = 12,
	MAP_ENTRIES = 128, /* more than Xen keeps (E820MAX) */
};

/* CPUID leaf 0, ECX: the last letters of "AuthenticAMD" and "HygonGenuine". */
#define VENDOR_AMD_ECX 0x444d4163
#define VENDOR_HYGON_ECX 0x656e6975
/* Xen's leaves are at a multiple of this, behind those of interfaces it imitates. */
#define LEAF_STEP 0x100
#define LEAF_END 0x40010000

/* An entry of BIOS call INT 15h, E820h, as XENMEM_memory_map returns them. */
struct e820_entry {
	uint64_t base, bytes;
	uint32_t type;
} __attribute__((packed));

/* Without Xen there is no console: the first serial port, and the exit device of the entry code. */
static _Noreturn void refuse(void)
{
	const uint16_t com1 = 0x3f8, line_status = com1 + 5, debug_exit = 0xf4;
	const uint8_t thr_empty = 0x20;

	for (const char *s = "\nukbuild-trap: xen\n"; *s; s++) {
		while (!(inb(line_status) & thr_empty))
			;
		outb(com1, (uint8_t)*s);
	}
	outl(debug_exit, UK_EXIT_TRAP);
	for (;;)
		__asm__ volatile("hlt");
}

static void find_xen(void)
{
	uint32_t regs[4], leaf = XEN_CPUID_FIRST_LEAF;

	for (;; leaf += LEAF_STEP) {
		if (leaf == LEAF_END)
			refuse();
		cpuid(leaf, 0, regs);
		if (regs[1] == XEN_CPUID_SIGNATURE_EBX && regs[2] == XEN_CPUID_SIGNATURE_ECX &&
		    regs[3] == XEN_CPUID_SIGNATURE_EDX)
			break;
	}
	cpuid(0, 0, regs);
	uk_xen.is_amd = regs[2] == VENDOR_AMD_ECX || regs[2] == VENDOR_HYGON_ECX;
}

/* 0 when there is none. */
static uint64_t hvm_param(uint32_t index)
{
	struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index};

	if (uk_xen_call(__HYPERVISOR_hvm_op, HVMOP_get_param, (uintptr_t)&param, 0, 0))
		return 0;
	return param.value;
}

/* Xen's page `index` of `space` appears at `frame`. */
static void add_page(unsigned int space, xen_ulong_t index, xen_pfn_t frame)
{
	struct xen_add_to_physmap add = {
		.domid = DOMID_SELF,
		.space = space,
		.idx = index,
		.gpfn = frame,
	};

	if (uk_xen_call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&add, 0, 0))
		uk_trap("xen");
}

/*
 * No callback, which is what there was. But setting it is one of the moments at which Xen notes that the guest
 * runs 64-bit code, the layout of shared_info, and at which it first enters the wall time there (Xen
 * arch/x86/hvm/hvm.c, hvm_latch_shinfo_size).
 */
static void settle_shared_info(void)
{
	struct xen_hvm_param param = {.domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ};

	if (uk_xen_call(__HYPERVISOR_hvm_op, HVMOP_set_param, (uintptr_t)&param, 0, 0))
		uk_trap("xen");
}

void uk_boot_console(const void *start_info)
{
	const struct hvm_start_info *info = start_info;
	static uint64_t table[512] UK_PVH_TABLE;
	uint64_t ring;

	find_xen();
	uk_xen.is_initial_domain = info->flags & SIF_INITDOMAIN;
	add_page(XENMAPSPACE_shared_info, 0, SHARED_FRAME);
	settle_shared_info();
	uk_xen_boot_shared((volatile struct shared_info *)((uintptr_t)SHARED_FRAME << PAGE_SHIFT));
	if (uk_xen.is_initial_domain)
		return;
	ring = hvm_param(HVM_PARAM_CONSOLE_PFN) << PAGE_SHIFT;
	if (!ring)
		return;
	/* At the top of the first 4 GiB. */
	uk_pvh_map_gib(ring, table);
	uk_xen.console_port = (uint32_t)hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
	uk_xen.console = (volatile struct xencons_interface *)(uintptr_t)ring;
}

static void read_memory_map(struct uk_boot *b)
{
	static struct e820_entry entries[MAP_ENTRIES];
	struct xen_memory_map map = {.nr_entries = MAP_ENTRIES, .buffer.p = entries};

	if (uk_xen_call(__HYPERVISOR_memory_op, XENMEM_memory_map, (uintptr_t)&map, 0, 0))
		uk_trap("xen");
	for (unsigned int i = 0; i < map.nr_entries; i++)
		if (entries[i].type == XEN_HVM_MEMMAP_TYPE_RAM)
			uk_boot_add_ram(b, entries[i].base, entries[i].base + entries[i].bytes);
}

static void set_device(struct uk_boot *b, enum xen_device which, uint64_t frame)
{
	b->devices[which] = (struct uk_range){frame << PAGE_SHIFT, UK_PAGE_BYTES};
}

void uk_boot_info(const void *start_info, struct uk_boot *b)
{
	uint64_t frame;

	/* The initial domain's start_info is of version 0, without a memory map. */
	if (!uk_pvh_info(start_info, b))
		read_memory_map(b);
	set_device(b, XEN_DEVICE_SHARED, SHARED_FRAME);
	if (uk_xen.console)
		set_device(b, XEN_DEVICE_CONSOLE, (uintptr_t)uk_xen.console >> PAGE_SHIFT);
	if (uk_xen.is_initial_domain)
		return;
	frame = hvm_param(HVM_PARAM_STORE_PFN);
	if (frame) {
		uk_xen.store_port = (uint32_t)hvm_param(HVM_PARAM_STORE_EVTCHN);
		set_device(b, XEN_DEVICE_STORE, frame);
	}
	if (CONFIG_NEEDS_GRANTS) {
		add_page(XENMAPSPACE_grant_table, 0, GRANT_FRAME);
		set_device(b, XEN_DEVICE_GRANTS, GRANT_FRAME);
	}
}
