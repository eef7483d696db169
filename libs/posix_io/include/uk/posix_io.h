/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on file descriptors, of which three are the console: its input is at the end, output is
 * written at once. Others are files of the image, where the manifest lists some (libs/romfs); else
 * there is no file system, and no path exists. Nothing can be made or changed.
 */
#ifndef UK_POSIX_IO_H
#define UK_POSIX_IO_H

long uk_sys_write(long fd, long buf, long len);
long uk_sys_writev(long fd, long vec, long count);
long uk_sys_read(long fd, long buf, long len);
long uk_sys_readv(long fd, long vec, long count);
long uk_sys_pread64(long fd, long buf, long len, long at);
long uk_sys_lseek(long fd, long offset, long whence);
long uk_sys_ioctl(long fd, long request, long arg);
long uk_sys_fcntl(long fd, long command, long arg);
long uk_sys_fstat(long fd, long stat);
long uk_sys_close(long fd);
long uk_sys_fsync(long fd);
long uk_sys_ftruncate(long fd, long length);
long uk_sys_fchmod(long fd, long mode);
long uk_sys_fchown(long fd, long user, long group);
long uk_sys_dup(long fd);
long uk_sys_dup2(long from, long to);
long uk_sys_dup3(long from, long to, long flags);
/* The console is always ready: for output, and to say that its input is at the end. */
long uk_sys_poll(long entries, long count, long timeout_ms);

long uk_sys_open(long path, long flags, long mode);
long uk_sys_openat(long dir, long path, long flags, long mode);
long uk_sys_access(long path, long mode);
long uk_sys_stat(long path, long stat);
long uk_sys_lstat(long path, long stat);
long uk_sys_readlink(long path, long buf, long size);
long uk_sys_unlink(long path);
long uk_sys_newfstatat(long dir, long path, long stat, long flags);
long uk_sys_chdir(long path);
long uk_sys_rmdir(long path);
long uk_sys_rename(long from, long to);
long uk_sys_mkdir(long path, long mode);
long uk_sys_chmod(long path, long mode);
long uk_sys_chown(long path, long user, long group);
long uk_sys_utimensat(long dir, long path, long times, long flags);
long uk_sys_futimesat(long dir, long path, long times);
long uk_sys_utimes(long path, long times);

#endif
