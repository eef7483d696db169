/* SPDX-License-Identifier: BSD-2-Clause */
/* Thread creation, in place of upstream's clone.s: one call, so that an image without threads says
 * so. */
#include "pthread_impl.h"
#include "syscall.h"
#include <stdarg.h>

/*
 * As upstream's __clone(): negative error number, or the new thread's id. What uk_sys_clone() gets
 * differs from the kernel's: the function and its argument travel on the new stack, argument on
 * top.
 */
int __clone(int (*func)(void *), void *stack, int flags, void *arg, ...)
{
	uintptr_t *top = (uintptr_t *)((uintptr_t)stack & -16UL);
	va_list ap;

	va_start(ap, arg);
	pid_t *parent_tid = va_arg(ap, pid_t *);
	void *tls = va_arg(ap, void *);
	pid_t *child_tid = va_arg(ap, pid_t *);
	va_end(ap);

	*--top = (uintptr_t)arg;
	*--top = (uintptr_t)func;
	return __syscall(SYS_clone, flags, top, parent_tid, child_tid, tls);
}
