/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths, without a file system: nothing is there, and nothing can be made. */
#include <uk/errno.h>
#include <uk/posix_io.h>

enum {
	O_CREAT = 0100, /* Linux: include/uapi/asm-generic/fcntl.h */
};

long uk_sys_open(long path, long flags, long mode)
{
	(void)path;
	(void)mode;
	return flags & O_CREAT ? -UK_EROFS : -UK_ENOENT;
}

long uk_sys_openat(long dir, long path, long flags, long mode)
{
	(void)dir;
	return uk_sys_open(path, flags, mode);
}

long uk_sys_access(long path, long mode)
{
	(void)path;
	(void)mode;
	return -UK_ENOENT;
}

long uk_sys_stat(long path, long stat)
{
	(void)path;
	(void)stat;
	return -UK_ENOENT;
}

long uk_sys_lstat(long path, long stat)
{
	(void)path;
	(void)stat;
	return -UK_ENOENT;
}

long uk_sys_readlink(long path, long buf, long size)
{
	(void)path;
	(void)buf;
	(void)size;
	return -UK_ENOENT;
}

long uk_sys_unlink(long path)
{
	(void)path;
	return -UK_ENOENT;
}
