/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: the console has none, so a program reads the end of the file. */
#include "descriptors.h"
#include <stddef.h>
#include <uk/errno.h>
#include <uk/posix_io.h>

/* struct iovec: POSIX.1-2017, sys/uio.h; IOV_MAX as Linux has it (UIO_MAXIOV). */
struct piece {
	void *base;
	size_t len;
};
enum {
	PIECES_MAX = 1024,
};

long uk_sys_read(long fd, long buf, long len)
{
	if (is_file(fd))
		return uk_romfs_read(fd, (void *)buf, (size_t)len);
	return is_open(fd) ? 0 : -UK_EBADF;
}

static long read_pieces(long fd, const struct piece *pieces, long count)
{
	long total = 0;

	if (count < 0 || count > PIECES_MAX)
		return -UK_EINVAL;
	for (long i = 0; i < count; i++) {
		long n = uk_romfs_read(fd, pieces[i].base, pieces[i].len);

		if (n < 0)
			return n;
		total += n;
	}
	return total;
}

long uk_sys_readv(long fd, long vec, long count)
{
	if (is_file(fd))
		return read_pieces(fd, (const struct piece *)vec, count);
	return is_open(fd) ? 0 : -UK_EBADF;
}

long uk_sys_pread64(long fd, long buf, long len, long at)
{
	if (is_file(fd))
		return uk_romfs_pread(fd, (void *)buf, (size_t)len, at);
	return is_open(fd) ? -UK_ESPIPE : -UK_EBADF;
}
