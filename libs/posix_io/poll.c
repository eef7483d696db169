/* SPDX-License-Identifier: BSD-2-Clause */
/* Readiness of descriptors, which never changes: nothing is waited for. */
#include "descriptors.h"
#include <uk/errno.h>
#include <uk/posix_io.h>

/* struct pollfd and its bits: Linux, include/uapi/asm-generic/poll.h. */
struct entry {
	int fd;
	short wanted, ready;
};
enum {
	POLLIN = 1,
	POLLOUT = 4,
	POLLNVAL = 0x20,
};

static bool is_ready(int fd)
{
	if (is_file(fd))
		return uk_romfs_lseek(fd, 0, 1) >= 0; /* SEEK_CUR: is it open? */
	return is_open(fd);
}

long uk_sys_poll(long entries, long count, long timeout_ms)
{
	struct entry *e = (struct entry *)entries;
	long ready = 0;

	(void)timeout_ms;
	for (long i = 0; i < count; i++) {
		e[i].ready = 0;
		if (e[i].fd >= 0)
			e[i].ready =
				is_ready(e[i].fd) ? e[i].wanted & (POLLIN | POLLOUT) : POLLNVAL;
		ready += e[i].ready != 0;
	}
	return ready;
}
