/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree of three files: paths in all spellings, positions that copies share, and what cannot be done.
 * with: libs/romfs/paths.c libs/romfs/open.c
 */
#include <uk/errno.h>
#include <uk/romfs.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const struct uk_romfs_file uk_romfs_files[] = {
	{"a/b/deep.txt", "deep", 4},
	{"a/one.txt", "0123456789", 10},
	{"empty", "", 0},
};
const size_t uk_romfs_files_len = 3;

static void paths(void **state)
{
	static const struct {
		const char *path;
		enum uk_romfs_kind kind;
	} cases[] = {
		{"/a/one.txt", UK_ROMFS_FILE},
		{"a/one.txt", UK_ROMFS_FILE},
		{"//a/.//one.txt", UK_ROMFS_FILE},
		{"../a/b/../one.txt", UK_ROMFS_FILE},
		{"empty", UK_ROMFS_FILE},
		{"/", UK_ROMFS_FOLDER},
		{".", UK_ROMFS_FOLDER},
		{"a", UK_ROMFS_FOLDER},
		{"/a/b/", UK_ROMFS_FOLDER},
		{"a/on", UK_ROMFS_NOTHING},
		{"a/one.txt.bak", UK_ROMFS_NOTHING},
		{"a/one.txt/x", UK_ROMFS_NOTHING},
		{"b", UK_ROMFS_NOTHING},
	};
	char longest[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(uk_romfs_find(cases[i].path, NULL), cases[i].kind);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(uk_romfs_find(longest, NULL), UK_ROMFS_NOTHING);
}

static void reading(void **state)
{
	char buf[16] = "";
	long fd = uk_romfs_open("/a/one.txt", O_RDONLY), copy;

	(void)state;
	assert_int_equal(fd, 3);
	assert_int_equal(uk_romfs_read(fd, buf, 4), 4);
	assert_memory_equal(buf, "0123", 4);
	assert_int_equal(uk_romfs_pread(fd, buf, sizeof(buf), 7), 3);
	assert_memory_equal(buf, "789", 3);
	assert_int_equal(uk_romfs_pread(fd, buf, 1, 10), 0);
	assert_int_equal(uk_romfs_pread(fd, buf, 1, INT64_MAX), 0);
	assert_int_equal(uk_romfs_pread(fd, buf, 1, -1), -UK_EINVAL);
	copy = uk_romfs_dup(fd, -1);
	assert_int_equal(copy, 4);
	assert_int_equal(uk_romfs_lseek(copy, -1, SEEK_END), 9);
	assert_int_equal(uk_romfs_read(fd, buf, SIZE_MAX), 1);
	assert_int_equal(uk_romfs_read(fd, buf, 1), 0);
	assert_int_equal(uk_romfs_lseek(fd, 5, SEEK_CUR), 15);
	assert_int_equal(uk_romfs_read(fd, buf, 1), 0);
	assert_int_equal(uk_romfs_lseek(fd, -1, SEEK_SET), -UK_EINVAL);
	assert_int_equal(uk_romfs_lseek(fd, INT64_MAX, SEEK_CUR), -UK_EINVAL);
	assert_int_equal(uk_romfs_lseek(fd, 0, 7), -UK_EINVAL);
	assert_int_equal(uk_romfs_close(fd), 0);
	assert_int_equal(uk_romfs_close(fd), -UK_EBADF);
	assert_int_equal(uk_romfs_lseek(copy, 0, SEEK_SET), 0);
	assert_int_equal(uk_romfs_read(copy, buf, 1), 1);
	assert_int_equal(uk_romfs_close(copy), 0);
	assert_int_equal(uk_romfs_read(copy, buf, 1), -UK_EBADF);
}

static void descriptors(void **state)
{
	long fd, last = UK_ROMFS_FIRST + UK_ROMFS_OPEN_MAX - 1;

	(void)state;
	for (fd = UK_ROMFS_FIRST; fd <= last; fd++)
		assert_int_equal(uk_romfs_open("empty", O_RDONLY), fd);
	assert_int_equal(uk_romfs_open("empty", O_RDONLY), -UK_EMFILE);
	assert_int_equal(uk_romfs_dup(last, -1), -UK_EMFILE);
	assert_int_equal(uk_romfs_dup(last, 5), 5);
	assert_int_equal(uk_romfs_dup(last, last), last);
	assert_int_equal(uk_romfs_dup(last, 2), -UK_EBADF);
	assert_int_equal(uk_romfs_dup(last, last + 1), -UK_EBADF);
	for (fd = UK_ROMFS_FIRST; fd <= last; fd++)
		assert_int_equal(uk_romfs_close(fd), 0);
	fd = uk_romfs_open("empty", O_RDONLY);
	assert_int_equal(fd, UK_ROMFS_FIRST);
	assert_int_equal(uk_romfs_fcntl(fd, F_DUPFD, 10), 10);
	assert_int_equal(uk_romfs_fcntl(10, F_GETFL, 0), O_RDONLY);
	assert_int_equal(uk_romfs_fcntl(fd, F_DUPFD, -1), -UK_EINVAL);
	assert_int_equal(uk_romfs_fcntl(fd, 99, 0), -UK_EINVAL);
	struct flock lock = {.l_type = F_WRLCK};
	assert_int_equal(uk_romfs_fcntl(fd, F_GETLK, (long)&lock), 0);
	assert_int_equal(lock.l_type, F_UNLCK);
	assert_int_equal(uk_romfs_close(10) + uk_romfs_close(fd), 0);
	assert_int_equal(uk_romfs_fcntl(fd, F_GETFD, 0), -UK_EBADF);
}

static void status(void **state)
{
	long fd = uk_romfs_open("a/one.txt", O_RDONLY);
	struct stat s, other;

	(void)state;
	assert_int_equal(uk_romfs_fstat(fd, &s), 0);
	assert_true(S_ISREG(s.st_mode) && (s.st_mode & 0777) == 0444);
	assert_int_equal(s.st_size, 10);
	assert_int_equal(s.st_blocks, 1);
	assert_int_equal(uk_romfs_stat("/a/b/deep.txt", &other), 0);
	assert_int_not_equal(s.st_ino, other.st_ino);
	assert_int_equal(uk_romfs_stat("/a", &s), 0);
	assert_true(S_ISDIR(s.st_mode));
	assert_int_equal(uk_romfs_stat("/none", &s), -UK_ENOENT);
	assert_int_equal(uk_romfs_close(fd), 0);
	assert_int_equal(uk_romfs_fstat(fd, &s), -UK_EBADF);
}

static void refusals(void **state)
{
	(void)state;
	assert_int_equal(uk_romfs_open("none", O_RDONLY), -UK_ENOENT);
	assert_int_equal(uk_romfs_open("none", O_WRONLY | O_CREAT), -UK_EROFS);
	assert_int_equal(uk_romfs_open("empty", O_RDWR), -UK_EROFS);
	assert_int_equal(uk_romfs_open("empty", O_RDONLY | O_TRUNC), -UK_EROFS);
	assert_int_equal(uk_romfs_open("empty", O_CREAT | O_EXCL), -UK_EEXIST);
	assert_int_equal(uk_romfs_open("a", O_RDONLY), -UK_EISDIR);
	assert_int_equal(uk_romfs_open("empty", O_RDONLY | O_DIRECTORY), -UK_ENOTDIR);
	assert_int_equal(uk_romfs_access("empty", R_OK), 0);
	assert_int_equal(uk_romfs_access("a", X_OK), 0);
	assert_int_equal(uk_romfs_access("empty", X_OK), -UK_EACCES);
	assert_int_equal(uk_romfs_access("empty", W_OK), -UK_EROFS);
	assert_int_equal(uk_romfs_access("none", F_OK), -UK_ENOENT);
	assert_int_equal(uk_romfs_refuse("a"), -UK_EROFS);
	assert_int_equal(uk_romfs_refuse("none"), -UK_ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),  cmocka_unit_test(reading),  cmocka_unit_test(descriptors),
		cmocka_unit_test(status), cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
