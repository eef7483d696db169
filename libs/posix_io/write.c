/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: straight to the console. */
#include "descriptors.h"
#include <stddef.h>
#include <uk/errno.h>
#include <uk/plat.h>
#include <uk/posix_io.h>

/* struct iovec: POSIX.1-2017, sys/uio.h; IOV_MAX as Linux has it (UIO_MAXIOV). */
struct piece {
	const char *base;
	size_t len;
};
enum {
	PIECES_MAX = 1024,
};

uint8_t uk_posix_io_closed;

long uk_sys_write(long fd, long buf, long len)
{
	if (!is_open(fd))
		return -UK_EBADF;
	uk_plat_console_write((const char *)buf, (size_t)len);
	return len;
}

long uk_sys_writev(long fd, long vec, long count)
{
	const struct piece *pieces = (const struct piece *)vec;
	long total = 0;

	if (!is_open(fd))
		return -UK_EBADF;
	if (count < 0 || count > PIECES_MAX)
		return -UK_EINVAL;
	for (long i = 0; i < count; i++) {
		if (pieces[i].len)
			uk_plat_console_write(pieces[i].base, pieces[i].len);
		total += (long)pieces[i].len;
	}
	return total;
}
