/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths: those of the files that the image carries (libs/romfs), where it has some. Nothing else is
 * there, and nothing can be made or changed.
 */
#include <uk/errno.h>
#include <uk/posix_io.h>
#include <uk/romfs.h>

enum {
	/* Linux: include/uapi/asm-generic/fcntl.h, linux/fcntl.h. */
	O_CREAT = 0100,
	AT_EMPTY_PATH = 0x1000,
};

long uk_sys_open(long path, long flags, long mode)
{
	(void)mode;
	if (CONFIG_LIB_ROMFS)
		return uk_romfs_open((const char *)path, flags);
	return flags & O_CREAT ? -UK_EROFS : -UK_ENOENT;
}

long uk_sys_openat(long dir, long path, long flags, long mode)
{
	(void)dir;
	return uk_sys_open(path, flags, mode);
}

long uk_sys_access(long path, long mode)
{
	if (CONFIG_LIB_ROMFS)
		return uk_romfs_access((const char *)path, mode);
	return -UK_ENOENT;
}

long uk_sys_stat(long path, long stat)
{
	if (CONFIG_LIB_ROMFS)
		return uk_romfs_stat((const char *)path, (void *)stat);
	return -UK_ENOENT;
}

/* There are no links. */
long uk_sys_lstat(long path, long stat)
{
	return uk_sys_stat(path, stat);
}

/* What a call that would change something gets. */
static long refuse(long path)
{
	return CONFIG_LIB_ROMFS ? uk_romfs_refuse((const char *)path) : -UK_ENOENT;
}

long uk_sys_readlink(long path, long buf, long size)
{
	(void)buf;
	(void)size;
	/* readlink(2): what is no link is EINVAL. */
	return refuse(path) == -UK_EROFS ? -UK_EINVAL : -UK_ENOENT;
}

long uk_sys_unlink(long path)
{
	return refuse(path);
}

long uk_sys_newfstatat(long dir, long path, long stat, long flags)
{
	if (flags & AT_EMPTY_PATH && !*(const char *)path)
		return uk_sys_fstat(dir, stat);
	return uk_sys_stat(path, stat);
}

/* The one folder there is, is the one we are in. */
long uk_sys_chdir(long path)
{
	const char *name = (const char *)path;

	return (name[0] == '/' || name[0] == '.') && !name[1] ? 0 : -UK_ENOENT;
}

long uk_sys_rmdir(long path)
{
	return refuse(path);
}

long uk_sys_rename(long from, long to)
{
	(void)to;
	return refuse(from);
}

long uk_sys_mkdir(long path, long mode)
{
	(void)path;
	(void)mode;
	return -UK_EROFS;
}

long uk_sys_chmod(long path, long mode)
{
	(void)mode;
	return refuse(path);
}

long uk_sys_chown(long path, long user, long group)
{
	(void)user;
	(void)group;
	return refuse(path);
}

/* Times are not kept. Without a path, utimensat(2) means the descriptor. */
long uk_sys_utimensat(long dir, long path, long times, long flags)
{
	(void)times;
	(void)flags;
	return path ? refuse(path) : uk_sys_fchmod(dir, 0);
}

long uk_sys_futimesat(long dir, long path, long times)
{
	return uk_sys_utimensat(dir, path, times, 0);
}

long uk_sys_utimes(long path, long times)
{
	(void)times;
	return refuse(path);
}
