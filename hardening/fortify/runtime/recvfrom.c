/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

struct sockaddr;
long recvfrom(int fd, void *d, size_t n, int flags, struct sockaddr *from, unsigned int *len);
long __recvfrom_chk(int fd, void *d, size_t n, size_t size, int flags, struct sockaddr *from,
		    unsigned int *len);

CHECKED long __recvfrom_chk(int fd, void *d, size_t n, size_t size, int flags,
			    struct sockaddr *from, unsigned int *len)
{
	if (n > size)
		uk_fortify_fail();
	return recvfrom(fd, d, n, flags, from, len);
}
