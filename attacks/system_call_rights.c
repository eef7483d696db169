/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: SYSTEM_CALL_RIGHTS */
/* adversary: A3 */
/* platforms: process */
/* inherent: process */
/* Reused code asks the kernel below to make text writable: mprotect, which the tender's filter lets nobody call. */
#include "attack.h"

static volatile int constant = 1;

static __attribute__((noinline)) int victim(void)
{
	return constant + constant * constant;
}

int main(void)
{
	enum {
		MPROTECT = 10, /* arch/x86/entry/syscalls/syscall_64.tbl */
		READ_WRITE_EXECUTE = 7,
		PAGE_BYTES = 4096,
	};
	void *text = attack_launder((const void *)victim);
	uintptr_t nr = MPROTECT;

	if (victim() != 2)
		return 1;
	attack_control_ok();
	/* C has no word for it. */
	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"((uintptr_t)text & ~(uintptr_t)(PAGE_BYTES - 1)), "S"(2 * PAGE_BYTES),
			   "d"(READ_WRITE_EXECUTE)
			 : "rcx", "r11", "memory");
	if (nr == 0) {
		attack_write_code(text);
		if (victim() == ATTACK_CODE_RESULT)
			attack_succeeded();
	}
	return 0;
}
