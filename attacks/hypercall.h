/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hypercall that changes the program's own text: what somebody asks of Xen who has made existing code call it. Under
 * PV a page of text becomes writable; under PVH, whose tables are its own and not mapped, another page takes the
 * place of the page of text. Numbers and structures: xen/xen.h, xen/memory.h of Xen.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include "attack.h"

#include <uk/xen.h>

enum {
	XEN_MEMORY_OP = 12,         /* __HYPERVISOR_memory_op */
	XEN_ADD_TO_PHYSMAP = 7,     /* XENMEM_add_to_physmap */
	XEN_SPACE_GMFN = 2,         /* XENMAPSPACE_gmfn: the frame of another page */
	XEN_UPDATE_VA_MAPPING = 14, /* __HYPERVISOR_update_va_mapping */
	XEN_INVALIDATE = 2,         /* UVMF_INVLPG */
	XEN_VERSION = 17,           /* __HYPERVISOR_xen_version; command 0 gives the version */
	XEN_SELF = 0x7ff0,          /* DOMID_SELF */
	HYPERCALL_PAGE_BYTES = 4096,
	HYPERCALL_PAGE_SHIFT = 12,
	HYPERCALL_LINK_ADDRESS = 1
				 << 20, /* where images are loaded, and Xen's numbering has them */
	/* Present, writable, accessed, dirty (Intel SDM vol. 3, table 4-20); Xen adds what ring 3 needs. */
	HYPERCALL_WRITABLE = 0x63,
};

struct hypercall {
	uintptr_t nr, a, b, c, d;
};

struct hypercall_physmap {
	uint16_t domain, size;
	uint32_t space;
	uint64_t from, to; /* frames as the guest numbers them */
};

extern const char __image_start[];

static volatile int hypercall_constant = 1;
static unsigned char hypercall_page[HYPERCALL_PAGE_BYTES] __attribute__((aligned(4096)));
static struct hypercall_physmap hypercall_request;

/* What is changed, by its address, which is a table's entry under cfi=icall: then a call returns another number. */
static __attribute__((noinline)) int hypercall_victim(void)
{
	return hypercall_constant + hypercall_constant * hypercall_constant;
}

static inline bool hypercall_is_pv(void)
{
	uint16_t cs;

	__asm__("movw %%cs, %0" : "=r"(cs)); /* C cannot read it */
	return cs & 3;
}

static inline uintptr_t hypercall_text(void)
{
	return (uintptr_t)attack_launder((const void *)hypercall_victim);
}

static inline uint64_t hypercall_frame(uintptr_t at)
{
	return (at - (uintptr_t)__image_start + HYPERCALL_LINK_ADDRESS) >> HYPERCALL_PAGE_SHIFT;
}

/* The machine's frame with that number: Xen lets guests read how it numbers all memory for them. */
static inline uint64_t hypercall_machine_frame(uint64_t frame)
{
	/* MACH2PHYS_VIRT_START in xen/arch-x86/xen-x86_64.h */
	const volatile uint64_t *frames = attack_launder((const void *)0xffff800000000000);
	uint64_t i = 0;

	while (frames[i] != frame)
		i++;
	return i;
}

/* What Xen is to be asked. */
static inline struct hypercall hypercall_aim(void)
{
	const uintptr_t page = hypercall_text() & ~(uintptr_t)(HYPERCALL_PAGE_BYTES - 1);

	if (hypercall_is_pv())
		return (struct hypercall){XEN_UPDATE_VA_MAPPING, page,
					  hypercall_machine_frame(hypercall_frame(page))
							  << HYPERCALL_PAGE_SHIFT |
						  HYPERCALL_WRITABLE,
					  XEN_INVALIDATE, 0};
	/* The same page, but for the function. */
	for (size_t i = 0; i < HYPERCALL_PAGE_BYTES; i++)
		hypercall_page[i] = ((const volatile unsigned char *)page)[i];
	attack_write_code(hypercall_page + (hypercall_text() - page));
	hypercall_request = (struct hypercall_physmap){XEN_SELF, 0, XEN_SPACE_GMFN,
						       hypercall_frame((uintptr_t)hypercall_page),
						       hypercall_frame(page)};
	return (struct hypercall){XEN_MEMORY_OP, XEN_ADD_TO_PHYSMAP, (uintptr_t)&hypercall_request,
				  0, 0};
}

/* After Xen was asked; does not return where the text is another one now. */
static inline void hypercall_finish(void)
{
	if (hypercall_is_pv())
		attack_write_code((void *)hypercall_text());
	if (attack_call((const void *)hypercall_text()) == ATTACK_CODE_RESULT)
		attack_succeeded();
}

static inline bool hypercall_control(void)
{
	return hypercall_victim() == 2 && uk_xen_call(XEN_VERSION, 0, 0, 0, 0) > 0;
}

#endif
