/* SPDX-License-Identifier: BSD-2-Clause */
/* What the application's objects need: compiled here with clang, read back. Places from ukbuild-scan. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "resolve.h"
#include "scan.h"
#include "tool.h"

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
	const char *dir;
	struct tools tools;
};

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	char template[] = "/tmp/ukbuild-scan-XXXXXX";

	f->a = a;
	diags_init(&f->d, a);
	assert_non_null(mkdtemp(template));
	f->dir = arena_strdup(a, template);
	assert_int_equal(tools_find(a, f->dir, &f->tools, &f->d), 0);
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

/* The object of a text. extra: one more flag, or NULL. */
static const char *compile(struct fixture *f, const char *name, const char *text, const char *extra)
{
	const char *source = path_join(f->a, f->dir, arena_printf(f->a, "%s.c", name));
	const char *object = path_join(f->a, f->dir, arena_printf(f->a, "%s.o", name));
	const char *const argv[] = {f->tools.cc,
				    "--target=x86_64-unknown-linux-gnu",
				    "-O2",
				    "-ffunction-sections",
				    "-fdata-sections",
				    "-c",
				    source,
				    "-o",
				    object,
				    extra,
				    NULL};
	struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result r;

	assert_int_equal(file_write(source, text, strlen(text), &f->d), 0);
	assert_int_equal(proc_check(f->a, argv, &opts, &r, &f->d), 0);
	return object;
}

static const char *needs(struct fixture *f, const struct strs *objects)
{
	struct scan s = {0};

	assert_int_equal(scan_objects(f->a, &f->tools, objects, &s, &f->d), 0);
	return strs_join(f->a, &s.needs, " ");
}

static const char *needs_of(struct fixture *f, const char *text, const char *extra)
{
	struct strs objects = {0};

	strs_push(f->a, &objects, compile(f, "a", text, extra));
	return needs(f, &objects);
}

static void test_live(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(needs_of(f, "int used(void); int main(void) { return used(); }", NULL),
			    "used");
	/* Dead code pulls nothing in, not even from a global function. */
	assert_string_equal(needs_of(f,
				     "int used(void); int dead(void);\n"
				     "int never(void) { return dead(); }\n"
				     "int main(void) { return used(); }",
				     NULL),
			    "used");
	/* Through data, through a chain of functions, and what the compiler makes. */
	assert_string_equal(
		needs_of(f,
			 "int a(void), b(void), c(void); extern int v;\n"
			 "static int (*volatile table[])(void) = {a};\n"
			 "__attribute__((noinline)) static int f2(void) { return b(); }\n"
			 "int f1(void) { return f2() + v; }\n"
			 "struct big { char x[4096]; } g, h;\n"
			 "int main(void) { g = h; return table[0]() + f1(); }",
			 NULL),
		"a b memcpy v");
}

static void test_kept(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(needs_of(f,
				     "void x(void); void y(void);\n"
				     "__attribute__((constructor)) static void c(void) { x(); }\n"
				     "__attribute__((retain, used)) static void r(void) { y(); }\n"
				     "int main(void) { return 0; }",
				     NULL),
			    "x y");
	/* A weak reference pulls nothing in. */
	assert_string_equal(needs_of(f,
				     "__attribute__((weak)) int w(void);\n"
				     "int main(void) { return w ? w() : 0; }",
				     NULL),
			    "");
}

static void test_many_objects(void **state)
{
	struct fixture *f = *state;
	struct strs objects = {0};

	strs_push(f->a, &objects,
		  compile(f, "m", "int f(void); int main(void) { return f(); }", NULL));
	strs_push(f->a, &objects,
		  compile(f, "w",
			  "int soft(void); __attribute__((weak)) int f(void) { return soft(); }",
			  NULL));
	strs_push(f->a, &objects,
		  compile(f, "s",
			  "int hard(void); int dead(void); int f(void) { return hard(); }\n"
			  "int g(void) { return dead(); }",
			  NULL));
	assert_string_equal(needs(f, &objects), "hard"); /* the strong f */
}

static void test_no_main(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(needs_of(f, "int x(void); int lib(void) { return x(); }", NULL), "x");
}

static void test_bitcode(void **state)
{
	struct fixture *f = *state;
	struct strs objects = {0};
	struct scan s = {0};

	strs_push(f->a, &objects,
		  compile(f, "b", "int f(void), g(void); int main(void) { return f() + g(); }",
			  "-flto=full"));
	strs_push(f->a, &objects,
		  compile(f, "e",
			  "int h(void), i(void); int g(void) { return h(); }\n"
			  "int never(void) { return i(); }",
			  NULL));
	assert_int_equal(scan_objects(f->a, &f->tools, &objects, &s, &f->d), 0);
	assert_string_equal(strs_join(f->a, &s.needs, " "),
			    "bcmp f h memcmp memcpy memmove memset");
	assert_true(strs_has(&s.defines, "main"));
}

/* Many at once, bitcode and ELF mixed, answer for each what it has alone. */
static void test_mixed_symbols(void **state)
{
	struct fixture *f = *state;
	struct object_symbols o[3] = {{0}};

	o[0].path = compile(f, "one", "int x(void); int f(void) { return x(); }", "-flto=full");
	o[1].path = compile(f, "two", "int y(void); int g(void) { return y(); }", NULL);
	o[2].path = compile(f, "three", "int z(void); int h(void) { return z(); }", "-flto=full");
	assert_int_equal(scan_symbols(f->a, &f->tools, o, 3, &f->d), 0);
	assert_string_equal(strs_join(f->a, &o[0].defines, " "), "f");
	assert_true(strs_has(&o[0].needs, "x") && !strs_has(&o[0].needs, "z"));
	assert_string_equal(strs_join(f->a, &o[1].needs, " "), "y");
	assert_string_equal(strs_join(f->a, &o[2].defines, " "), "h");
	assert_true(strs_has(&o[2].needs, "z") && strs_has(&o[2].needs, "memcpy"));
}

static void test_symbols(void **state)
{
	struct fixture *f = *state;
	struct object_symbols o = {0};

	o.path = compile(f, "k",
			 "int used(void), (*p)(void);\n"
			 "__attribute__((weak)) int soft(void) { return 1; }\n"
			 "static int own(void) { return 2; }\n"
			 "int f(void) { p = used; return p() + own(); }",
			 "-fsanitize=kcfi");

	assert_int_equal(scan_symbols(f->a, &f->tools, &o, 1, &f->d), 0);
	assert_string_equal(strs_join(f->a, &o.defines, " "), "f p soft");
	assert_string_equal(strs_join(f->a, &o.needs, " "), "used"); /* no __kcfi_typeid_used */
}

static void test_broken(void **state)
{
	struct fixture *f = *state;
	const char *path = path_join(f->a, f->dir, "x.o");
	struct object_symbols o = {.path = path};
	struct strs objects = {0};

	assert_int_equal(file_write(path, "\177ELF", 4, &f->d), 0);
	strs_push(f->a, &objects, path);
	assert_int_equal(scan_objects(f->a, &f->tools, &objects, &(struct scan){0}, &f->d), -1);
	assert_int_equal(scan_symbols(f->a, &f->tools, &o, 1, &f->d), -1);
}

static void test_place(void **state)
{
	struct scan_use uses[] = {{"printf", {"a.c", 3, 4}, NULL}, {"open", {"a.c", 5, 6}, NULL}};
	struct scan s = {.uses = uses, .uses_len = ARRAY_LEN(uses)};

	(void)state;
	assert_ptr_equal(scan_place(&s, "open"), &uses[1]);
	assert_ptr_equal(scan_place(&s, "puts"), &uses[0]); /* clang made it of printf */
	assert_null(scan_place(&s, "close"));
}

static void intrinsics_become_calls(void **state)
{
	static const char text[] =
		"BC\xc0\xde main\0llvm.ceil.f64llvm.memcpy.p0.p0.i64llvm.floor.f32"
		"llvm.lround.i64.f64llvm.ldexp.f80.i32llvm.ceil.v2f64llvm.fma";
	struct arena *a = arena_new();
	struct strs found = {0};

	(void)state;
	scan_math_calls(a, text, sizeof(text) - 1, &found);
	assert_string_equal(strs_join(a, &found, " "), "ceil floorf lround ldexpl");
	arena_free(a);
}

/* Where a name stands in assembly: not in comments, strings and declarations, nor as a part of another. */
static void assembly_is_read_for_places(void **unused)
{
	static const char text[] = "/* wanted */ # wanted\n"
				   ".globl wanted, other /* of wanted\n"
				   "   wanted again */ call wanted@PLT\n"
				   ".size wanted, (. - wanted) / 2; jmp wanted // wanted\n"
				   ".string \"wanted \\\" wanted\"\n"
				   "wanted_too: .quad wanted\n";
	static const struct {
		unsigned line, col;
	} places[] = {{3, 25}, {4, 37}, {6, 19}};
	struct arena *a = arena_new();
	struct scan s = {0};

	(void)unused;
	strs_push(a, &s.needs, "wanted");
	scan_assembly_text(a, text, "x.S", &s);
	assert_int_equal(s.uses_len, ARRAY_LEN(places));
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		assert_string_equal(s.uses[i].loc.path, "x.S");
		assert_int_equal(s.uses[i].loc.line, places[i].line);
		assert_int_equal(s.uses[i].loc.col, places[i].col);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_live, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_objects, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_main, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bitcode, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_symbols, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mixed_symbols, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken, set_up, tear_down),
		cmocka_unit_test(test_place),
		cmocka_unit_test(intrinsics_become_calls),
		cmocka_unit_test(assembly_is_read_for_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
