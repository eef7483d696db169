/* SPDX-License-Identifier: BSD-2-Clause */
#include_next <unistd.h>

#ifndef UK_FORTIFY_UNISTD_H
#define UK_FORTIFY_UNISTD_H

#include <uk/fortify.h>

ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __uk_read(int, void *, size_t) __asm__("read");
UK_FORTIFY_OVERLOAD ssize_t read(int fd, void *const d UK_FORTIFY_SIZED, size_t n)
{
	const size_t size = UK_FORTIFY_SIZE(d);

	return UK_FORTIFY_FITS(n, size) ? __uk_read(fd, d, n) : __read_chk(fd, d, n, size);
}

#endif
