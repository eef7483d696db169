/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments, public headers, the index of a third-party source, and loading a whole tree. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
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
	const char *home; /* an empty folder */
};

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	char template[] = "/tmp/ukbuild-tree-XXXXXX";

	f->a = a;
	diags_init(&f->d, a);
	assert_non_null(mkdtemp(template));
	f->home = arena_strdup(a, template);
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

static int parse(struct fixture *f, enum unit_kind kind, const char *text, struct unit *u)
{
	*u = (struct unit){.kind = kind, .name = "x", .dir = "/x", .rel = "x"};
	return tree_parse_fragment(f->a, u, "x.mk", text, strlen(text), &f->d);
}

static void put(struct fixture *f, const char *path, const char *text)
{
	assert_int_equal(file_write(path_join(f->a, f->home, path), text, strlen(text), &f->d), 0);
}

static void test_library(void **state)
{
	struct fixture *f = *state;
	struct unit u;

	assert_int_equal(parse(f, UNIT_LIB,
			       "# comment\n"
			       "PROVIDES := malloc\n"
			       "SRC := a.c b.c # trailing\n"
			       "SRC += c.c\n"
			       "SRC-uk_sys_write := write.c\n"
			       "SYSTEM-HEADERS := xen=libxen-dev\n"
			       "INIT := mem:uk_x_init late:uk_x_late\n"
			       "# The canary is not there yet.\n"
			       "# It comes later.\n"
			       "NOHARDEN.canary := a.c\n",
			       &u),
			 0);
	assert_string_equal(u.provides.v[0].s, "malloc");
	assert_int_equal(u.src.len, 3);
	assert_string_equal(u.src.v[2].s, "c.c");
	assert_int_equal(u.src.v[1].loc.line, 3);
	assert_int_equal(u.src.v[1].loc.col, 12);
	assert_string_equal(u.sym_src.v[0].symbol, "uk_sys_write");
	assert_string_equal(u.sym_src.v[0].file, "write.c");
	assert_string_equal(u.init.v[1].phase, "late");
	assert_string_equal(u.init.v[1].function, "uk_x_late");
	assert_string_equal(u.exempt.v[0].mechanism, "canary");
	assert_string_equal(u.headers.v[0].folder, "xen");
	assert_string_equal(u.headers.v[0].package, "libxen-dev");
	assert_int_equal(u.headers.v[0].loc.col, 19);
	assert_string_equal(u.exempt.v[0].reason, "The canary is not there yet. It comes later.");
}

static void test_mechanism(void **state)
{
	struct fixture *f = *state;
	struct unit u;

	assert_int_equal(parse(f, UNIT_MECHANISM,
			       "LEVELS := off strong all\nDEFAULT := strong\n"
			       "CFLAGS.all := -fall\nCFLAGS := -fboth\nCFLAGS-OWN.all := -fours\n"
			       "CFLAGS-SEED := -fseed=\nSRC := r.c\n",
			       &u),
			 0);
	assert_string_equal(mechanism_level(&u, "on"), "strong");
	assert_string_equal(mechanism_level(&u, "off"), "off");
	assert_null(mechanism_level(&u, "weak"));
	assert_int_equal(u.levels.len, 2);
	assert_string_equal(u.levels.v[0].name, "all");
	assert_int_equal(u.levels.v[0].cflags.len, 1);
	assert_string_equal(u.levels.v[0].cflags_own.v[0].s, "-fours");
	assert_string_equal(u.levels.v[1].name, "");
	assert_string_equal(u.levels.v[1].cflags_seed.v[0].s, "-fseed=");
	assert_string_equal(u.levels.v[1].src.v[0].s, "r.c");
	assert_int_equal(parse(f, UNIT_MECHANISM,
			       "LEVELS := off a b\nSTATUS.k := proven\n"
			       "STATUS.x-y := inherent the host  does\nREFUSED.z := no way\n",
			       &u),
			 0);
	assert_int_equal(mechanism_status(&u, "k")->standing, STANDS_PROVEN);
	assert_int_equal(mechanism_status(&u, "x-y")->standing, STANDS_INHERENT);
	assert_string_equal(mechanism_status(&u, "x-y")->reason, "the host does");
	assert_int_equal(mechanism_status(&u, "z")->standing, STANDS_REFUSED);
	assert_int_equal(mechanism_status(&u, "q")->standing, STANDS_UNTRIED);
	assert_string_equal(u.default_level, "b");
}

/* Each is one error, at this line and column. */
static void test_errors(void **state)
{
	static const struct {
		enum unit_kind kind;
		const char *text;
		unsigned line, col;
		const char *part;
	} cases[] = {
		{UNIT_LIB, "SRC = a.c\n", 1, 5, "expected 'NAME := words'"},
		{UNIT_LIB, "\nSRCS := a.c\n", 2, 1, "unknown name 'SRCS'"},
		{UNIT_LIB, "SRC := a.c \\\n", 1, 12, "not continued"},
		{UNIT_LIB, "SRC := $(X)\n", 1, 8, "'$' has no place"},
		{UNIT_LIB, "SRC := a.c\nSRC := b.c\n", 2, 1, "a second time"},
		{UNIT_LIB, "SRC.x := a.c\n", 1, 1, "takes no '.x'"},
		{UNIT_LIB, "LEVELS := off on\n", 1, 1, "no meaning for a library"},
		{UNIT_LIB, "INIT := now:f\n", 1, 9, "is not phase:function"},
		{UNIT_LIB, "NOHARDEN.cfi := a.c\n", 1, 1, "without a reason"},
		{UNIT_LIB, "# why\n\nNOHARDEN := a.c\n", 3, 1, "needs '.mechanism'"},
		{UNIT_LIB, "SRC-f := a.c b.c\n", 1, 1, "expected 'SRC-symbol := file'"},
		{UNIT_LIB, "SHA256 := abc\n", 1, 11, "64 lower-case hex"},
		{UNIT_LIB, "SOURCE := musl\n", 1, 11, "is not package=version"},
		{UNIT_LIB, "OVERLAY := a b\n", 1, 1, "exactly one word"},
		{UNIT_PLATFORM, "include x.mk\n", 1, 9, "expected 'NAME := words'"},
		{UNIT_PLATFORM, "NAMES := a b a\n", 1, 14, "platform 'a' a second time"},
		{UNIT_PLATFORM, "NAMES :=\n", 1, 1, "expected 'NAMES := platform"},
		{UNIT_PLATFORM, "NAMES += a\n", 1, 1, "expected 'NAMES := platform"},
		{UNIT_PLATFORM, "NAMES := a B_c\n", 1, 12, "'B_c' is no name"},
		{UNIT_PLATFORM, "NAMES := a\nNAMES := b\n", 2, 1, "a second time"},
		{UNIT_PLATFORM, "NAMES.a := a\n", 1, 1, "takes no '.a'"},
		{UNIT_PLATFORM, "NAMES := a-b c\nSRC.a-c := x.c\n", 2, 5,
		 "'.a-c' is none of the platforms"},
		{UNIT_PLATFORM, "CFLAGS.y := -f\n", 1, 8, "'.y' is none of the platforms"},
		{UNIT_PLATFORM, "NAMES := a b\nINIT.b := early\n", 2, 11, "is not phase:function"},
		{UNIT_PLATFORM, "NAMES := a\nASFLAGS.a := -f\n", 2, 1, "takes no '.a'"},
		{UNIT_PLATFORM, "NAMES := a\nSRC-f.a := x.c\n", 2, 1, "expected 'SRC-symbol"},
		{UNIT_PLATFORM, "NAMES := a\nSRC.a := x.c\nSRC.a := y.c\n", 3, 1, "a second time"},
		{UNIT_LIB, "NAMES := a\n", 1, 1, "no meaning for a library"},
		{UNIT_LIB, "SYSTEM-HEADERS := xen=x xen\n", 1, 25, "'xen' is not folder=package"},
		{UNIT_LIB, "SYSTEM-HEADERS := a/b=c\n", 1, 19, "is not folder=package"},
		{UNIT_LIB, "SYSTEM-HEADERS := =c\n", 1, 19, "is not folder=package"},
		{UNIT_LIB, "SYSTEM-HEADERS := ..=c\n", 1, 19, "is not folder=package"},
		{UNIT_LIB, "SYSTEM-HEADERS := xen=\n", 1, 19, "is not folder=package"},
		{UNIT_PLATFORM, "SYSTEM-HEADERS := xen=lib_x\n", 1, 19, "is not folder=package"},
		{UNIT_MECHANISM, "SYSTEM-HEADERS := xen=x\n", 1, 1, "no meaning for a mechanism"},
		{UNIT_MECHANISM, "STATUS := proven\n", 1, 1, "needs '.platform'"},
		{UNIT_MECHANISM, "STATUS.kvm := good\n", 1, 15, "begins with proven, verifier or"},
		{UNIT_MECHANISM, "STATUS.kvm :=\n", 1, 1, "begins with proven, verifier or"},
		{UNIT_MECHANISM, "STATUS.kvm := inherent\n", 1, 1, "without a reason"},
		{UNIT_MECHANISM, "STATUS.kvm := proven by me\n", 1, 1, "needs no reason"},
		{UNIT_MECHANISM, "STATUS.kvm := proven\nSTATUS.kvm := proven\n", 2, 1,
		 "a second time"},
		{UNIT_MECHANISM, "STATUS.kvm += proven\n", 1, 1, "is said once"},
		{UNIT_MECHANISM, "REFUSED.kvm :=\n", 1, 1, "without a reason"},
		{UNIT_MECHANISM, "REFUSED.kvm := it is\nSTATUS.kvm := proven\n", 2, 1,
		 "both STATUS and REFUSED"},
		{UNIT_PLATFORM, "STATUS.x := proven\n", 1, 1, "no meaning for a platform"},
		{UNIT_MECHANISM, "SRC := a.c\n", 1, 1, "has no LEVELS"},
		{UNIT_MECHANISM, "LEVELS := on off\n", 1, 1, "must begin with 'off'"},
		{UNIT_MECHANISM, "LEVELS := off on\nCFLAGS.max := -f\n", 1, 1,
		 "not one of the LEVELS"},
		{UNIT_LIB, "CFLAGS-OWN := -f\n", 1, 1, "no meaning for a library"},
	};
	struct fixture *f = *state;
	struct unit u;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		diags_init(&f->d, f->a); /* it stops after some errors */
		assert_int_equal(parse(f, cases[i].kind, cases[i].text, &u), -1);
		assert_true(f->d.len > 0);
		assert_non_null(strstr(f->d.v[0].text, cases[i].part));
		assert_int_equal(f->d.v[0].loc.line, cases[i].line);
		assert_int_equal(f->d.v[0].loc.col, cases[i].col);
	}
}

/* What is said of another platform of the folder is not this one's. */
static void test_platform_of_several(void **state)
{
	static const char text[] = "SRC := both.c\nSRC.a := a.c\nNAMES := a b\nSRC.b := b.c\n"
				   "CFLAGS.b += -fb\nINIT.a := early:uk_a\nPROVIDES.b := clock\n"
				   "SRC-f := f.c\n# why\nNOHARDEN.cfi := both.c\n";
	struct fixture *f = *state;
	struct unit whole, a;

	assert_int_equal(parse(f, UNIT_PLATFORM, text, &whole), 0);
	assert_int_equal(whole.names.len, 2);
	assert_int_equal(whole.src.len, 3);
	a = (struct unit){.kind = UNIT_PLATFORM, .name = "a", .names = whole.names};
	assert_int_equal(tree_parse_fragment(f->a, &a, "x.mk", text, strlen(text), &f->d), 0);
	assert_int_equal(a.names.len, 2);
	assert_int_equal(a.src.len, 2);
	assert_string_equal(a.src.v[0].s, "both.c");
	assert_string_equal(a.src.v[1].s, "a.c");
	assert_int_equal(a.cflags.len, 0);
	assert_int_equal(a.provides.len, 0);
	assert_string_equal(a.init.v[0].function, "uk_a");
	assert_string_equal(a.sym_src.v[0].symbol, "f");
	assert_int_equal(a.exempt.len, 1);
}

/* The blank line ends a comment: it is no reason then. */
static void test_reason_must_touch(void **state)
{
	struct fixture *f = *state;
	struct unit u;

	assert_int_equal(parse(f, UNIT_LIB, "# about SRC\nSRC := a.c\nNOHARDEN.cfi := a.c\n", &u),
			 -1);
}

static void test_header_symbols(void **state)
{
	static const char text[] =
		"/* int commented(void); */\n"
		"#define MACRO(x) int macro_##x(void);\n"
		"#include <stddef.h>\n"
		"struct point { int (*hook)(int); int x; };\n"
		"enum kind { A = 1, B };\n"
		"typedef int (*callback)(void);\n"
		"static int hidden(void);\nint plain(void);\n"
		"void *pointer(struct point *p, int (*f)(int))\n\t__attribute__((malloc));\n"
		"_Noreturn void die(const char *why); // done(void)\n"
		"__attribute__((noreturn)) void gone(void);\n"
		"static inline int inner(void)\n{\n\treturn plain();\n}\n"
		"extern const char start[], end[];\n"
		"extern int (*handler)(int);\n"
		"extern struct point origin;\n"
		"_Static_assert(sizeof(int) == 4, \"int\");\n"
		"struct point make(void), remake(void);\n";
	static const char *const want[] = {"plain", "pointer", "die",    "gone", "start",
					   "end",   "handler", "origin", "make", "remake"};
	struct fixture *f = *state;
	struct strs got = {0};

	tree_header_symbols(f->a, text, sizeof(text) - 1, &got);
	for (size_t i = 0; i < ARRAY_LEN(want) && i < got.len; i++)
		assert_string_equal(got.v[i], want[i]);
	assert_int_equal(got.len, ARRAY_LEN(want));
}

static void test_index(void **state)
{
	static const char text[] = "# generated\nF src/a.c\nD strong\nW soft\nN need other\n"
				   "F src/b.c\nD soft\n";
	struct fixture *f = *state;
	const struct index_file *file;
	struct unit u = {0};

	assert_int_equal(tree_parse_index(f->a, &u, "x", text, sizeof(text) - 1, &f->d), 0);
	assert_int_equal(u.index_len, 2);
	assert_int_equal(u.index[0].needs.len, 2);
	file = map_get(u.index_by_symbol, "soft", NULL);
	assert_string_equal(file->file, "src/b.c"); /* strong wins */
	assert_int_equal(tree_parse_index(f->a, &u, "x", "D early\n", 8, &f->d), -1);
}

static void put_tree(struct fixture *f)
{
	put(f, "libs/one/lib.mk", "SRC := one.c\nEXPORTS := extra\nSRC-late := late.c\n");
	put(f, "libs/one/one.c", "");
	put(f, "libs/one/late.c", "");
	put(f, "libs/one/include/uk/one.h", "int uk_one_go(void);\n");
	put(f, "platforms/p-q/plat.mk", "SRC := boot.c\n");
	put(f, "platforms/p-q/boot.c", "");
	put(f, "hardening/m/harden.mk", "LEVELS := off on\n");
	put(f, "hardening/profiles.mk", "# all\nnone :=\ndefault := m=on\n");
}

static void test_load(void **state)
{
	struct fixture *f = *state;
	const struct unit *u;
	struct tree *t;

	put_tree(f);
	t = tree_load(f->a, f->home, &f->d);
	assert_non_null(t);
	assert_int_equal(t->len, 3);
	u = tree_find(t, UNIT_LIB, "one");
	assert_string_equal(u->config, "LIB_ONE");
	assert_true(unit_provides(u, "uk_one_go"));
	assert_true(unit_provides(u, "extra"));
	assert_true(unit_provides(u, "late"));
	assert_false(unit_provides(u, "uk_one"));
	assert_string_equal(tree_find(t, UNIT_PLATFORM, "p-q")->config, "PLAT_P_Q");
	assert_int_equal(tree_profile(t, "none")->len, 0);
	assert_string_equal(tree_profile(t, "default")->v[0].level, "on");
}

/* A folder of two platforms, between others by name. */
static void test_load_several(void **state)
{
	struct fixture *f = *state;
	const struct unit *a, *z;
	struct tree *t;

	put_tree(f);
	put(f, "platforms/k/plat.mk",
	    "NAMES := z-1 a\nSRC := both.c\nSRC.a := a.c\nEXPORTS := made\n");
	put(f, "platforms/k/both.c", "");
	put(f, "platforms/k/a.c", "");
	put(f, "platforms/k/include/uk/k.h", "int uk_k_go(void);\n");
	t = tree_load(f->a, f->home, &f->d);
	assert_non_null(t);
	assert_int_equal(t->len, 5);
	assert_null(tree_find(t, UNIT_PLATFORM, "k"));
	a = tree_find(t, UNIT_PLATFORM, "a");
	z = tree_find(t, UNIT_PLATFORM, "z-1");
	assert_string_equal(t->v[1]->name, "a");
	assert_string_equal(t->v[2]->name, "p-q");
	assert_string_equal(t->v[3]->name, "z-1");
	assert_string_equal(a->config, "PLAT_A");
	assert_string_equal(z->config, "PLAT_Z_1");
	assert_string_equal(a->rel, "platforms/k");
	assert_string_equal(a->dir, z->dir);
	assert_int_equal(a->src.len, 2);
	assert_int_equal(z->src.len, 1);
	assert_true(unit_provides(a, "uk_k_go") && unit_provides(z, "uk_k_go"));
	assert_true(unit_provides(a, "made") && unit_provides(z, "made"));
}

static void test_load_errors(void **state)
{
	static const struct {
		const char *path, *text, *part;
	} cases[] = {
		{"libs/one/lib.mk", "SRC := gone.c\n", "there is no file 'gone.c'"},
		{"libs/one/lib.mk", "SRC := ../two/x.c\n", "leaves the folder"},
		{"libs/one/lib.mk", "INCLUDES := gone\n", "there is no folder 'gone'"},
		{"libs/one/lib.mk", "# r\nNOHARDEN.zzz := one.c\n", "there is no mechanism 'zzz'"},
		{"libs/one/lib.mk", "SOURCE := a=1\n", "a source needs"},
		{"libs/two/x.c", "", "has no lib.mk"},
		{"platforms/r/plat.mk", "NAMES := x p-q\n",
		 "platform 'p-q' is already in platforms/p-q"},
		{"platforms/a/plat.mk", "NAMES := p-q\n",
		 "platform 'p-q' is already in platforms/a"},
		{"platforms/a/plat.mk", "NAMES := x y\nSRC.y := gone.c\n", "no file 'gone.c'"},
		{"hardening/m/harden.mk", "LEVELS := off on\nREFUSED.p-w := x\n",
		 "there is no platform 'p-w'"},
		{"hardening/profiles.mk", "none\n", "expected 'profile :="},
		{"hardening/profiles.mk", "none :=\nnone :=\n", "a second time"},
		{"hardening/profiles.mk", "x := m\n", "is not mechanism=level"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t before;

		assert_int_equal(file_remove_tree(path_join(f->a, f->home, "libs"), &f->d), 0);
		assert_int_equal(file_remove_tree(path_join(f->a, f->home, "platforms"), &f->d), 0);
		put_tree(f);
		put(f, cases[i].path, cases[i].text);
		before = f->d.len;
		assert_null(tree_load(f->a, f->home, &f->d));
		assert_true(f->d.len > before);
		assert_non_null(strstr(f->d.v[before].text, cases[i].part));
		assert_int_equal(f->d.len, before + 1); /* said once */
	}
}

static void test_empty_home(void **state)
{
	struct fixture *f = *state;

	assert_null(tree_load(f->a, f->home, &f->d));
	assert_int_equal(diags_exit_code(&f->d), DIAG_TOOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_library, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mechanism, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_platform_of_several, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reason_must_touch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_header_symbols, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_index, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_load, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_load_several, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_load_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_empty_home, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
