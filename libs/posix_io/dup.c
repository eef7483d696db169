/* SPDX-License-Identifier: BSD-2-Clause */
/* Second names for the console: whatever is open is the console, so a copy is a descriptor reopened. */
#include "descriptors.h"
#include <uk/errno.h>
#include <uk/posix_io.h>

long uk_sys_dup2(long from, long to)
{
	if (is_file(from))
		return to < 0 ? -UK_EBADF : uk_romfs_dup(from, to);
	if (!is_open(from) || to < 0 || to >= DESCRIPTORS)
		return -UK_EBADF;
	uk_posix_io_closed &= (uint8_t)~(1u << to);
	return to;
}

long uk_sys_dup3(long from, long to, long flags)
{
	(void)flags; /* close-on-exec: there is no exec */
	return from == to ? -UK_EINVAL : uk_sys_dup2(from, to);
}

long uk_sys_dup(long fd)
{
	if (is_file(fd))
		return uk_romfs_dup(fd, -1);
	if (!is_open(fd))
		return -UK_EBADF;
	for (long to = 0; to < DESCRIPTORS; to++) {
		if (!is_open(to))
			return uk_sys_dup2(fd, to);
	}
	return -UK_EMFILE;
}
