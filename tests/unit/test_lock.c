/* SPDX-License-Identifier: BSD-2-Clause */
/* The layout seed: drawn once, secret, refused when it is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "lock.h"
#include "manifest.h"

static const char hex[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

struct fixture {
	struct arena *a;
	struct diags d;
	struct manifest m;
	char dir[64];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->a = arena_new();
	diags_init(&f->d, f->a);
	strcpy(f->dir, "/tmp/ukb-lock-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->m.dir = f->dir;
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

static void drawn_once(void **state)
{
	struct fixture *f = *state;
	const char *lock = path_join(f->a, f->dir, "ukbuild.lock"), *path;
	uint8_t one[32], two[32];
	struct stat st;

	assert_int_equal(lock_seed(f->a, &f->m, NULL, path_join(f->a, f->dir, "out"), &path, &f->d),
			 0);
	assert_int_equal(stat(lock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(lock_read_seed(f->a, path, one, &f->d), 0);
	assert_int_equal(
		lock_seed(f->a, &f->m, NULL, path_join(f->a, f->dir, "other"), &path, &f->d), 0);
	assert_int_equal(lock_read_seed(f->a, path, two, &f->d), 0);
	assert_memory_equal(one, two, sizeof(one));
}

static void given_seed_wins(void **state)
{
	struct fixture *f = *state;
	const char *path;
	uint8_t seed[32];

	assert_int_equal(lock_seed(f->a, &f->m, hex, f->dir, &path, &f->d), 0);
	assert_int_equal(lock_read_seed(f->a, path, seed, &f->d), 0);
	assert_int_equal(seed[1], 0x11);
	assert_int_equal(seed[31], 0xff);
	assert_false(file_exists(path_join(f->a, f->dir, "ukbuild.lock")));
}

static void refused(void **state)
{
	static const char *const bad[] = {"", "layout-seed: 12\n", "layout-seed: zz\n",
					  "other: 1\n"};
	struct fixture *f = *state;
	const char *lock = path_join(f->a, f->dir, "ukbuild.lock"), *path;

	assert_int_equal(lock_seed(f->a, &f->m, "12", f->dir, &path, &f->d), -1);
	assert_int_equal(f->d.v[0].kind, DIAG_USAGE);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct diags d;

		diags_init(&d, f->a);
		assert_int_equal(file_write(lock, bad[i], strlen(bad[i]), &d), 0);
		assert_int_equal(lock_seed(f->a, &f->m, NULL, f->dir, &path, &d), -1);
		assert_int_equal(d.v[0].kind, DIAG_INPUT);
		assert_non_null(d.v[0].hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(drawn_once, setup, teardown),
		cmocka_unit_test_setup_teardown(given_seed_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
