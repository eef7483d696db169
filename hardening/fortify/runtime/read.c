/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

long read(int fd, void *d, size_t n);
long __read_chk(int fd, void *d, size_t n, size_t size);

CHECKED long __read_chk(int fd, void *d, size_t n, size_t size)
{
	if (n > size)
		uk_fortify_fail();
	return read(fd, d, n);
}
