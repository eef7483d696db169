/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files: descriptors, and the positions that copies of a descriptor share. */
#include <stdint.h>
#include <uk/errno.h>
#include <uk/romfs.h>

enum {
	/* Linux: include/uapi/asm-generic/fcntl.h, and linux/fcntl.h for the last two. */
	O_ACCMODE = 3,
	O_CREAT = 0100,
	O_EXCL = 0200,
	O_TRUNC = 01000,
	O_DIRECTORY = 0200000,
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_GETLK = 5,
	F_SETLK = 6,
	F_SETLKW = 7,
	F_UNLCK = 2,
	F_DUPFD_CLOEXEC = 1030,
	/* lseek(2) */
	SEEK_SET = 0,
	SEEK_CUR = 1,
	SEEK_END = 2,
};

/* An open file description, POSIX.1-2017, 3.258. */
struct description {
	const struct uk_romfs_file *file; /* NULL = free */
	size_t at;
	unsigned copies;
};
static struct description descriptions[UK_ROMFS_OPEN_MAX];
static struct description *descriptors[UK_ROMFS_OPEN_MAX];

/* The slot of a descriptor that may be open, or NULL. */
static struct description **slot_of(long fd)
{
	if (fd < UK_ROMFS_FIRST || fd >= UK_ROMFS_FIRST + UK_ROMFS_OPEN_MAX)
		return NULL;
	return &descriptors[fd - UK_ROMFS_FIRST];
}

static struct description *find(long fd)
{
	struct description **slot = slot_of(fd);

	return slot ? *slot : NULL;
}

/* The lowest free descriptor from `from` on, or -EMFILE. */
static long free_descriptor(long from)
{
	for (long fd = from < UK_ROMFS_FIRST ? UK_ROMFS_FIRST : from;
	     fd < UK_ROMFS_FIRST + UK_ROMFS_OPEN_MAX; fd++) {
		if (!*slot_of(fd))
			return fd;
	}
	return -UK_EMFILE;
}

static void release(struct description **slot)
{
	if (*slot && --(*slot)->copies == 0)
		(*slot)->file = NULL;
	*slot = NULL;
}

static long open_file(const struct uk_romfs_file *file)
{
	long fd = free_descriptor(UK_ROMFS_FIRST);
	struct description *d = descriptions;

	if (fd < 0)
		return fd;
	while (d->file) /* there are as many as descriptors */
		d++;
	*d = (struct description){file, 0, 1};
	*slot_of(fd) = d;
	return fd;
}

long uk_romfs_open(const char *path, long flags)
{
	const struct uk_romfs_file *file = NULL;
	enum uk_romfs_kind kind = uk_romfs_find(path, &file);

	if (kind == UK_ROMFS_NOTHING)
		return flags & O_CREAT ? -UK_EROFS : -UK_ENOENT;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -UK_EEXIST;
	if (kind == UK_ROMFS_FOLDER)
		return -UK_EISDIR; /* it has nothing to read: folders cannot be listed */
	if (flags & O_DIRECTORY)
		return -UK_ENOTDIR;
	if (flags & (O_ACCMODE | O_TRUNC))
		return -UK_EROFS;
	return open_file(file);
}

long uk_romfs_close(long fd)
{
	if (!find(fd))
		return -UK_EBADF;
	release(slot_of(fd));
	return 0;
}

long uk_romfs_pread(long fd, void *buf, size_t len, long at)
{
	const struct description *d = find(fd);
	size_t from = (size_t)at;

	if (!d)
		return -UK_EBADF;
	if (at < 0)
		return -UK_EINVAL;
	if (from >= d->file->bytes)
		return 0;
	if (len > d->file->bytes - from)
		len = d->file->bytes - from;
	__builtin_memcpy(buf, (const char *)d->file->data + from, len);
	return (long)len;
}

long uk_romfs_read(long fd, void *buf, size_t len)
{
	struct description *d = find(fd);
	long n = uk_romfs_pread(fd, buf, len, d ? (long)d->at : 0);

	if (n > 0)
		d->at += (size_t)n;
	return n;
}

long uk_romfs_lseek(long fd, long offset, long whence)
{
	struct description *d = find(fd);
	long from = 0, to;

	if (!d)
		return -UK_EBADF;
	if (whence == SEEK_CUR)
		from = (long)d->at;
	else if (whence == SEEK_END)
		from = (long)d->file->bytes;
	else if (whence != SEEK_SET)
		return -UK_EINVAL;
	if (__builtin_add_overflow(from, offset, &to) || to < 0)
		return -UK_EINVAL;
	d->at = (size_t)to;
	return to;
}

long uk_romfs_dup(long from, long to)
{
	struct description *d = find(from), **slot;

	if (!d)
		return -UK_EBADF;
	if (to < 0)
		to = free_descriptor(UK_ROMFS_FIRST);
	if (to < 0)
		return to;
	slot = slot_of(to);
	if (!slot)
		return -UK_EBADF; /* the console keeps its numbers */
	if (to == from)
		return to;
	release(slot);
	d->copies++;
	*slot = d;
	return to;
}

/* Record locks of one process never conflict: fcntl(2), "Advisory record locking". */
static long unlocked(long lock)
{
	*(short *)lock = F_UNLCK; /* l_type, the first member of struct flock */
	return 0;
}

long uk_romfs_fcntl(long fd, long command, long arg)
{
	if (!find(fd))
		return -UK_EBADF;
	switch (command) {
	case F_GETFL: /* O_RDONLY */
	case F_GETFD:
	case F_SETFD:
	case F_SETFL:
	case F_SETLK:
	case F_SETLKW:
		return 0;
	case F_GETLK:
		return unlocked(arg);
	case F_DUPFD:
	case F_DUPFD_CLOEXEC: {
		long to = arg < 0 ? -UK_EINVAL : free_descriptor(arg);

		return to < 0 ? to : uk_romfs_dup(fd, to);
	}
	default:
		return -UK_EINVAL;
	}
}

long uk_romfs_fstat(long fd, void *stat)
{
	const struct description *d = find(fd);

	return d ? uk_romfs_stat(d->file->path, stat) : -UK_EBADF;
}
