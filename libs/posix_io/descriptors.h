/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the console's three descriptors are open, and which are files; private to posix_io. */
#ifndef UK_DESCRIPTORS_H
#define UK_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <uk/romfs.h>

enum {
	DESCRIPTORS = 3,
};
extern uint8_t uk_posix_io_closed; /* bit n: descriptor n was closed */

static inline bool is_open(long fd)
{
	return fd >= 0 && fd < DESCRIPTORS && !(uk_posix_io_closed >> fd & 1);
}

/* Above the console's: files, where the image has some (libs/romfs), open or not. */
static inline bool is_file(long fd)
{
	return CONFIG_LIB_ROMFS && fd >= DESCRIPTORS;
}

#endif
