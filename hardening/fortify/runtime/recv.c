/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

long recv(int fd, void *d, size_t n, int flags);
long __recv_chk(int fd, void *d, size_t n, size_t size, int flags);

CHECKED long __recv_chk(int fd, void *d, size_t n, size_t size, int flags)
{
	if (n > size)
		uk_fortify_fail();
	return recv(fd, d, n, flags);
}
