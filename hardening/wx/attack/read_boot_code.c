/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: READ_BOOT_CODE */
/* adversary: A3 */
/* needs: nullpage=on */
/* symbol: uk_boot_leave */
/* Reaches for boot code, which loads page tables and writes model-specific registers. */
#include "attack.h"

static uintptr_t number(const char *s)
{
	uintptr_t n = 0;

	for (; *s; s++)
		n = n << 4 | (uintptr_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return n;
}

int main(int argc, char **argv)
{
	const volatile unsigned char *p;

	if (argc < 2)
		return 1;
	attack_control_ok();
	p = attack_launder((const void *)number(argv[1]));
	/* uk_boot_leave: mov %rcx, %rsp */
	if (p[0] == 0x48 && p[1] == 0x89 && p[2] == 0xcc)
		attack_succeeded();
	return 0;
}
