/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checked functions: names and arguments are those that compilers know (GCC manual, "Object Size
 * Checking"). Each compares before it writes. They stay functions, so that a verifier can count calls.
 */
#ifndef FORTIFY_H
#define FORTIFY_H

#include <stddef.h>

#define CHECKED __attribute__((noinline, used))

_Noreturn void uk_fortify_fail(void);

#endif
