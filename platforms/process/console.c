/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: standard output. */
#include "image.h"

#include <uk/plat.h>

#define EAGAIN_CODE (-11) /* Linux include/uapi/asm-generic/errno-base.h */

void uk_plat_console_drain(void)
{
	/* A call that has returned has written. */
}

void uk_plat_console_write(const char *s, size_t len)
{
	while (len) {
		size_t part = len < PROCESS_WRITE_MAX ? len : PROCESS_WRITE_MAX;
		long done = uk_process_call(SYS_WRITE, 1, (uintptr_t)s, part);

		/* A reader that is slow and does not block us: there is nothing to wait with. */
		if (done == EAGAIN_CODE)
			continue;
		/* Nobody listens any more. */
		if (done <= 0)
			return;
		s += done;
		len -= (size_t)done;
	}
}
