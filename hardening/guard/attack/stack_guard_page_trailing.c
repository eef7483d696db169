/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: STACK_GUARD_PAGE_TRAILING */
/* adversary: A1 */
/* Walks up above the stack page by page, reading and writing back one byte of each. */
#include "attack.h"

#define PAGE_BYTES 4096
/* More than the main stack, so that one page outside is among them. */
#define PAGES (ATTACK_STACK_KIB / 4 + 1)

static void touch(const void *p)
{
	volatile unsigned char *byte = attack_launder(p);

	*byte = *byte;
}

int main(void)
{
	unsigned char here = 0;
	uintptr_t start = (uintptr_t)&here;

	touch(&here);
	attack_control_ok();
	/* One after another: unrolled, distances such as 0x300f would stand in the code, which privscan refuses. */
#pragma clang loop unroll(disable)
	for (uintptr_t i = 1; i <= PAGES; i++)
		touch((const void *)(start + i * PAGE_BYTES));
	attack_succeeded();
}
