/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread ends and gives its own stack back, in place of upstream's assembly. Unmapping is
 * bookkeeping outside of the memory it is about (uk/pages.h), so the stack stays usable until the
 * thread has ended: nothing else runs in between.
 */
#include "pthread_impl.h"
#include "syscall.h"

void __unmapself(void *base, size_t size)
{
	__syscall(SYS_munmap, base, size);
	__syscall(SYS_exit, 0);
}
