/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for another thread, where there is none. */
#include <stdint.h>
#include <uk/errno.h>
#include <uk/posix.h>
#include <uk/trap.h>

/* Linux, include/uapi/linux/futex.h. */
enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_COMMAND = 0x7f, /* without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME */
};

long uk_sys_futex(long address, long op, long val, long timeout, long address2, long val3)
{
	const volatile uint32_t *word = (const volatile uint32_t *)address;

	(void)timeout;
	(void)address2;
	(void)val3;
	switch (op & FUTEX_COMMAND) {
	case FUTEX_WAIT:
		if (*word != (uint32_t)val)
			return -UK_EAGAIN;
		uk_trap("deadlock");
	case FUTEX_WAKE:
		return 0;
	default:
		return -UK_ENOSYS;
	}
}
