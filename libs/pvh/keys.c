/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text that can be fetched and not read, by protection keys (Intel SDM vol. 3, 4.6.2): they hold for data
 * accesses to user pages only, in every ring, and the processor must not refuse to fetch from user pages in ring
 * 0 (SMEP). SMAP would stop the same reads, but popf, which is one byte, switches it off: it would add nothing.
 */
#include <uk/platform.h>
#include <uk/pte.h>
#include <uk/x86.h>

#include "pvh.h"

#include <uk/boot.h>

/* SDM vol. 2, CPUID leaf 7, %ecx; vol. 3, 2.5 and 4.6.2. */
#define CPUID_7_ECX_PKU (1U << 3)
#define CR4_SMEP (1UL << 20)
#define CR4_SMAP (1UL << 21)
#define CR4_PKE (1UL << 22)
/* Access-disable bits of keys 1 to 15. */
#define PKRU_ALL_BUT_0 0x55555554U

bool uk_plat_hides_text(void)
{
	uint32_t regs[4];

	cpuid(0, 0, regs);
	if (regs[0] < 7)
		return false;
	cpuid(7, 0, regs);
	return regs[2] & CPUID_7_ECX_PKU;
}

void uk_pvh_hide_text(void)
{
	unsigned long cr4;

	/* Control registers and PKRU: C has no word for them. The boot's own pages are no user pages. */
	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	cr4 = (cr4 & ~(CR4_SMEP | CR4_SMAP)) | CR4_PKE;
	__asm__ volatile("movq %0, %%cr4" : : "r"(cr4) : "memory");
	__asm__ volatile("wrpkru" : : "a"(PKRU_ALL_BUT_0), "c"(0), "d"(0) : "memory");
}

bool uk_pvh_is_text_hidden(void)
{
	uint32_t pkru, high;

	__asm__ volatile("rdpkru" : "=a"(pkru), "=d"(high) : "c"(0));
	return pkru == PKRU_ALL_BUT_0;
}
