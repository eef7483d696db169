/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A read-only tree of files that the image carries, for the system calls of posix_io: descriptors from
 * UK_ROMFS_FIRST on are open files of it. Functions return what the system call of their name returns:
 * a result or a negated error number. Folders are implied by the files in them; the current one is "/".
 */
#ifndef UK_ROMFS_H
#define UK_ROMFS_H

#include <stddef.h>

/* Generated (build/gen.c): paths without a slash at the start, in the order of strcmp(). */
struct uk_romfs_file {
	const char *path;
	const void *data;
	size_t bytes;
};
extern const struct uk_romfs_file uk_romfs_files[];
extern const size_t uk_romfs_files_len;

enum {
	UK_ROMFS_FIRST = 3, /* below: the console */
	UK_ROMFS_OPEN_MAX = 32,
};

/* What a path names. */
enum uk_romfs_kind {
	UK_ROMFS_NOTHING,
	UK_ROMFS_FILE,
	UK_ROMFS_FOLDER,
};
/* ret_file may be NULL; written only for a file. */
enum uk_romfs_kind uk_romfs_find(const char *path, const struct uk_romfs_file **ret_file);

long uk_romfs_open(const char *path, long flags);
long uk_romfs_close(long fd);
long uk_romfs_read(long fd, void *buf, size_t len);
long uk_romfs_pread(long fd, void *buf, size_t len, long at);
long uk_romfs_lseek(long fd, long offset, long whence);
long uk_romfs_fcntl(long fd, long command, long arg);
/* stat: struct stat of x86-64. */
long uk_romfs_fstat(long fd, void *stat);
long uk_romfs_stat(const char *path, void *stat);
long uk_romfs_access(const char *path, long mode);
/* A copy that shares the position: at `to`, or where `to` is negative at the lowest free number. */
long uk_romfs_dup(long from, long to);
/* For calls that would change what path names: -EROFS, or -ENOENT where nothing is. */
long uk_romfs_refuse(const char *path);

#endif
