/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths, without a file system: nothing is there, and nothing can be made. */
#include <uk/errno.h>
#include <uk/posix_io.h>

enum {
	/* Linux: include/uapi/asm-generic/fcntl.h, linux/fcntl.h. */
	O_CREAT = 0100,
	AT_EMPTY_PATH = 0x1000,
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

long uk_sys_newfstatat(long dir, long path, long stat, long flags)
{
	if (flags & AT_EMPTY_PATH && !*(const char *)path)
		return uk_sys_fstat(dir, stat);
	return -UK_ENOENT;
}

/* The one folder there is, is the one we are in. */
long uk_sys_chdir(long path)
{
	const char *name = (const char *)path;

	return (name[0] == '/' || name[0] == '.') && !name[1] ? 0 : -UK_ENOENT;
}

long uk_sys_rmdir(long path)
{
	(void)path;
	return -UK_ENOENT;
}

long uk_sys_rename(long from, long to)
{
	(void)from;
	(void)to;
	return -UK_ENOENT;
}

long uk_sys_mkdir(long path, long mode)
{
	(void)path;
	(void)mode;
	return -UK_EROFS;
}

long uk_sys_chmod(long path, long mode)
{
	(void)path;
	(void)mode;
	return -UK_ENOENT;
}
