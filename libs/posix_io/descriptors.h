/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the three descriptors are open; private to posix_io. */
#ifndef UK_DESCRIPTORS_H
#define UK_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	DESCRIPTORS = 3,
};
extern uint8_t uk_posix_io_closed; /* bit n: descriptor n was closed */

static inline bool is_open(long fd)
{
	return fd >= 0 && fd < DESCRIPTORS && !(uk_posix_io_closed >> fd & 1);
}

#endif
