/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program asks about a descriptor: a terminal of unknown size that cannot be positioned. */
#include "descriptors.h"
#include <uk/errno.h>
#include <uk/posix_io.h>

/* Linux: include/uapi/asm-generic/ioctls.h, fcntl.h. */
enum {
	TIOCGWINSZ = 0x5413,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	O_RDWR = 2,
	/* <sys/stat.h>: a character device, read and write for its owner. */
	MODE_CONSOLE = 0020600,
	CONSOLE_BLOCK = 1024,
};

/* struct winsize of <sys/ioctl.h>. */
struct window {
	uint16_t rows, columns, width, height;
};

/* struct stat of x86-64: arch/x86/include/uapi/asm/stat.h. */
struct status {
	uint64_t device, inode, links;
	uint32_t mode, user, group, pad;
	uint64_t device_id, size, block_bytes, blocks;
	uint64_t times[6], reserved[3];
};

long uk_sys_lseek(long fd, long offset, long whence)
{
	if (is_file(fd))
		return uk_romfs_lseek(fd, offset, whence);
	return is_open(fd) ? -UK_ESPIPE : -UK_EBADF;
}

/* That the size of the window can be asked makes a terminal: the C library then writes line by line. */
long uk_sys_ioctl(long fd, long request, long arg)
{
	if (is_file(fd))
		return uk_romfs_fcntl(fd, F_GETFD, 0) < 0 ? -UK_EBADF : -UK_ENOTTY;
	if (!is_open(fd))
		return -UK_EBADF;
	if (request != TIOCGWINSZ)
		return -UK_ENOTTY;
	*(struct window *)arg = (struct window){0};
	return 0;
}

long uk_sys_fcntl(long fd, long command, long arg)
{
	if (is_file(fd))
		return uk_romfs_fcntl(fd, command, arg);
	if (!is_open(fd))
		return -UK_EBADF;
	switch (command) {
	case F_GETFL:
		return O_RDWR;
	case F_GETFD:
	case F_SETFD:
	case F_SETFL:
		return 0;
	default:
		return -UK_EINVAL;
	}
}

long uk_sys_fstat(long fd, long stat)
{
	if (is_file(fd))
		return uk_romfs_fstat(fd, (void *)stat);
	if (!is_open(fd))
		return -UK_EBADF;
	*(struct status *)stat = (struct status){
		.links = 1,
		.mode = MODE_CONSOLE,
		.block_bytes = CONSOLE_BLOCK,
	};
	return 0;
}

long uk_sys_fsync(long fd)
{
	if (is_file(fd)) /* nothing was ever written */
		return uk_romfs_fcntl(fd, F_GETFD, 0);
	return is_open(fd) ? -UK_EINVAL : -UK_EBADF;
}

/* Linux: a descriptor that is not open for writing is EINVAL, ftruncate(2). */
long uk_sys_ftruncate(long fd, long length)
{
	(void)length;
	if (is_file(fd) && uk_romfs_fcntl(fd, F_GETFD, 0) < 0)
		return -UK_EBADF;
	return is_file(fd) || is_open(fd) ? -UK_EINVAL : -UK_EBADF;
}

long uk_sys_fchmod(long fd, long mode)
{
	(void)mode;
	if (is_file(fd) && uk_romfs_fcntl(fd, F_GETFD, 0) < 0)
		return -UK_EBADF;
	return is_file(fd) || is_open(fd) ? -UK_EROFS : -UK_EBADF;
}

long uk_sys_fchown(long fd, long user, long group)
{
	(void)user;
	(void)group;
	return uk_sys_fchmod(fd, 0);
}

long uk_sys_close(long fd)
{
	if (is_file(fd))
		return uk_romfs_close(fd);
	if (!is_open(fd))
		return -UK_EBADF;
	uk_posix_io_closed |= (uint8_t)(1u << fd);
	return 0;
}
