/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * musl's own for x86-64, but for a_crash(): hlt stops a program in ring 3, and in ring 0 it only waits, for
 * ever and with memory as it is. A breakpoint is a fault everywhere.
 */
#include_next <atomic_arch.h>

#undef a_crash
#define a_crash uk_musl_crash
static inline void uk_musl_crash(void)
{
	__asm__ volatile("int3" : : : "memory");
}
