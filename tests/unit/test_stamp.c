/* SPDX-License-Identifier: BSD-2-Clause */
/* Stamps: hold while nothing changed, break at every kind of change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "stamp.h"

struct fixture {
	struct arena *a;
	struct diags d;
	char dir[64];
	const char *stamp, *input;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->a = arena_new();
	diags_init(&f->d, f->a);
	strcpy(f->dir, "/tmp/ukb-stamp-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->stamp = path_join(f->a, f->dir, "stamp");
	f->input = path_join(f->a, f->dir, "in put.c");
	assert_int_equal(file_write(f->input, "one", 3, &f->d), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_remove_tree(f->dir, &f->d), 0);
	arena_free(f->a);
	free(f);
	return 0;
}

static void write_stamp(struct fixture *f)
{
	struct stamp s = {{0}, {0}, {0}};

	strs_push(f->a, &s.keys, "sha256");
	strs_push(f->a, &s.vals, "ab cd");
	strs_push(f->a, &s.files, f->input);
	strs_push(f->a, &s.files, path_join(f->a, f->dir, "absent"));
	assert_int_equal(stamp_write(f->a, f->stamp, &s, &f->d), 0);
}

static bool is_current(struct fixture *f)
{
	struct stamp s = {{0}, {0}, {0}};

	return stamp_is_current(f->a, f->stamp, &s);
}

static void holds(void **state)
{
	struct fixture *f = *state;
	struct stamp s = {{0}, {0}, {0}};

	assert_false(is_current(f));
	write_stamp(f);
	assert_true(stamp_is_current(f->a, f->stamp, &s));
	assert_string_equal(stamp_get(&s, "sha256"), "ab cd");
	assert_null(stamp_get(&s, "other"));
}

static void breaks_on_changed_size(void **state)
{
	struct fixture *f = *state;

	write_stamp(f);
	assert_int_equal(file_write(f->input, "longer", 6, &f->d), 0);
	assert_false(is_current(f));
}

static void breaks_on_new_time(void **state)
{
	struct fixture *f = *state;

	write_stamp(f);
	usleep(20000);
	assert_int_equal(file_write(f->input, "two", 3, &f->d), 0);
	assert_false(is_current(f));
}

static void breaks_on_removed_and_added(void **state)
{
	struct fixture *f = *state;

	write_stamp(f);
	assert_int_equal(file_write(path_join(f->a, f->dir, "absent"), "x", 1, &f->d), 0);
	assert_false(is_current(f));
	write_stamp(f);
	assert_true(is_current(f));
	assert_int_equal(unlink(f->input), 0);
	assert_false(is_current(f));
}

static void breaks_when_cut_off(void **state)
{
	struct fixture *f = *state;
	char *text;
	size_t len;

	write_stamp(f);
	assert_int_equal(file_read(f->a, f->stamp, 1 << 20, &text, &len, &f->d), 0);
	assert_int_equal(file_write(f->stamp, text, len - 1, &f->d), 0);
	assert_false(is_current(f));
}

static void depfile_with_blanks(void **state)
{
	struct fixture *f = *state;
	const char *dep = path_join(f->a, f->dir, "x.d");
	static const char text[] = "x.o: a.c \\\n  dir\\ one/b.h c.h\n";
	struct stamp s = {{0}, {0}, {0}};

	assert_int_equal(file_write(dep, text, sizeof(text) - 1, &f->d), 0);
	stamp_add_depfile(f->a, &s, dep);
	assert_int_equal(s.files.len, 3);
	assert_string_equal(s.files.v[1], "dir one/b.h");
	stamp_add_depfile(f->a, &s, path_join(f->a, f->dir, "none.d"));
	assert_int_equal(s.files.len, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds, setup, teardown),
		cmocka_unit_test_setup_teardown(breaks_on_changed_size, setup, teardown),
		cmocka_unit_test_setup_teardown(breaks_on_new_time, setup, teardown),
		cmocka_unit_test_setup_teardown(breaks_on_removed_and_added, setup, teardown),
		cmocka_unit_test_setup_teardown(breaks_when_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(depfile_with_blanks, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
