/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading, writing, listing and removing files. See file.h; paths are in path.c. */
#include "file.h"

#include "arena.h"
#include "diag.h"
#include "str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A failure of the system (disk full, no permission to write) while doing verb to path. */
static int fail(struct diags *d, const char *verb, const char *path, int cause)
{
	return diag_fail(d, DIAG_TOOL, "cannot %s '%s': %s", verb, path, strerror(cause));
}

static int fail_input(struct diags *d, const char *path, const char *why)
{
	return diag_error(d, (struct loc){path, 0, 0}, "cannot read: %s", why);
}

/* read(2) to the end or to len. Returns the bytes read, or -1 with errno. */
static ssize_t read_full(int fd, char *to, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, to + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int write_full(int fd, const char *from, size_t len)
{
	while (len) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		from += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Reads what cannot tell its size (a pipe, /proc) in growing steps, one byte past max at most. */
static ssize_t read_growing(struct arena *a, int fd, size_t max_bytes, char **ret_text)
{
	size_t cap = 4096, len = 0;
	char *text = arena_alloc(a, cap + 1);

	for (;;) {
		ssize_t n = read_full(fd, text + len, cap - len);

		if (n < 0)
			return -1;
		len += (size_t)n;
		if (len < cap || len > max_bytes)
			break;
		char *grown = arena_alloc(a, 2 * cap + 1);

		memcpy(grown, text, len);
		text = grown;
		cap *= 2;
	}
	*ret_text = text;
	return (ssize_t)len;
}

static int read_fd(struct arena *a, int fd, const char *path, size_t max_bytes, char **ret_text,
		   size_t *ret_len, struct diags *d)
{
	char *text = NULL;
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) != 0)
		return fail_input(d, path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail_input(d, path, "is a folder");
	if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > max_bytes)
		return diag_error(d, (struct loc){path, 0, 0},
				  "is too large: %ju bytes, at most %zu are read",
				  (uintmax_t)st.st_size, max_bytes);
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		text = arena_alloc(a, (size_t)st.st_size + 1);
		len = read_full(fd, text, (size_t)st.st_size);
	} else {
		len = read_growing(a, fd, max_bytes, &text);
	}
	if (len < 0)
		return fail_input(d, path, strerror(errno));
	if ((size_t)len > max_bytes)
		return diag_error(d, (struct loc){path, 0, 0},
				  "is too large: at most %zu bytes are read", max_bytes);
	text[len] = '\0';
	*ret_text = text;
	*ret_len = (size_t)len;
	return 0;
}

int file_read(struct arena *a, const char *path, size_t max_bytes, char **ret_text, size_t *ret_len,
	      struct diags *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return fail_input(d, path, strerror(errno));
	result = read_fd(a, fd, path, max_bytes, ret_text, ret_len, d);
	close(fd);
	return result;
}

/* Devices and pipes are written in place: they cannot be replaced by rename. */
static int write_in_place(const char *path, const void *data, size_t len, struct diags *d)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(d, "write", path, errno);
	if (write_full(fd, data, len) != 0) {
		int cause = errno;

		close(fd);
		return fail(d, "write", path, cause);
	}
	if (close(fd) != 0)
		return fail(d, "write", path, errno);
	return 0;
}

static int make_parents(struct arena *a, const char *path, struct diags *d)
{
	const char *dir = path_dir(a, path);

	return file_is_dir(dir) ? 0 : file_mkdirs(dir, d);
}

int file_write(const char *path, const void *data, size_t len, struct diags *d)
{
	const char *tmp;
	struct stat st;
	int fd, cause;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return write_in_place(path, data, len, d);
	if (make_parents(d->arena, path, d) != 0)
		return -1;
	tmp = arena_printf(d->arena, "%s.tmp.%ld", path, (long)getpid());
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return fail(d, "write", path, errno);
	if (write_full(fd, data, len) != 0) {
		cause = errno;
		close(fd);
		goto out_unlink;
	}
	if (close(fd) != 0) {
		cause = errno;
		goto out_unlink;
	}
	if (rename(tmp, path) == 0)
		return 0;
	cause = errno;
out_unlink:
	(void)unlink(tmp); /* the first failure is the one to report */
	return fail(d, "write", path, cause);
}

static bool holds(const char *path, const void *data, size_t len)
{
	struct arena *scratch;
	struct diags ignored;
	char *text = NULL;
	size_t text_len = 0;
	struct stat st;
	bool same;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || (uintmax_t)st.st_size != len)
		return false;
	scratch = arena_new();
	diags_init(&ignored, scratch);
	same = file_read(scratch, path, len, &text, &text_len, &ignored) == 0 && text_len == len &&
	       memcmp(text, data, len) == 0;
	arena_free(scratch);
	return same;
}

int file_write_if_changed(const char *path, const void *data, size_t len, bool *ret_changed,
			  struct diags *d)
{
	bool same = holds(path, data, len);

	if (!same && file_write(path, data, len, d) != 0)
		return -1;
	if (ret_changed)
		*ret_changed = !same;
	return 0;
}

int file_copy(const char *from, const char *to, struct diags *d)
{
	struct arena *scratch = arena_new();
	char *text = NULL;
	size_t len = 0;
	struct stat st;
	int result = -1;

	if (file_read(scratch, from, SIZE_MAX / 2, &text, &len, d) != 0)
		goto out;
	if (file_write(to, text, len, d) != 0)
		goto out;
	if (stat(from, &st) == 0 && chmod(to, st.st_mode & 0777) != 0) {
		(void)fail(d, "set the mode of", to, errno);
		goto out;
	}
	result = 0;
out:
	arena_free(scratch);
	return result;
}

int file_link(const char *target, const char *path, struct diags *d)
{
	const char *tmp = arena_printf(d->arena, "%s.tmp.%ld", path, (long)getpid());
	size_t len = strlen(target);
	char *old = arena_alloc(d->arena, len + 2);

	if (readlink(path, old, len + 1) == (ssize_t)len && memcmp(old, target, len) == 0)
		return 0;
	if (make_parents(d->arena, path, d) != 0)
		return -1;
	(void)unlink(tmp); /* usually absent */
	if (symlink(target, tmp) == 0 && rename(tmp, path) == 0)
		return 0;
	return fail(d, "make the link", path, errno);
}

int file_mkdirs(const char *path, struct diags *d)
{
	char *copy = arena_strdup(d->arena, path);

	for (char *p = copy + (*copy == '/'); p; p++) {
		p = strchr(p, '/');
		if (p)
			*p = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			return fail(d, "make the folder", copy, errno);
		if (!p)
			break;
		*p = '/';
	}
	if (!file_is_dir(path))
		return fail(d, "make the folder", path, ENOTDIR);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int file_remove_tree(const char *path, struct diags *d)
{
	enum {
		OPEN_FOLDERS = 32
	};
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : fail(d, "remove", path, errno);
	if (!S_ISDIR(st.st_mode))
		return unlink(path) == 0 ? 0 : fail(d, "remove", path, errno);
	if (nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
		return fail(d, "remove", path, errno);
	return 0;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_stat(const char *path, uint64_t *ret_size, int64_t *ret_mtime_ns)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -1;
	if (ret_size)
		*ret_size = (uint64_t)st.st_size;
	if (ret_mtime_ns)
		*ret_mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return 0;
}

uint64_t file_bytes_left(const char *path)
{
	struct statvfs v;

	return statvfs(path, &v) ? UINT64_MAX : (uint64_t)v.f_bavail * v.f_frsize;
}

int file_list(struct arena *a, const char *dir, struct strs *ret_names, struct diags *d)
{
	struct strs names = {0};
	const struct dirent *entry;
	DIR *handle = opendir(dir);
	int cause;

	if (!handle)
		return diag_error(d, (struct loc){dir, 0, 0}, "cannot list: %s", strerror(errno));
	while (errno = 0, (entry = readdir(handle))) {
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			strs_push(a, &names, arena_strdup(a, entry->d_name));
	}
	cause = errno;
	closedir(handle);
	if (cause)
		return diag_error(d, (struct loc){dir, 0, 0}, "cannot list: %s", strerror(cause));
	strs_sort(&names);
	*ret_names = names;
	return 0;
}

/* dir with everything that glob(3) treats specially escaped. */
static const char *glob_escape(struct arena *a, const char *dir)
{
	struct sb b;

	sb_init(&b, a);
	for (; *dir; dir++) {
		if (strchr("*?[]\\", *dir))
			sb_put(&b, "\\");
		sb_putn(&b, dir, 1);
	}
	return sb_str(&b);
}

int file_glob(struct arena *a, const char *dir, const char *pattern, struct strs *ret_paths,
	      struct diags *d)
{
	size_t skip = *pattern == '/' ? 0 : strlen(dir) + 1;
	struct strs paths = {0};
	glob_t g = {0};
	int status;

	if (skip)
		pattern = arena_printf(a, "%s/%s", glob_escape(a, dir), pattern);
	status = glob(pattern, GLOB_NOSORT, NULL, &g);
	for (size_t i = 0; status == 0 && i < g.gl_pathc; i++)
		strs_push(a, &paths, arena_strdup(a, g.gl_pathv[i] + skip));
	globfree(&g);
	if (status != 0 && status != GLOB_NOMATCH)
		return diag_fail(d, DIAG_TOOL, "cannot expand '%s': %s", pattern,
				 status == GLOB_NOSPACE ? "out of memory" : "read error");
	strs_sort(&paths);
	*ret_paths = paths;
	return 0;
}
