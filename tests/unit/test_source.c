/* SPDX-License-Identifier: BSD-2-Clause */
/* Preparing third-party sources from an archive in the cache, and what fetching says. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/proc.h"
#include "base/str.h"
#include "fetch.h"
#include "manifest.h"
#include "source.h"
#include "tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct arena *arena;
	struct diags diags;
	const char *dir, *cache; /* a scratch folder: unit/ and cache/ in it */
	struct unit unit;
	struct source_spec spec;
};

static void must(int status)
{
	assert_int_equal(status, 0);
}

static void put(struct fixture *f, const char *name, const char *text)
{
	must(file_write(path_join(f->arena, f->dir, name), text, strlen(text), &f->diags));
}

/* A unit whose archive, with the one file hello.txt, is in the cache already. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char template[] = "/tmp/ukb-source.XXXXXX";
	char *hex = malloc(HASH_HEX);

	f->arena = arena_new();
	diags_init(&f->diags, f->arena);
	f->dir = arena_strdup(f->arena, mkdtemp(template));
	f->cache = path_join(f->arena, f->dir, "cache");
	put(f, "demo-1.0/hello.txt", "one\ntwo\nthree\n");
	put(f, "unit/fix.patch",
	    "--- a/hello.txt\n+++ b/hello.txt\n"
	    "@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n");
	put(f, "unit/bad.patch",
	    "--- a/hello.txt\n+++ b/hello.txt\n"
	    "@@ -1,3 +1,3 @@\n one\n-zwei\n+TWO\n three\n");
	must(file_mkdirs(f->cache, &f->diags));
	const char *tar[] = {"tar", "-C", f->dir, "-czf", "cache/demo.tar.gz", "demo-1.0", NULL};
	struct proc_result result;
	struct proc_opts opts = {.cwd = f->dir};

	must(proc_check(f->arena, tar, &opts, &result, &f->diags));
	must(hash_file(path_join(f->arena, f->cache, "demo.tar.gz"), hex, &f->diags));
	f->spec = (struct source_spec){
		.package = "demo",
		.version = "1.0-1",
		.archive = "demo.tar.gz",
		.sha256 = hex,
		.unpacked = "demo-1.0",
	};
	f->unit = (struct unit){
		.name = "demo",
		.dir = path_join(f->arena, f->dir, "unit"),
		.source = &f->spec,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	must(file_remove_tree(f->dir, &f->diags));
	arena_free(f->arena);
	free((void *)(uintptr_t)f->spec.sha256);
	free(f);
	return 0;
}

static void add_patch(struct fixture *f, const char *file)
{
	struct word w = {.s = file};

	vec_push(f->arena, &f->spec.patches, w);
}

static char *text_of(struct fixture *f, const char *dir, const char *name)
{
	char *text;
	size_t len;

	must(file_read(f->arena, path_join(f->arena, dir, name), 1000, &text, &len, &f->diags));
	return text;
}

static size_t names_in_cache(struct fixture *f)
{
	struct strs names = {0};

	must(file_list(f->arena, f->cache, &names, &f->diags));
	return names.len;
}

static int prepare(struct fixture *f, const char **ret_dir)
{
	const struct source s = source_of_unit(f->arena, &f->unit);

	return source_prepare(f->arena, &s, f->cache, ret_dir, &f->diags);
}

static void test_prepare(void **state)
{
	struct fixture *f = *state;
	const char *dir, *again;

	must(prepare(f, &dir));
	assert_string_equal(text_of(f, dir, "hello.txt"), "one\ntwo\nthree\n");
	assert_int_equal(names_in_cache(f), 2);

	/* The archive is not needed again, and the folder is not made again. */
	must(unlink(path_join(f->arena, f->cache, "demo.tar.gz")));
	must(file_write(path_join(f->arena, dir, "hello.txt"), "mine", 4, &f->diags));
	must(prepare(f, &again));
	assert_string_equal(dir, again);
	assert_string_equal(text_of(f, dir, "hello.txt"), "mine");
}

static void test_patch_and_script(void **state)
{
	struct fixture *f = *state;
	const char *plain, *patched, *scripted;

	must(prepare(f, &plain));
	add_patch(f, "fix.patch");
	must(prepare(f, &patched));
	assert_string_not_equal(plain, patched);
	assert_string_equal(text_of(f, patched, "hello.txt"), "one\nTWO\nthree\n");
	put(f, "unit/prepare.sh", "cp hello.txt made.txt\n");
	must(prepare(f, &scripted));
	assert_string_equal(text_of(f, scripted, "made.txt"), "one\nTWO\nthree\n");
}

static void expect_failure(struct fixture *f, enum diag_kind kind, const char *text)
{
	const char *dir;
	size_t before = names_in_cache(f);

	assert_int_equal(prepare(f, &dir), -1);
	assert_int_equal(diags_exit_code(&f->diags), kind);
	assert_non_null(strstr(f->diags.v[0].text, text));
	assert_int_equal(names_in_cache(f), before);
}

static void test_wrong_hash(void **state)
{
	struct fixture *f = *state;

	must(file_write(path_join(f->arena, f->cache, "demo.tar.gz"), "x", 1, &f->diags));
	expect_failure(f, DIAG_CHECK, "wrong SHA-256");
}

static void test_bad_patch(void **state)
{
	struct fixture *f = *state;

	add_patch(f, "bad.patch");
	expect_failure(f, DIAG_INPUT, "'bad.patch' does not apply to demo 1.0-1: Hunk #1 FAILED");
}

/* What a manifest says goes through the same code: a path, the distribution's series, no given folder. */
static void test_manifest_source(void **state)
{
	struct fixture *f = *state;
	char hex[HASH_HEX], *text;
	struct msource ms = {
		.path = {"../cache/demo.tar.gz", {0}},
		.archive = {"demo.tar.gz", {0}},
		.sha256 = {f->spec.sha256, {0}},
		.series = {"demo.debian.tar.gz", {0}},
	};
	const struct manifest m = {.dir = f->unit.dir};
	const char *tar[] = {"tar", "-czf", "cache/demo.debian.tar.gz", "debian", NULL};
	struct proc_opts opts = {.cwd = f->dir};
	struct proc_result result;
	struct source s;
	const char *dir;

	put(f, "debian/patches/series", "# the distribution's\none.patch -p1\n\n");
	must(file_read(f->arena, path_join(f->arena, f->unit.dir, "fix.patch"), 1000, &text,
		       &(size_t){0}, &f->diags));
	put(f, "debian/patches/one.patch", text);
	must(proc_check(f->arena, tar, &opts, &result, &f->diags));
	must(hash_file(path_join(f->arena, f->cache, "demo.debian.tar.gz"), hex, &f->diags));
	ms.series_sha256.s = hex;
	s = source_of_manifest(f->arena, &m, &ms);
	assert_int_equal(s.kind, FETCH_PATH);
	assert_string_equal(s.name, "demo");
	s.series.name = path_join(f->arena, f->cache, "demo.debian.tar.gz");
	s.kind = FETCH_PACKAGE; /* only packages have a series */
	must(source_prepare(f->arena, &s, f->cache, &dir, &f->diags));
	assert_string_equal(text_of(f, dir, "hello.txt"), "one\nTWO\nthree\n");
	assert_non_null(strstr(dir, "/demo-"));

	ms.series = ms.series_sha256 = (struct mstr){0};
	s = source_of_manifest(f->arena, &m, &ms);
	must(source_prepare(f->arena, &s, f->cache, &dir, &f->diags));
	assert_string_equal(text_of(f, dir, "hello.txt"), "one\ntwo\nthree\n");
}

static void test_no_archive(void **state)
{
	struct fixture *f = *state;
	const struct manifest m = {.dir = f->unit.dir};
	struct msource ms = {
		.path = {"absent.tar.gz", {0}},
		.archive = {"absent.tar.gz", {0}},
		.sha256 = {f->spec.sha256, {0}},
	};
	struct source s = source_of_manifest(f->arena, &m, &ms);
	const char *dir;

	assert_int_equal(source_prepare(f->arena, &s, f->cache, &dir, &f->diags), -1);
	assert_int_equal(diags_exit_code(&f->diags), DIAG_INPUT);
	assert_non_null(strstr(f->diags.v[0].text, "there is no archive"));
}

static void test_failing_script(void **state)
{
	struct fixture *f = *state;

	put(f, "unit/prepare.sh", "exit 7\n");
	expect_failure(f, DIAG_TOOL, "status 7");
}

static void test_wrong_folder(void **state)
{
	struct fixture *f = *state;

	f->spec.unpacked = "demo-2.0";
	expect_failure(f, DIAG_INPUT, "no folder 'demo-2.0'");
}

static void test_one_line_entries(void **state)
{
	struct fixture *f = *state;
	struct sb out;

	sb_init(&out, f->arena);
	fetch_entries_one_line(
		f->arena,
		"# deb http://mirror.example/debian bookworm main\n"
		"deb http://mirror.example/debian bookworm main contrib # comment\n"
		"deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
		"http://mirror.example/debian bookworm-updates main\n"
		"deb [signed-by=/etc/apt/keyrings/other.gpg] http://other.example bookworm main\n"
		"deb http://other.example/apt bookworm-pgdg main\n"
		"deb http://other.example/linux/debian bookworm stable\n"
		"deb-src http://mirror.example/debian bookworm main\n"
		"deb\ndeb [\ndeb x y\n",
		"bookworm", &out);
	assert_string_equal(
		sb_str(&out),
		"deb-src http://mirror.example/debian bookworm main\n"
		"deb-src [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
		"http://mirror.example/debian bookworm-updates main\n");
}

static void test_deb822_entries(void **state)
{
	struct fixture *f = *state;
	struct sb out;

	sb_init(&out, f->arena);
	fetch_entries_deb822(f->arena,
			     "Types: deb deb-src\n# note\nURIs: http://mirror.example/debian\n"
			     "suites: bookworm bookworm-updates sid\nComponents: main contrib\n"
			     "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
			     "\n"
			     "Types: deb\nURIs: http://other.example\nSuites: nodistro\n"
			     "Components: main\n"
			     "\n"
			     "Types: deb\nURIs: http://other.example\nSuites: bookworm\n"
			     "Components: main\nSigned-By:\n -----BEGIN KEY-----\n .\n abc\n"
			     "\n"
			     "Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\n"
			     "Suites: bookworm\nComponents: main\n"
			     "\n\n"
			     "Types: deb\nURIs: http://a.example\n http://b.example\n"
			     "Suites: bookworm-security\nComponents: main",
			     "bookworm", &out);
	assert_string_equal(sb_str(&out),
			    "Types: deb-src\nURIs: http://mirror.example/debian\n"
			    "Suites: bookworm bookworm-updates\nComponents: main\n"
			    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
			    "Types: deb-src\nURIs: http://a.example\n http://b.example\n"
			    "Suites: bookworm-security\nComponents: main\n\n");
}

static void test_explain(void **state)
{
	static const struct {
		const char *output, *text;
	} cases[] = {
		{"Err:1 x\n  Temporary failure resolving 'x'\nE: Unable to find a source package",
		 "cannot fetch 'demo.tar.gz': no network"},
		{"E: Failed to fetch x/demo.tar.gz  404  Not Found", "does not serve it (404)"},
		{"E: Unable to find a source package for demo", "no source package 'demo'"},
		{"W: a\nE: out of disk", "apt-get: E: out of disk"},
		{"", "failed without a message"},
	};
	const struct fetch wanted = {.from = "demo", .version = "1.0-1", .file = "demo.tar.gz"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		diags_init(&f->diags, f->arena);
		assert_int_equal(fetch_explain(f->arena, &wanted, cases[i].output, &f->diags), -1);
		assert_int_equal(diags_exit_code(&f->diags), DIAG_TOOL);
		assert_non_null(strstr(f->diags.v[0].text, cases[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_prepare, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patch_and_script, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_hash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_patch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_manifest_source, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_archive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failing_script, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_line_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deb822_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_explain, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
