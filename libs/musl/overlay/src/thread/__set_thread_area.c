/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread pointer, in place of upstream's assembly: the platform sets it (uk/tls.h). */
#include "pthread_impl.h"
#include "syscall.h"

/* ARCH_SET_FS: asm/prctl.h of Linux. */
#define ARCH_SET_FS 0x1002

int __set_thread_area(void *p)
{
	return __syscall(SYS_arch_prctl, ARCH_SET_FS, p);
}
