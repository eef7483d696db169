/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding tools: overrides, versions, what is missing, and when the cache holds. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
	struct arena *a;
	struct diags d;
	const char *dir, *path; /* scratch; PATH as it was */
};

/* A program that answers as clang does; it counts its runs in the file `runs`. */
static void put_program(struct fixture *f, const char *name, const char *version)
{
	const char *path = path_join(f->a, f->dir, arena_printf(f->a, "bin/%s", name));
	const char *text = arena_printf(f->a,
					"#!/bin/sh\necho run >>%s/runs\ncase $1 in\n"
					"--version) echo '%s' ;;\n"
					"-print-resource-dir) echo %s/res ;;\n"
					"*) case $* in *icall*) exit 1 ;; esac ;;\nesac\n",
					f->dir, version, f->dir);

	assert_int_equal(file_write(path, text, strlen(text), &f->d), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static void put_all(struct fixture *f, const char *suffix, const char *version)
{
	static const char *const names[] = {"clang", "ld.lld", "llvm-nm", "llvm-symbolizer"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put_program(f, arena_printf(f->a, "%s%s", names[i], suffix), version);
}

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	char template[] = "/tmp/ukbuild-tool-XXXXXX";

	f->a = a;
	diags_init(&f->d, a);
	assert_non_null(mkdtemp(template));
	f->dir = arena_strdup(a, template);
	f->path = arena_strdup(a, getenv("PATH"));
	assert_int_equal(file_mkdirs(path_join(a, f->dir, "res/include"), &f->d), 0);
	assert_int_equal(file_mkdirs(path_join(a, f->dir, "bin"), &f->d), 0);
	assert_int_equal(setenv("PATH", path_join(a, f->dir, "bin"), 1), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(setenv("PATH", f->path, 1), 0);
	assert_int_equal(unsetenv("UKBUILD_CC"), 0);
	assert_int_equal(file_remove_tree(f->dir, &f->d), 0);
	arena_free(f->a);
	return 0;
}

static int find(struct fixture *f, struct tools *ret)
{
	*ret = (struct tools){0};
	return tools_find(f->a, path_join(f->a, f->dir, "cache"), ret, &f->d);
}

static uint64_t runs(struct fixture *f)
{
	uint64_t size = 0;
	int64_t mtime;

	return file_stat(path_join(f->a, f->dir, "runs"), &size, &mtime) ? 0 : size;
}

static void test_find(void **state)
{
	struct fixture *f = *state;
	struct tools t, again;
	uint64_t before;

	put_all(f, "-22", "Debian clang version 22.1.0");
	put_all(f, "-19", "Debian clang version 19.1.7 (3)");
	assert_int_equal(find(f, &t), 0);
	assert_true(str_ends(t.cc, "/bin/clang-19"));
	assert_true(str_ends(t.ld, "/bin/ld.lld-19"));
	assert_int_equal(t.cc_major, 19);
	assert_string_equal(t.cc_version, "Debian clang version 19.1.7 (3)");
	assert_true(str_ends(t.cc_include, "/res/include"));
	assert_true(strs_has(&t.features, "KCFI"));
	assert_false(strs_has(&t.features, "CFI_ICALL"));
	before = runs(f);
	assert_int_equal(find(f, &again), 0);
	assert_int_equal(runs(f), before); /* from the cache */
	assert_string_equal(again.identity, t.identity);
	assert_int_equal(again.features.len, t.features.len);
	/* A tool that is replaced makes the cache void, and the identity another one. */
	put_program(f, "ld.lld-19", "LLD 19.1.8, compatible with GNU linkers");
	assert_int_equal(find(f, &again), 0);
	assert_true(runs(f) > before);
	assert_string_not_equal(again.identity, t.identity);
}

static void test_override(void **state)
{
	struct fixture *f = *state;
	struct tools t;

	put_all(f, "-19", "clang version 19.1.7");
	put_program(f, "mycc", "clang version 20.0.1");
	assert_int_equal(find(f, &t), 0);
	assert_int_equal(setenv("UKBUILD_CC", "mycc", 1), 0);
	assert_int_equal(find(f, &t), 0);
	assert_true(str_ends(t.cc, "/bin/mycc"));
	assert_int_equal(t.cc_major, 20);
}

/* A compiler of another version brings its linker and readers: older ones cannot read its bitcode. */
static void test_override_brings_its_family(void **state)
{
	struct fixture *f = *state;
	struct tools t;

	put_all(f, "-19", "clang version 19.1.7");
	put_all(f, "-22", "clang version 22.1.8");
	assert_int_equal(setenv("UKBUILD_CC", "clang-22", 1), 0);
	assert_int_equal(find(f, &t), 0);
	assert_true(str_ends(t.nm, "/bin/llvm-nm-22"));
	assert_true(str_ends(t.ld, "/bin/ld.lld-22"));
}

static void test_missing(void **state)
{
	struct fixture *f = *state;
	struct tools t;

	assert_int_equal(find(f, &t), -1);
	assert_int_equal(diags_exit_code(&f->d), DIAG_TOOL);
	assert_non_null(strstr(f->d.v[0].text, "there is no 'clang-19' in PATH"));
	assert_non_null(strstr(f->d.v[0].hint, "UKBUILD_CC"));
}

static void test_too_old(void **state)
{
	struct fixture *f = *state;
	struct tools t;

	put_all(f, "", "Debian clang version 14.0.6");
	assert_int_equal(find(f, &t), -1);
	assert_non_null(strstr(f->d.v[0].text, "is clang 14, and 19 or later is needed"));
}

static void test_not_clang(void **state)
{
	struct fixture *f = *state;
	struct tools t;

	put_all(f, "-19", "gcc (Debian 12.2.0-14) 12.2.0");
	assert_int_equal(find(f, &t), -1);
	assert_non_null(strstr(f->d.v[0].text, "is not a clang"));
}

static void test_broken_cache(void **state)
{
	struct fixture *f = *state;
	const char *cache = path_join(f->a, f->dir, "cache/tools.json");
	struct tools t;

	put_all(f, "-19", "clang version 19.1.7");
	assert_int_equal(find(f, &t), 0);
	assert_int_equal(file_write(cache, "{\"version\": 1", 13, &f->d), 0);
	assert_int_equal(find(f, &t), 0);
	assert_int_equal(t.cc_major, 19);
	assert_int_equal(f->d.errors, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_override, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_override_brings_its_family, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_old, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_clang, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken_cache, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
