/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and paths. Runs in an own folder (tests/unit/run.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"

struct fix {
	struct arena *a;
	struct diags d;
	char dir[64];
};

static int setup(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	f->a = arena_new();
	diags_init(&f->d, f->a);
	memcpy(f->dir, "/tmp/ukb-test-XXXXXX", 21);
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	int result = file_remove_tree(f->dir, &f->d);

	arena_free(f->a);
	free(f);
	return result;
}

static const char *in(struct fix *f, const char *name)
{
	return path_join(f->a, f->dir, name);
}

static void links(void **state)
{
	struct fix *f = *state;
	char to[8] = "";

	assert_int_equal(file_link("one", in(f, "l/x"), &f->d), 0);
	assert_int_equal(file_link("two", in(f, "l/x"), &f->d), 0);
	assert_int_equal(file_link("two", in(f, "l/x"), &f->d), 0);
	assert_int_equal(readlink(in(f, "l/x"), to, sizeof(to)), 3);
	assert_memory_equal(to, "two", 3);
	assert_int_equal(file_write(in(f, "plain"), "", 0, &f->d), 0);
	assert_int_equal(file_link("two", in(f, "plain/x"), &f->d), -1);
}

static void write_read(void **state)
{
	struct fix *f = *state;
	char *text;
	size_t len;

	assert_int_equal(file_write(in(f, "a/b/c.txt"), "x\0y", 3, &f->d), 0);
	assert_int_equal(file_read(f->a, in(f, "a/b/c.txt"), 3, &text, &len, &f->d), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(text, "x\0y", 4);
	assert_int_equal(f->d.errors, 0);
}

static void read_refuses(void **state)
{
	struct fix *f = *state;
	char *text = NULL;
	size_t len;

	assert_int_equal(file_write(in(f, "big"), "12345", 5, &f->d), 0);
	assert_int_equal(file_read(f->a, in(f, "big"), 4, &text, &len, &f->d), -1);
	assert_non_null(strstr(f->d.v[0].text, "too large: 5 bytes, at most 4"));
	assert_int_equal(file_read(f->a, in(f, "absent"), 4, &text, &len, &f->d), -1);
	assert_int_equal(file_read(f->a, f->dir, 4, &text, &len, &f->d), -1);
	assert_int_equal(file_read(f->a, "/dev/zero", 4, &text, &len, &f->d), -1);
	assert_int_equal(f->d.errors, 4);
	assert_int_equal(diags_exit_code(&f->d), DIAG_INPUT);
	assert_null(text);
}

static void full_disk_is_an_error(void **state)
{
	struct fix *f = *state;

	assert_int_equal(file_write("/dev/full", "x", 1, &f->d), -1);
	assert_int_equal(diags_exit_code(&f->d), DIAG_TOOL);
	assert_non_null(strstr(f->d.v[0].text, "No space left"));
}

static void failed_write_leaves_nothing(void **state)
{
	struct fix *f = *state;
	struct strs names;

	/* A folder cannot be replaced by a file. */
	assert_int_equal(file_write(in(f, "d/x"), "x", 1, &f->d), 0);
	assert_int_equal(file_write(in(f, "d"), "x", 1, &f->d), -1);
	assert_int_equal(file_list(f->a, f->dir, &names, &f->d), 0);
	assert_int_equal(names.len, 1);
	assert_int_equal(file_write(in(f, "d/x/y"), "x", 1, &f->d), -1);
}

static void unchanged_keeps_mtime(void **state)
{
	struct fix *f = *state;
	int64_t before, after;
	bool changed;

	assert_int_equal(file_write_if_changed(in(f, "x"), "one", 3, &changed, &f->d), 0);
	assert_true(changed);
	assert_int_equal(file_stat(in(f, "x"), NULL, &before), 0);
	assert_int_equal(file_write_if_changed(in(f, "x"), "one", 3, &changed, &f->d), 0);
	assert_false(changed);
	assert_int_equal(file_stat(in(f, "x"), NULL, &after), 0);
	assert_true(before == after);
	assert_int_equal(file_write_if_changed(in(f, "x"), "two", 3, &changed, &f->d), 0);
	assert_true(changed);
}

static void remove_does_not_follow_links(void **state)
{
	struct fix *f = *state;

	assert_int_equal(file_write(in(f, "keep/me"), "x", 1, &f->d), 0);
	assert_int_equal(file_mkdirs(in(f, "go/sub"), &f->d), 0);
	assert_int_equal(symlink(in(f, "keep"), in(f, "go/link")), 0);
	assert_int_equal(file_remove_tree(in(f, "go"), &f->d), 0);
	assert_false(file_exists(in(f, "go")));
	assert_true(file_exists(in(f, "keep/me")));
	assert_int_equal(file_remove_tree(in(f, "go"), &f->d), 0);
}

static void copy_keeps_the_mode(void **state)
{
	struct fix *f = *state;
	struct stat st;

	assert_int_equal(file_write(in(f, "a"), "#!", 2, &f->d), 0);
	assert_int_equal(chmod(in(f, "a"), 0750), 0);
	assert_int_equal(file_copy(in(f, "a"), in(f, "b/c"), &f->d), 0);
	assert_int_equal(stat(in(f, "b/c"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
}

static void globs(void **state)
{
	struct fix *f = *state;
	const char *odd = in(f, "odd[1]*");
	struct strs l;

	assert_int_equal(file_write(path_join(f->a, odd, "b.c"), "", 0, &f->d), 0);
	assert_int_equal(file_write(path_join(f->a, odd, "a.c"), "", 0, &f->d), 0);
	assert_int_equal(file_write(path_join(f->a, odd, "sub/z.c"), "", 0, &f->d), 0);
	assert_int_equal(file_glob(f->a, odd, "*.c", &l, &f->d), 0);
	assert_string_equal(strs_join(f->a, &l, " "), "a.c b.c");
	assert_int_equal(file_glob(f->a, odd, "*/*.c", &l, &f->d), 0);
	assert_string_equal(strs_join(f->a, &l, " "), "sub/z.c");
	assert_int_equal(file_glob(f->a, odd, "*.h", &l, &f->d), 0);
	assert_int_equal(l.len, 0);
}

static void paths(void **state)
{
	struct fix *f = *state;

	assert_string_equal(path_join(f->a, "a", "b"), "a/b");
	assert_string_equal(path_join(f->a, "a/", "b"), "a/b");
	assert_string_equal(path_join(f->a, "a", "/b"), "/b");
	assert_string_equal(path_join(f->a, ".", "b"), "b");
	assert_string_equal(path_dir(f->a, "a/b/c"), "a/b");
	assert_string_equal(path_dir(f->a, "c"), ".");
	assert_string_equal(path_dir(f->a, "/c"), "/");
	assert_string_equal(path_base("a/b"), "b");
	assert_string_equal(path_absolute(f->a, "/a/./b//../c/"), "/a/c");
	assert_string_equal(path_absolute(f->a, "/../.."), "/");
	assert_string_equal(path_relative(f->a, "/a/b/c", "/a/d"), "../b/c");
	assert_null(path_unusable("/a b/$x#y:z/'q'.c"));
	assert_string_equal(path_unusable("/a;b"), ";b");
	assert_string_equal(path_unusable("/a\nb"), "\nb");
	assert_string_equal(path_relative(f->a, "/a", "/a"), ".");
	assert_string_equal(path_relative(f->a, "/a/b", "/"), "a/b");
}

/* The empty file: FIPS 180-4, widely published. */
static void file_hash(void **state)
{
	struct fix *f = *state;
	char hex[HASH_HEX];

	assert_int_equal(file_write(in(f, "e"), "", 0, &f->d), 0);
	assert_int_equal(hash_file(in(f, "e"), hex, &f->d), 0);
	assert_string_equal(hex,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(hash_file(in(f, "absent"), hex, &f->d), -1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(links),
		T(write_read),
		T(read_refuses),
		T(full_disk_is_an_error),
		T(failed_write_leaves_nothing),
		T(unchanged_keeps_mtime),
		T(remove_does_not_follow_links),
		T(copy_keeps_the_mode),
		T(globs),
		T(paths),
		T(file_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
