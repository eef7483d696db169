/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a function goes that finds its canary changed. The reference value is libs/tls's: drawn for each
 * thread in uk_tcb_init(), before anything that runs on that thread.
 * INIT none
 */
#include <uk/trap.h>

_Noreturn void __stack_chk_fail(void);

/* The frame of the caller is not to be trusted any more: nothing here returns through it. */
_Noreturn void __stack_chk_fail(void)
{
	uk_trap("canary");
}
