/* SPDX-License-Identifier: BSD-2-Clause */
/* Kconfig: reading its files, expressions, and that no request vanishes in silence. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "kconf.h"
#include "kconf_check.h"
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
	struct tools tools;
};

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	char template[] = "/tmp/ukbuild-kconf-XXXXXX";

	f->a = a;
	diags_init(&f->d, a);
	assert_non_null(mkdtemp(template));
	f->home = arena_strdup(a, template);
	strs_push(a, &f->tools.features, "KCFI");
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

static void put(struct fixture *f, const char *path, const char *text)
{
	assert_int_equal(file_write(path_join(f->a, f->home, path), text, strlen(text), &f->d), 0);
}

/* A tree of two heaps, a library with options, two mechanisms. */
static void put_tree(struct fixture *f)
{
	put(f, "kconfig/Kconfig",
	    "mainmenu \"t\"\nconfig UNITS\n\tstring\n\toption env=\"UKBUILD_UNITS\"\n"
	    "source \"$UNITS\"\n");
	put(f, "libs/heap/lib.mk", "PROVIDES := malloc\n");
	put(f, "libs/heap/Kconfig",
	    "config LIB_HEAP\n\tbool \"heap\"\n\tselect NEEDS_PAGES\n\thelp\n\t  Text.\n\n"
	    "\t  config NOT_A_SYMBOL\n\nconfig HEAP_KIB\n\tint \"size\"\n\trange 4 64\n"
	    "\tdefault 16\n\tdepends on LIB_HEAP\n");
	put(f, "libs/bump/lib.mk", "PROVIDES := malloc\n");
	put(f, "libs/bump/Kconfig", "config LIB_BUMP\n\tbool \"bump\"\n");
	put(f, "libs/net/lib.mk", "PROVIDES := net\n");
	put(f, "libs/net/Kconfig",
	    "config LIB_NET\n\tbool \"net\"\n\tdepends on HAS_NET && CC_HAS_KCFI\n");
	put(f, "hardening/wx/harden.mk", "LEVELS := off on\n");
	put(f, "hardening/wx/Kconfig", "config HARDEN_WX\n\tbool \"wx\"\n\tselect NEEDS_PAGING\n");
	put(f, "hardening/xom/harden.mk", "LEVELS := off on\n");
	put(f, "hardening/xom/Kconfig",
	    "config HARDEN_XOM\n\tbool \"xom\"\n\tdepends on !HARDEN_WX\n"
	    "\tdepends on CC_HAS_XOM\n");
}

static struct kconf *read_tree(struct fixture *f)
{
	struct tree *t = tree_load(f->a, f->home, &f->d);

	assert_non_null(t);
	return kconf_read(f->a, t, &f->tools, &f->d);
}

static int run(struct fixture *f, const struct kconf *k, const struct kconf_request *r, size_t len,
	       struct kconf_values *ret)
{
	return kconf_run(f->a, k, path_join(f->a, f->home, "cache"), r, len, ret, &f->d);
}

static bool has_kconfig(struct fixture *f)
{
	return proc_which(f->a, "kconfig-conf") != NULL;
}

static void test_parse(void **state)
{
	struct fixture *f = *state;
	const struct kconf_symbol *s;
	struct kconf *k;

	put_tree(f);
	k = read_tree(f);
	assert_non_null(k);
	assert_null(kconf_find(k, "NOT_A_SYMBOL")); /* help text */
	s = kconf_find(k, "HEAP_KIB");
	assert_non_null(s);
	assert_string_equal(s->type, "int");
	assert_string_equal(s->prompt, "size");
	assert_string_equal(s->depends.v[0], "LIB_HEAP");
	assert_int_equal(s->loc.line, 9);
	assert_string_equal(s->unit->name, "heap");
	s = kconf_find(k, "LIB_HEAP");
	assert_string_equal(s->selects.v[0], "NEEDS_PAGES");
	assert_int_equal(s->choice, kconf_find(k, "LIB_BUMP")->choice);
	assert_int_not_equal(s->choice, 0);
	assert_int_equal(kconf_find(k, "LIB_NET")->choice, 0);
	assert_non_null(strstr(k->units, "config CC_HAS_KCFI\n\tdef_bool y"));
	assert_non_null(strstr(k->units, "config CC_HAS_XOM\n\tdef_bool n"));
	assert_non_null(strstr(k->units, "config NEEDS_PAGES\n\tbool\n"));
	assert_non_null(strstr(k->units, "config HAS_NET\n\tbool\n"));
}

static void test_blocks(void **state)
{
	static const char text[] = "if A\nchoice\n\tprompt \"c\"\n\tdepends on B\nconfig C1\n"
				   "\tbool \"one\"\nconfig C2\n\tbool \"two\"\nendchoice\nendif\n"
				   "config D\n\tbool\n";
	struct fixture *f = *state;
	const struct kconf_symbol *s;
	struct kconf k = {0};

	assert_int_equal(kconf_parse(f->a, &k, NULL, "K", text, sizeof(text) - 1, &f->d), 0);
	s = kconf_find(&k, "C2");
	assert_int_equal(s->depends.len, 2);
	assert_string_equal(s->depends.v[0], "A");
	assert_string_equal(s->depends.v[1], "B");
	assert_int_equal(s->choice, kconf_find(&k, "C1")->choice);
	assert_int_equal(kconf_find(&k, "D")->depends.len, 0);
	assert_int_equal(kconf_find(&k, "D")->choice, 0);
	assert_null(kconf_find(&k, "D")->prompt);
}

static void test_eval(void **state)
{
	static const struct {
		const char *expr;
		bool val;
	} cases[] = {
		{"A", true},       {"B", false},           {"!B", true},          {"A && B", false},
		{"A || B", true},  {"B || A && !B", true}, {"!(A && !B)", false}, {"N = 7", true},
		{"N != 7", false}, {"N = \"7\"", true},    {"!A || N=8", false},  {"y", true},
		{"", false},       {"((", false},
	};
	struct kconf_value v[] = {{"A", "y"}, {"N", "7"}};
	struct kconf_values values = {v, 2, 2};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(kconf_eval(f->a, cases[i].expr, &values), cases[i].val);
}

static void test_config(void **state)
{
	static const char text[] =
		"# comment\nCONFIG_B=y\n# CONFIG_C is not set\nCONFIG_A=\"x \\\" y\"\n";
	struct fixture *f = *state;
	struct kconf_values v;

	assert_int_equal(kconf_parse_config(f->a, "c", text, sizeof(text) - 1, &v, &f->d), 0);
	assert_int_equal(v.len, 2);
	assert_string_equal(kconf_value(&v, "A"), "x \" y");
	assert_string_equal(kconf_value(&v, "B"), "y");
	assert_string_equal(kconf_value(&v, "C"), "n");
	assert_int_equal(kconf_parse_config(f->a, "c", "B=y\n", 4, &v, &f->d), -1);
}

static void test_outcome(void **state)
{
	const struct kconf_request r[] = {
		{"LIB_HEAP", "y", loc_none, "heap"},
		{"HEAP_KIB", "32", loc_none, "size"},
		{"HARDEN_WX", "y", loc_none, "wx"},
		{"HARDEN_XOM", "n", loc_none, "xom"},
	};
	struct fixture *f = *state;
	struct kconf_values v;
	struct kconf *k;

	if (!has_kconfig(f))
		skip();
	put_tree(f);
	k = read_tree(f);
	assert_int_equal(run(f, k, r, ARRAY_LEN(r), &v), 0);
	assert_string_equal(kconf_value(&v, "HEAP_KIB"), "32");
	assert_string_equal(kconf_value(&v, "NEEDS_PAGES"), "y");
	assert_string_equal(kconf_value(&v, "NEEDS_PAGING"), "y");
	assert_string_equal(kconf_value(&v, "LIB_BUMP"), "n");
	/* The same again: from the cache, with the same result, and no program. */
	f->tools.features.len = 0;
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(run(f, k, r, ARRAY_LEN(r), &v), 0);
	assert_string_equal(kconf_value(&v, "HEAP_KIB"), "32");
}

/* kconfig-conf exits 0 for each of these. */
static void test_dropped(void **state)
{
	static const struct {
		struct kconf_request r[2];
		const char *part;
	} cases[] = {
		{{{"LIB_NET", "y", {"m", 3, 4}, "library 'net'"}}, "depends on 'HAS_NET"},
		{{{"LIB_NET", "y", {"m", 3, 4}, "library 'net'"}}, "HAS_NET=n, CC_HAS_KCFI=y"},
		{{{"LIB_HEAP", "y", {"m", 1, 1}, "library 'heap'"},
		  {"LIB_BUMP", "y", {"m", 2, 1}, "library 'bump'"}},
		 "cannot be together with"},
		{{{"HARDEN_WX", "y", {"m", 1, 1}, "wx"}, {"HARDEN_XOM", "y", {"m", 2, 1}, "xom"}},
		 "'HARDEN_XOM' depends on '!HARDEN_WX' (HARDEN_WX=y)"},
		{{{"HEAP_KIB", "32", {"m", 1, 1}, "size"}}, "depends on 'LIB_HEAP'"},
		{{{"LIB_HEAP", "y", {"m", 1, 1}, "heap"}, {"HEAP_KIB", "99", {"m", 2, 1}, "size"}},
		 "was asked to be '99'"},
		{{{"LIB_HAEP", "y", {"m", 1, 1}, "x"}}, "there is no option 'LIB_HAEP'"},
		{{{"NEEDS_PAGES", "y", {"m", 1, 1}, "x"}}, "there is no option"},
		{{{"HEAP_KIB", "y", {"m", 1, 1}, "x"}}, "is a number, not 'y'"},
		{{{"LIB_HEAP", "yes", {"m", 1, 1}, "x"}}, "is y or n, not 'yes'"},
		{{{"LIB_HEAP", "y\"", {"m", 1, 1}, "x"}}, "no quotes"},
	};
	struct fixture *f = *state;
	struct kconf_values v;
	struct kconf *k;

	if (!has_kconfig(f))
		skip();
	put_tree(f);
	k = read_tree(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t before = f->d.len;

		assert_int_equal(run(f, k, cases[i].r, cases[i].r[1].name ? 2 : 1, &v), -1);
		assert_true(f->d.len > before);
		assert_non_null(strstr(f->d.v[before].text, cases[i].part));
		assert_string_equal(f->d.v[before].loc.path, "m");
	}
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

/* Platforms of one folder share one file; with a rival they are members of one choice. */
static void test_several_of_one_folder(void **state)
{
	static const char *const fragments[] = {"NAMES := a b\n",
						"NAMES := a b\nPROVIDES := clock\n",
						"NAMES := a b\nPROVIDES.b := clock\n"};
	struct fixture *f = *state;

	put_tree(f);
	put(f, "platforms/two/Kconfig",
	    "config PLAT_A\n\tbool \"a\"\n\nconfig SHARED\n\tint \"shared\"\n\nconfig PLAT_B\n"
	    "\tbool \"b\"\n");
	put(f, "platforms/c/plat.mk", "PROVIDES := clock\n");
	put(f, "platforms/c/Kconfig", "config PLAT_C\n\tbool \"c\"\n");
	for (size_t i = 0; i < ARRAY_LEN(fragments); i++) {
		const char *end, *shared;
		struct kconf *k;

		put(f, "platforms/two/plat.mk", fragments[i]);
		k = read_tree(f);
		assert_non_null(k);
		assert_string_equal(kconf_find(k, "PLAT_A")->unit->name, "a");
		assert_string_equal(kconf_find(k, "PLAT_B")->unit->name, "b");
		if (i == 0) {
			assert_int_equal(count(k->units, "platforms/two/Kconfig\""), 1);
			continue;
		}
		assert_int_equal(count(k->units, "platforms/two/Kconfig\""), 0);
		assert_int_equal(count(k->units, "config PLAT_A"), 1);
		assert_int_equal(count(k->units, "config PLAT_B"), 1);
		end = strstr(k->units, "endchoice");
		shared = strstr(k->units, "config SHARED");
		assert_true(strstr(k->units, "config PLAT_B") < end && end < shared);
		assert_int_equal(strstr(k->units, "config PLAT_A") < end, i == 1);
		assert_int_equal(count(k->units, "config SHARED"), 1);
	}
}

/* Mistakes of Kconfig files themselves, which kconfig-conf mostly tolerates. */
static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"config LIB_NET\n\tbool \"net\"\n\tdepends on LIB_HAEP\n",
		 "no Kconfig file declares 'LIB_HAEP'"},
		{"config LIB_OTHER\n\tbool \"net\"\n", "does not declare its option 'LIB_NET'"},
		{"config LIB_NET\n\tbool \"net\"\n\tdefault y\n\tselect LIB_X\nconfig LIB_X\n"
		 "\tbool \"x\"\n\tdepends on HAS_X\n",
		 "unmet direct dependencies"},
		{"config LIB_NET\n\tbool \"net\"\n\tdepends on LIB_Y\nconfig LIB_Y\n\tbool \"y\"\n"
		 "\tdepends on LIB_NET\n",
		 "recursive dependency"},
		{"config LIB_NET\n\tbool \"net\"\n\tbanana\n", "banana"},
	};
	struct fixture *f = *state;
	struct kconf_values v;

	if (!has_kconfig(f))
		skip();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t before;
		bool found = false;
		struct kconf *k;

		put_tree(f);
		put(f, "libs/net/Kconfig", cases[i].text);
		before = f->d.len;
		k = read_tree(f);
		assert_true(!k || run(f, k, NULL, 0, &v) == -1);
		for (size_t n = before; n < f->d.len; n++)
			found = found || strstr(f->d.v[n].text, cases[i].part);
		assert_true(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_blocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_eval, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_config, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_several_of_one_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_outcome, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
