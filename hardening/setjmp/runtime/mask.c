/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jump buffers with a signal mask. Upstream puts the mask back on the way out of sigsetjmp(), through a
 * return address that it keeps in the buffer unprotected; here siglongjmp() does it before it jumps.
 */
#include "buffer.h"
#include <uk/posix_signal.h>

#include <stddef.h>

_Noreturn void longjmp(struct uk_setjmp_buffer *b, int value);
_Noreturn void siglongjmp(struct uk_setjmp_buffer *b, int value);

/* Linux: include/uapi/asm-generic/signal-defs.h. */
enum {
	SIG_SETMASK = 2,
};

void uk_setjmp_save_mask(struct uk_setjmp_buffer *b)
{
	(void)uk_sys_rt_sigprocmask(SIG_SETMASK, 0, (long)&b->mask, sizeof(b->mask));
}

_Noreturn void siglongjmp(struct uk_setjmp_buffer *b, int value)
{
	/* Before the mask takes effect: a handler that runs then must not be the attacker's choice. */
	uk_setjmp_check(b);
	if (b->has_mask)
		(void)uk_sys_rt_sigprocmask(SIG_SETMASK, (long)&b->mask, 0, sizeof(b->mask));
	longjmp(b, value);
}
