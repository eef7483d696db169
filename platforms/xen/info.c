/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Xen left (xen/xen.h, "start-of-day memory layout"): from address 0 on its linear mapping has the image
 * where it is linked, then the boot module, the table of machine frames, start_info, pages shared with other
 * domains, its page tables, a stack, free memory.
 */
#include "call.h"
#include "pv.h"

#include <uk/random.h>
#include <xen/grant_table.h>

#include <uk/boot.h>

static uint64_t physical_of(uint64_t frame)
{
	return machine_to_phys_mapping[frame] << PAGE_SHIFT;
}

/* A page that Xen shares, by machine address, instead of the memory at that linear address. */
static void map_shared(uintptr_t va, uint64_t machine)
{
	if (uk_xen_call(__HYPERVISOR_update_va_mapping, va, machine | PTE_RW, UVMF_INVLPG, 0))
		uk_trap("xen");
}

void uk_boot_console(const void *start_info)
{
	const struct start_info *info = start_info;

	uk_xen.is_initial_domain = info->flags & SIF_INITDOMAIN;
	map_shared(PV_SHARED_VA, info->shared_info);
	uk_xen_boot_shared((volatile struct shared_info *)PV_SHARED_VA);
	if (uk_xen.is_initial_domain || !info->console.domU.mfn)
		return;
	uk_xen.console_port = info->console.domU.evtchn;
	uk_xen.console = (volatile struct xencons_interface *)physical_of(info->console.domU.mfn);
}

/* How far Xen's own tables go: its mapping has no holes. */
static uint64_t linear_bytes(uint64_t limit)
{
	uint64_t end = 0;

	while (end < limit && *uk_xen_pv_find(end, ROOT_SHIFT).entry &&
	       *uk_xen_pv_find(end, GIB_SHIFT).entry && *uk_xen_pv_find(end, LARGE_SHIFT).entry)
		end += LARGE_BYTES;
	return end < limit ? end : limit;
}

static void add_device(struct uk_boot *b, enum xen_device which, uint64_t frame, uintptr_t va)
{
	b->devices[which] = (struct uk_range){frame << PAGE_SHIFT, UK_PAGE_BYTES};
	uk_xen_pv.devices[which] = va;
}

static void add_grants(struct uk_boot *b)
{
	xen_pfn_t frame = 0;
	struct gnttab_setup_table setup = {
		.dom = DOMID_SELF,
		.nr_frames = 1,
		.frame_list.p = &frame,
	};

	if (uk_xen_call(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (uintptr_t)&setup, 1,
			0) ||
	    setup.status)
		uk_trap("xen");
	map_shared(PV_GRANTS_VA, frame << PAGE_SHIFT);
	add_device(b, XEN_DEVICE_GRANTS, frame, PV_GRANTS_VA);
}

void uk_boot_info(const void *start_info, struct uk_boot *b)
{
	const struct start_info *info = start_info;
	struct pv_boot *pv = &uk_xen_pv;

	uk_boot_cmdline(b, info->cmd_line[0] ? (const char *)info->cmd_line : NULL);
	pv->bytes = info->nr_pages << PAGE_SHIFT;
	/* A page to which a table of its own would have to be given is no gain. */
	if (info->nr_pages % ENTRIES == 1)
		pv->bytes -= UK_PAGE_BYTES;
	pv->frames = (const uint64_t *)info->mfn_list;
	pv->root = pv_machine(info->pt_base);
	pv->tables[0] = (struct uk_range){info->pt_base, info->nr_pt_frames << PAGE_SHIFT};
	pv->tables_len = 1;
	uk_stats[UK_STAT_PT_PAGES] = info->nr_pt_frames;
	b->mapped_bytes = linear_bytes(pv->bytes);
	uk_boot_add_ram(b, 0, (uintptr_t)__image_start);
	uk_boot_add_ram(b, info->pt_base + pv->tables[0].bytes, pv->bytes);
	pv->spare.base =
		((uintptr_t)__image_end + UK_PAGE_BYTES - 1) & ~(uintptr_t)(UK_PAGE_BYTES - 1);
	pv->spare.bytes = (uintptr_t)info + UK_PAGE_BYTES - pv->spare.base;
	if (info->mod_len >= UK_RANDOM_SEED_BYTES) {
		b->seed = (const uint8_t *)info->mod_start;
		b->seed_bytes = info->mod_len;
	}
	/* Now: stacks may be larger than what Xen has mapped. */
	uk_xen_pv_map_linear(b);
	add_device(b, XEN_DEVICE_SHARED, info->shared_info >> PAGE_SHIFT, PV_SHARED_VA);
	if (uk_xen.is_initial_domain)
		return;
	if (uk_xen.console)
		add_device(b, XEN_DEVICE_CONSOLE, info->console.domU.mfn,
			   (uintptr_t)uk_xen.console);
	if (info->store_mfn) {
		uk_xen.store_port = info->store_evtchn;
		add_device(b, XEN_DEVICE_STORE, info->store_mfn, physical_of(info->store_mfn));
	}
	if (CONFIG_NEEDS_GRANTS)
		add_grants(b);
}
