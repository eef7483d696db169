/* SPDX-License-Identifier: BSD-2-Clause */
/* Levels, and the walk over a small tree whose files' needs are given, not compiled. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "explain.h"
#include "manifest.h"
#include "resolve.h"
#include "tool.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct arena *a;
	struct diags d;
	const char *home;
	struct tree *t;
	struct manifest *m;
	struct scan scan;
	struct selection sel;
	size_t batches;
};

/* What each own file of the tree defines and needs. */
static const struct {
	const char *label, *defines, *needs;
} files[] = {
	{"platforms/p/boot.c", "entry uk_hidden uk_plat_write", "uk_start linker_made uk_init_mem"},
	{"platforms/p/clock.c", "uk_plat_clock", ""},
	{"libs/start/start.c", "uk_start", "uk_app_main"},
	{"libs/start/mem.c", "memcpy", ""},
	{"libs/heap/heap.c", "malloc free", "uk_pages_take"},
	{"libs/bump/bump.c", "malloc free", "uk_plat_clock"},
	{"libs/pages/pages.c", "uk_pages_take", ""},
	{"libs/io/write.c", "uk_sys_write", "uk_plat_write"},
	{"libs/extra/extra.c", "uk_extra", "memcpy"},
	{"libs/auto/auto.c", "uk_auto", "uk_pages_take"},
	{"hardening/m/m.c", "uk_m_init uk_m_fault", ""},
	{"hardening/o/heap.c", "malloc free", ""},
	{"hardening/o/printf.c", "printf", ""},
};

static int read_needs(void *arg, const struct selection *sel, struct sel_file *const *list,
		      size_t len, struct diags *d)
{
	struct fixture *f = arg;

	(void)sel;
	(void)d;
	f->batches++;
	for (size_t i = 0; i < len; i++) {
		for (size_t k = 0; k < ARRAY_LEN(files); k++) {
			if (!str_eq(files[k].label, list[i]->label))
				continue;
			list[i]->defines = list[i]->needs = (struct strs){0};
			strs_split(f->a, &list[i]->defines, files[k].defines);
			strs_split(f->a, &list[i]->needs, files[k].needs);
		}
	}
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	assert_int_equal(file_write(path_join(f->a, f->home, path), text, strlen(text), &f->d), 0);
}

static void put_lib(struct fixture *f, const char *name, const char *config, const char *fragment)
{
	put(f, arena_printf(f->a, "libs/%s/lib.mk", name), fragment);
	put(f, arena_printf(f->a, "libs/%s/Kconfig", name),
	    arena_printf(f->a, "config LIB_%s\n\tbool \"%s\"\n", config, name));
}

static void put_tree(struct fixture *f)
{
	put(f, "kconfig/Kconfig",
	    "config UNITS\n\tstring\n\toption env=\"UKBUILD_UNITS\"\nsource \"$UNITS\"\n");
	put(f, "platforms/p/plat.mk", "SRC := boot.c\nSRC-uk_plat_clock := clock.c\n");
	put(f, "platforms/p/Kconfig", "config PLAT_P\n\tbool \"p\"\n");
	put(f, "platforms/p/image.ld", "ENTRY(entry)\nSECTIONS { linker_made = .; }\n");
	put_lib(f, "plat", "PLAT", "");
	put(f, "libs/plat/include/uk/plat.h",
	    "void uk_plat_write(void);\nvoid uk_plat_clock(void);\n"
	    "void uk_plat_gone(void);\n");
	put_lib(f, "start", "START",
		"PROVIDES := start\nSRC-uk_start := start.c\nSRC-memcpy := mem.c\n");
	put_lib(f, "heap", "HEAP", "PROVIDES := malloc\nSRC := heap.c\nEXPORTS := malloc free\n");
	put_lib(f, "bump", "BUMP", "PROVIDES := malloc\nSRC := bump.c\nEXPORTS := malloc free\n");
	put_lib(f, "pages", "PAGES", "SRC := pages.c\nEXPORTS := uk_pages_take\n");
	put_lib(f, "io", "IO", "SRC-uk_sys_write := write.c\n");
	put_lib(f, "extra", "EXTRA", "SRC := extra.c\nEXPORTS := uk_extra uk_hidden\n");
	put_lib(f, "auto", "AUTO", "SRC := auto.c\n");
	put(f, "libs/auto/Kconfig",
	    "config LIB_AUTO\n\tbool \"auto\"\n\tdefault y if LIB_HEAP && HEAP_AUTO\n"
	    "config HEAP_AUTO\n\tbool \"auto with heap\"\n\tdefault y\n");
	put_lib(f, "musl", "MUSL",
		"PROVIDES := start libc\nSOURCE := musl=1\nARCHIVE := a\nUNPACKED := "
		"musl-1\nSHA256 := "
		"0000000000000000000000000000000000000000000000000000000000000000\n");
	put(f, "libs/musl/musl.index",
	    "F src/printf.c\nD printf\nN memcpy write __lock\nF src/write.c\nD write\nN "
	    "uk_sys_write\n"
	    "F src/memcpy.c\nD memcpy\nF src/start.c\nD uk_start\nN uk_app_main exit\n"
	    "F src/exit.c\nD exit\nW __at_exit\nN __at_exit uk_sys_write\nF src/atexit.c\n"
	    "D __at_exit atexit\nF src/fork.c\nD fork\nN uk_sys_fork\nF src/lock.c\nW __lock\n");
	put(f, "hardening/m/harden.mk",
	    "LEVELS := off low high\nDEFAULT := low\nSRC.high := m.c\nINIT.high := mem:uk_m_init\n"
	    "FAULT := uk_m_fault\n");
	put(f, "hardening/m/Kconfig",
	    "config HARDEN_M\n\tbool \"m\"\nchoice\n\tprompt \"l\"\n\tdepends on HARDEN_M\n"
	    "config HARDEN_M_LOW\n\tbool \"l\"\nconfig HARDEN_M_HIGH\n\tbool \"h\"\nendchoice\n");
	put(f, "hardening/o/harden.mk",
	    "LEVELS := off on\nCONFLICTS := m=high\nSRC-malloc := heap.c\nSRC-free := heap.c\n"
	    "SRC-printf := printf.c\n");
	put(f, "hardening/o/Kconfig", "config HARDEN_O\n\tbool \"o\"\n");
	put(f, "hardening/profiles.mk", "none :=\ndefault := m=on\nboth := m=high o=on\n");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		put(f, files[i].label, "");
}

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	char template[] = "/tmp/ukbuild-resolve-XXXXXX";

	f->a = a;
	diags_init(&f->d, a);
	assert_non_null(mkdtemp(template));
	f->home = arena_strdup(a, template);
	put_tree(f);
	f->t = tree_load(a, f->home, &f->d);
	assert_non_null(f->t);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_remove_tree(f->home, &f->d), 0);
	arena_free(f->a);
	return 0;
}

/* needs: of the application; manifest: further lines. */
static int run_with(struct fixture *f, const char *needs, const char *harden, const char *manifest)
{
	const char *text = arena_printf(
		f->a, "name: x\nsources: x.c\nhardening: %s\nplatforms: p\n%s", harden, manifest);
	const struct tools tools = {0};
	const struct needs_reader reader = {read_needs, f};
	struct resolve_in in = {.tree = f->t,
				.scan = &f->scan,
				.tools = &tools,
				.platform = "p",
				.source_dir = "/src",
				.needs = &reader};

	f->scan = (struct scan){0};
	strs_split(f->a, &f->scan.needs, needs);
	strs_push(f->a, &f->scan.defines, "main");
	f->m = manifest_parse(f->a, "x.yaml", "/x", text, strlen(text), false, &f->d);
	assert_non_null(f->m);
	in.manifest = f->m;
	in.cache_dir = path_join(f->a, f->home, "cache");
	f->sel = (struct selection){0};
	return resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d) ||
			       resolve(f->a, &in, &f->sel, &f->d)
		       ? -1
		       : 0;
}

static int run(struct fixture *f, const char *needs, const char *manifest)
{
	return run_with(f, needs, "none", manifest);
}

static const char *labels(struct fixture *f)
{
	struct strs l = {0};

	for (size_t i = 0; i < f->sel.files_len; i++)
		strs_push(f->a, &l, f->sel.files[i]->label);
	return strs_join(f->a, &l, " ");
}

static const char *units(struct fixture *f)
{
	struct strs l = {0};

	for (size_t i = 0; i < f->sel.units_len; i++)
		strs_push(f->a, &l, f->sel.units[i]->name);
	return strs_join(f->a, &l, " ");
}

/* The newest run failed, and its first diagnostic says so. */
static void expect_error(struct fixture *f, size_t before, const char *part)
{
	assert_true(f->d.len > before);
	if (!strstr(f->d.v[before].text, part))
		fail_msg("'%s' is not in '%s'", part, f->d.v[before].text);
}

static void test_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "", ""), 0);
	assert_string_equal(labels(f), "libs/start/start.c platforms/p/boot.c");
	assert_string_equal(units(f), "start p");
	assert_string_equal(selection_config(&f->sel, "LIB_START"), "y");
	assert_string_equal(selection_config(&f->sel, "LIB_MUSL"), "n");
}

/* The linker script's entry is a reason to be in, and its place is the error's. */
static void test_entry(void **state)
{
	struct fixture *f = *state;
	const struct why *why;
	size_t before;

	put(f, "platforms/p/image.ld",
	    "/* ENTRY(gone) and\n*/ MY_ENTRY(gone) ENTRY ( uk_extra )\n"
	    "SECTIONS { linker_made = .; }\n");
	assert_int_equal(run(f, "", ""), 0);
	assert_string_equal(units(f), "extra start p");
	why = &f->sel.units_why[0];
	assert_int_equal(why->kind, WHY_ENTRY);
	assert_int_equal(why->loc.line, 2);
	assert_int_equal(why->loc.col, 27);
	assert_string_equal(explain_chain(f->a, why),
			    "the image starts in 'uk_extra' (image.ld:2:27)");
	put(f, "platforms/p/image.ld", "ENTRY(gone)\nSECTIONS { linker_made = .; }\n");
	before = f->d.len;
	assert_int_equal(run(f, "", ""), -1);
	expect_error(f, before, "nothing provides 'gone', where images of platform 'p' start");
	assert_int_equal(f->d.v[before].loc.line, 1);
	/* The platform's own file has it, though it does not say so: no library comes in. */
	put(f, "platforms/p/image.ld", "ENTRY(uk_hidden)\nSECTIONS { linker_made = .; }\n");
	assert_int_equal(run(f, "", ""), 0);
	assert_string_equal(units(f), "start p");
	/* Without a script of its own the platform has the one of libs/plat. */
	put(f, "libs/plat/image.ld", "ENTRY(entry)\nSECTIONS { linker_made = .; }\n");
	assert_string_equal(tree_script(f->a, f->t, f->sel.platform),
			    path_join(f->a, f->home, "platforms/p/image.ld"));
	assert_int_equal(file_remove_tree(path_join(f->a, f->home, "platforms/p/image.ld"), &f->d),
			 0);
	assert_string_equal(tree_script(f->a, f->t, f->sel.platform),
			    path_join(f->a, f->home, "libs/plat/image.ld"));
	assert_int_equal(run(f, "", ""), 0);
}

/* The smallest provider without a C library; the C library's own with one. */
static void test_provider(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "memcpy", ""), 0);
	assert_string_equal(labels(f), "libs/start/mem.c libs/start/start.c platforms/p/boot.c");
	assert_int_equal(run(f, "memcpy printf", ""), 0);
	assert_string_equal(labels(f), "libs/io/write.c musl/src/exit.c musl/src/lock.c "
				       "musl/src/memcpy.c musl/src/printf.c musl/src/start.c "
				       "musl/src/write.c platforms/p/boot.c");
	assert_string_equal(units(f), "io musl p");
	assert_string_equal(f->sel.files[2]->path, "/src/src/lock.c");
	/* One batch of the compiler for all that is known by index, one for libs/io and start. */
	assert_true(f->batches <= 12);
}

/* A weak definition of its own satisfies exit.c; a strong one wins only when it is in anyway. */
static void test_weak(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "printf", ""), 0);
	assert_null(strstr(labels(f), "atexit.c"));
	assert_int_equal(run(f, "printf atexit", ""), 0);
	assert_non_null(strstr(labels(f), "atexit.c"));
}

static void test_choice(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "malloc", ""), 0);
	assert_non_null(strstr(labels(f), "libs/bump/bump.c")); /* first by name */
	assert_int_equal(run(f, "malloc", "libs: [heap]\n"), 0);
	assert_non_null(strstr(labels(f), "libs/heap/heap.c libs/pages/pages.c"));
	assert_null(strstr(labels(f), "bump"));
	assert_int_equal(run(f, "malloc", "kconfig: {LIB_HEAP: y}\n"), 0);
	assert_non_null(strstr(labels(f), "libs/heap/heap.c"));
	assert_int_equal(run(f, "malloc", "kconfig: {LIB_BUMP: n}\n"), 0);
	assert_non_null(strstr(labels(f), "libs/heap/heap.c"));
	assert_int_equal(run(f, "malloc", "libs: [heap, bump]\n"), -1);
}

static void test_request(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "", "libs: [extra]\n"), 0);
	assert_non_null(strstr(labels(f), "libs/extra/extra.c libs/start/mem.c"));
	assert_int_equal(f->sel.units_why[0].kind, WHY_REQUEST);
	assert_int_equal(f->sel.units_why[0].loc.line, 5);
}

/* A library that only Kconfig switches on is in, with that reason, and goes with its cause. */
static void test_kconfig_library(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(f, "malloc", "libs: [heap]\n"), 0);
	assert_non_null(strstr(labels(f), "libs/auto/auto.c"));
	assert_string_equal(f->sel.units[0]->name, "auto");
	assert_int_equal(f->sel.units_why[0].kind, WHY_KCONFIG);
	assert_int_equal(run(f, "malloc", "libs: [heap]\nkconfig: {HEAP_AUTO: n}\n"), 0);
	assert_null(strstr(labels(f), "libs/auto/auto.c"));
	assert_int_equal(run(f, "", ""), 0);
	assert_null(strstr(labels(f), "libs/auto/auto.c"));
}

static void test_levels(void **state)
{
	struct fixture *f = *state;
	size_t before;

	assert_int_equal(run(f, "", ""), 0);
	assert_string_equal(f->sel.mechs[0].level, "off");
	assert_int_equal(manifest_override_harden(f->a, f->m, "--harden", "m=on", &f->d), 0);
	assert_int_equal(resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d), 0);
	assert_string_equal(f->sel.mechs[0].level, "low");
	assert_int_equal(manifest_override_harden(f->a, f->m, "--harden", "default", &f->d), 0);
	assert_int_equal(resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d), 0);
	assert_string_equal(f->sel.mechs[0].level, "low");
	assert_string_equal(f->sel.mechs[1].level, "off");
	before = f->d.len;
	assert_int_equal(manifest_override_harden(f->a, f->m, "--harden", "m=hihg", &f->d), 0);
	assert_int_equal(resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d), -1);
	expect_error(f, before, "mechanism 'm' has no level 'hihg'");
	before = f->d.len;
	assert_int_equal(manifest_override_harden(f->a, f->m, "--harden", "none,zz=on", &f->d), 0);
	assert_int_equal(resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d), -1);
	expect_error(f, before, "there is no mechanism 'zz'");
	before = f->d.len;
	f->m->harden.profile.s = "both";
	f->m->harden.mechs.len = 0;
	assert_int_equal(resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d), -1);
	expect_error(f, before, "'o=on' cannot be with 'm=high'");
	before = f->d.len;
	f->m->harden.profile.s = "defualt";
	assert_int_equal(resolve_levels(f->a, f->t, f->m, "p", &f->sel, &f->d), -1);
	expect_error(f, before, "there is no hardening profile 'defualt'");
}

/* A level brings its file; its hook and fault function need not be asked for by anybody. */
static void test_mechanism(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run_with(f, "", "{profile: none, m: low}", ""), 0);
	assert_null(strstr(labels(f), "hardening"));
	assert_string_equal(units(f), "start p m");
	assert_string_equal(selection_config(&f->sel, "HARDEN_M_LOW"), "y");
	assert_int_equal(run_with(f, "", "{profile: none, m: high}", ""), 0);
	assert_non_null(strstr(labels(f), "hardening/m/m.c"));
	assert_string_equal(selection_config(&f->sel, "HARDEN_M_HIGH"), "y");
}

/* What a mechanism that is on provides takes the place of a library's, the C library's too. */
static void test_replaced(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run_with(f, "malloc printf atexit", "{profile: none, o: on}", ""), 0);
	assert_string_equal(units(f), "io musl p o");
	assert_non_null(strstr(labels(f), "hardening/o/heap.c hardening/o/printf.c"));
	assert_null(strstr(labels(f), "libs/bump"));
	assert_null(strstr(labels(f), "musl/src/printf.c"));
	assert_int_equal(run(f, "malloc", ""), 0);
	assert_null(strstr(labels(f), "hardening"));
}

static void test_missing(void **state)
{
	struct fixture *f = *state;
	size_t before = f->d.len;

	assert_int_equal(run(f, "fork", ""), -1);
	expect_error(f, before,
		     "system call 'fork' is not implemented; 'fork' needs it through "
		     "musl/src/fork.c");
	assert_int_equal(run(f, "fork", "allow-missing: [fork]\n"), 0);
	assert_string_equal(strs_join(f->a, &f->sel.missing, " "), "fork");
	before = f->d.len;
	assert_int_equal(run(f, "prinft", ""), -1);
	expect_error(f, before, "nothing provides 'prinft', which the application uses");
	assert_string_equal(f->d.v[before].hint, "did you mean 'printf'?");
	before = f->d.len;
	assert_int_equal(run(f, "uk_plat_gone", ""), -1);
	expect_error(f, before, "nothing provides 'uk_plat_gone'");
	before = f->d.len;
	assert_int_equal(run(f, "uk_extra", "kconfig: {LIB_EXTRA: n}\n"), -1);
	expect_error(f, before, "nothing provides 'uk_extra'");
	assert_non_null(strstr(f->d.v[before + 1].text, "is switched off here"));
	before = f->d.len;
	assert_int_equal(run(f, "", "libs: [haep]\n"), -1);
	expect_error(f, before, "there is no library 'haep'");
	before = f->d.len;
	assert_int_equal(run(f, "", "kconfig: {LIB_NOPE: y}\n"), -1);
	expect_error(f, before, "there is no option 'LIB_NOPE'");
}

static void test_explain(void **state)
{
	struct fixture *f = *state;
	struct explain_in in;
	struct explanation e;

	assert_int_equal(run(f, "printf", ""), 0);
	in = (struct explain_in){.tree = f->t, .manifest = f->m, .scan = &f->scan, .sel = &f->sel};
	assert_int_equal(explain(f->a, &in, "io", &e, &f->d), 0);
	assert_true(e.is_in);
	assert_string_equal(strs_join(f->a, &e.lines, "|"),
			    "library 'io' is in the image:|"
			    "  the compiler calls 'printf' for the application|"
			    "  -> musl/src/printf.c needs 'write'|"
			    "  -> musl/src/write.c needs 'uk_sys_write'|files:|"
			    "  libs/io/write.c: the compiler calls 'printf' for the application -> "
			    "musl/src/printf.c needs 'write' -> musl/src/write.c needs "
			    "'uk_sys_write'|options:|  LIB_IO=y");
	assert_int_equal(explain(f->a, &in, "heap", &e, &f->d), 0);
	assert_false(e.is_in);
	assert_int_equal(explain_not(f->a, &in, "start", &e, &f->d), 0);
	assert_string_equal(e.lines.v[1], "  'memcpy' comes from musl/src/memcpy.c");
	assert_int_equal(explain(f->a, &in, "memcpy", &e, &f->d), 0);
	assert_string_equal(e.kind, "symbol");
	assert_string_equal(e.lines.v[0], "'memcpy' is defined by musl/src/memcpy.c:");
	assert_int_equal(explain_not(f->a, &in, "io", &e, &f->d), -1);
	assert_int_equal(explain(f->a, &in, "nonsense", &e, &f->d), -1);
}

static void test_no_main(void **state)
{
	struct fixture *f = *state;
	const struct tools tools = {0};
	struct resolve_in in = {.tree = f->t, .scan = &f->scan, .tools = &tools, .platform = "p"};
	size_t before;

	assert_int_equal(run(f, "", ""), 0);
	f->scan.defines.len = 0;
	in.manifest = f->m;
	in.cache_dir = path_join(f->a, f->home, "cache");
	before = f->d.len;
	assert_int_equal(resolve(f->a, &in, &f->sel, &f->d), -1);
	expect_error(f, before, "defines no 'main'");
	in.platform = "q";
	before = f->d.len;
	assert_int_equal(resolve(f->a, &in, &f->sel, &f->d), -1);
	expect_error(f, before, "there is no platform 'q'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_entry, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_provider, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_weak, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_choice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kconfig_library, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_levels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mechanism, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_main, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
