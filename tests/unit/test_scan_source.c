/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking ukbuild-scan: a script stands for it here, so that its runs can be counted. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "resolve.h"
#include "scan.h"
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
	const char *dir;
	struct tools tools;
	struct scan_source source;
};

static const char *in_dir(struct fixture *f, const char *name)
{
	return path_join(f->a, f->dir, name);
}

static void put(struct fixture *f, const char *name, const char *text)
{
	assert_int_equal(file_write(in_dir(f, name), text, strlen(text), &f->d), 0);
}

/* Counts its runs, swallows the question, gives this answer. */
static void put_program(struct fixture *f, const char *answer)
{
	put(f, "answer", answer);
	put(f, "ukbuild-scan",
	    arena_printf(f->a, "#!/bin/sh\ncat >%s/question\necho >>%s/runs\ncat %s/answer\n",
			 f->dir, f->dir, f->dir));
	assert_int_equal(chmod(in_dir(f, "ukbuild-scan"), 0755), 0);
}

static const char *answer(struct fixture *f, const char *error)
{
	return arena_printf(f->a,
			    "[{\"path\": \"%s/a.c\", \"files\": [\"%s/a.c\", \"%s/a.h\"],"
			    "\"uses\": [{\"symbol\": \"puts\", \"path\": \"%s/a.c\", \"line\": 3,"
			    "\"col\": 9, \"header\": \"stdio.h\"}], \"main\": {\"proto\": "
			    "\"int (void)\", \"path\": \"%s/a.c\", \"line\": 1, \"col\": 5},"
			    "\"error\": %s}]",
			    f->dir, f->dir, f->dir, f->dir, f->dir, error);
}

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	char template[] = "/tmp/ukbuild-asks-XXXXXX";

	f->a = a;
	diags_init(&f->d, a);
	assert_non_null(mkdtemp(template));
	f->dir = arena_strdup(a, template);
	f->tools.cc_include = "/lib/clang/include";
	put(f, "a.c", "int x;\n");
	put(f, "a.h", "int y;\n");
	f->source.path = in_dir(f, "a.c");
	strs_push(a, &f->source.flags, "-O2");
	put_program(f, answer(f, "null"));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_remove_tree(f->dir, &f->d), 0);
	arena_free(f->a);
	return 0;
}

static int ask(struct fixture *f, struct scan *ret)
{
	*ret = (struct scan){0};
	return scan_sources(f->a, in_dir(f, "ukbuild"), in_dir(f, "cache"), &f->source, 1, ret,
			    &f->d);
}

static uint64_t runs(struct fixture *f)
{
	uint64_t size = 0;
	int64_t mtime;

	return file_stat(in_dir(f, "runs"), &size, &mtime) ? 0 : size;
}

static void test_answer(void **state)
{
	struct fixture *f = *state;
	struct scan s;
	char *question;
	size_t len;

	assert_int_equal(ask(f, &s), 0);
	assert_string_equal(s.main_proto, "int (void)");
	assert_int_equal(s.main_loc.line, 1);
	assert_int_equal(s.uses_len, 1);
	assert_string_equal(s.uses[0].symbol, "puts");
	assert_int_equal(s.uses[0].loc.col, 9);
	assert_string_equal(s.uses[0].header, "stdio.h");
	assert_int_equal(file_read(f->a, in_dir(f, "question"), 4096, &question, &len, &f->d), 0);
	assert_non_null(strstr(question, "\"-O2\""));
}

static void test_cache(void **state)
{
	struct fixture *f = *state;
	struct scan s;

	assert_int_equal(ask(f, &s), 0);
	assert_int_equal(ask(f, &s), 0);
	assert_int_equal(runs(f), 1);
	assert_string_equal(s.main_proto, "int (void)");
	put(f, "a.h", "int changed;\n"); /* any file that was read */
	assert_int_equal(ask(f, &s), 0);
	assert_int_equal(runs(f), 2);
	strs_push(f->a, &f->source.flags, "-DX");
	assert_int_equal(ask(f, &s), 0);
	assert_int_equal(runs(f), 3);
	put_program(f, arena_printf(f->a, "%s\n", answer(f, "null")));
	put(f, "ukbuild-scan", "#!/bin/sh\nexit 3\n");
	assert_int_equal(chmod(in_dir(f, "ukbuild-scan"), 0755), 0);
	assert_int_equal(ask(f, &s), -1); /* another program: its answer counts */
	assert_int_equal(diags_exit_code(&f->d), DIAG_TOOL);
}

static void test_errors(void **state)
{
	struct fixture *f = *state;
	struct scan s;

	put_program(f, answer(f, "\"no such header\""));
	assert_int_equal(ask(f, &s), -1);
	assert_string_equal(f->d.v[0].text, "libclang: no such header");
	put_program(f, "[]");
	assert_int_equal(ask(f, &s), -1);
	put_program(f, "nonsense");
	assert_int_equal(ask(f, &s), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
