/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signal trampolines that sigaction() hands to a kernel, in place of upstream's assembly.
 * Handlers are called directly here (libs/posix_signal), so nobody returns through these.
 */
#include <features.h>

hidden _Noreturn void __restore(void);
hidden _Noreturn void __restore_rt(void);

_Noreturn void __restore(void)
{
	__builtin_trap();
}

_Noreturn void __restore_rt(void)
{
	__builtin_trap();
}
