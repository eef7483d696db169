/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exit(), in place of upstream's: destructors are called through pointers that have a prototype, since
 * the compiler does not check calls through pointers without one (clang, -fsanitize=kcfi).
 */
#include "libc.h"
#include <stdlib.h>

/* From the linker script. */
extern hidden void (*const __fini_array_start[])(void), (*const __fini_array_end[])(void);

static void dummy(void)
{
}

/* atexit.c and __stdio_exit.c override these where a program has handlers or streams. */
weak_alias(dummy, __funcs_on_exit);
weak_alias(dummy, __stdio_exit);

_Noreturn void exit(int code)
{
	__funcs_on_exit();
	for (void (*const *f)(void) = __fini_array_end; f > __fini_array_start;)
		(*--f)();
	__stdio_exit();
	_Exit(code);
}
