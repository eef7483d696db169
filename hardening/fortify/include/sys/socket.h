/* SPDX-License-Identifier: BSD-2-Clause */
#include_next <sys/socket.h>

#ifndef UK_FORTIFY_SYS_SOCKET_H
#define UK_FORTIFY_SYS_SOCKET_H

#include <uk/fortify.h>

ssize_t __recv_chk(int, void *, size_t, size_t, int);
ssize_t __uk_recv(int, void *, size_t, int) __asm__("recv");
UK_FORTIFY_OVERLOAD ssize_t recv(int fd, void *const d UK_FORTIFY_SIZED, size_t n, int flags)
{
	const size_t size = UK_FORTIFY_SIZE(d);

	return UK_FORTIFY_FITS(n, size) ? __uk_recv(fd, d, n, flags)
					: __recv_chk(fd, d, n, size, flags);
}

ssize_t __recvfrom_chk(int, void *__restrict, size_t, size_t, int, struct sockaddr *__restrict,
		       socklen_t *__restrict);
ssize_t __uk_recvfrom(int, void *__restrict, size_t, int, struct sockaddr *__restrict,
		      socklen_t *__restrict) __asm__("recvfrom");
UK_FORTIFY_OVERLOAD ssize_t recvfrom(int fd, void *const d UK_FORTIFY_SIZED, size_t n, int flags,
				     struct sockaddr *from, socklen_t *len)
{
	const size_t size = UK_FORTIFY_SIZE(d);

	return UK_FORTIFY_FITS(n, size) ? __uk_recvfrom(fd, d, n, flags, from, len)
					: __recvfrom_chk(fd, d, n, size, flags, from, len);
}

#endif
