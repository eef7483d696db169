/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

#include <uk/trap.h>

_Noreturn __attribute__((noinline)) void uk_fortify_fail(void)
{
	uk_trap("fortify");
}
