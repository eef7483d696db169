/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen's lines and the guest's on one serial port, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "run.h"
#include <stdint.h>
#include <string.h>

static const char boot[] = "SeaBIOS says (XEN) things\r\n"
			   "(XEN) [    0.000000] Xen version 4.17.7\r\n"
			   "(XEN) [    1.234567] Freed 656kB init memory\r\n";

struct fixture {
	struct arena *arena;
	struct run_split s;
	void (*split)(const struct run_opts *o, struct run_split *s, const char *data, size_t len,
		      bool is_last);
	struct run_opts o;
};

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.arena = arena_new();
	sb_init(&f.s.guest, f.arena);
	sb_init(&f.s.log, f.arena);
	sb_init(&f.s.pending, f.arena);
	f.split = run_host("xen-pv")->split;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	return 0;
}

/* In pieces of step bytes. */
static void feed(struct fixture *f, const char *text, size_t step)
{
	size_t len = strlen(text), i;

	for (i = 0; i < len; i += step)
		f->split(&f->o, &f->s, text + i, len - i < step ? len - i : step, false);
}

/* However the stream is cut, each side gets the same. */
static void test_split(void **state)
{
	struct fixture *f = *state;
	size_t step;

	for (step = 1; step < 80; step++) {
		feed(f, boot, step);
		assert_string_equal(sb_str(&f->s.guest), "");
		feed(f,
		     "one\r\ntwo (XEN) [ no\r\r\nopen (XEN) [   12.000001] (d0) hm\r\n line\r\n"
		     "(XEN) [12345.000002] Hardware Dom0 shutdown: rebooting machine\r\n(XE",
		     step);
		f->split(&f->o, &f->s, "", 0, true);
		assert_string_equal(sb_str(&f->s.guest), "one\ntwo (XEN) [ no\r\nopen  line\n(XE");
		assert_string_equal(sb_str(&f->s.log),
				    "SeaBIOS says (XEN) things\nXen version 4.17.7\n"
				    "Freed 656kB init memory\n(d0) hm\n"
				    "Hardware Dom0 shutdown: rebooting machine\n");
		assert_false(f->s.is_over);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

/* An open line is passed on as soon as nothing of it can be Xen's. */
static void test_open_line(void **state)
{
	struct fixture *f = *state;

	feed(f, boot, sizeof(boot));
	feed(f, "name? ", 6);
	assert_string_equal(sb_str(&f->s.guest), "name? ");
}

static void test_crash(void **state)
{
	struct fixture *f = *state;
	const char *(*explain)(struct arena *, const char *) = run_host("xen-pv")->explain;
	const char *why;

	feed(f, boot, sizeof(boot));
	assert_null(explain(f->arena, sb_str(&f->s.log)));
	feed(f,
	     "(XEN) [    2.000000] d0v0 Unhandled: vec 6, #UD[ffffffff]\r\n"
	     "(XEN) [    2.000000] RIP:    e033:[<000000000010094e>]\r\n",
	     1000);
	assert_false(f->s.is_over);
	feed(f, "(XEN) [    2.000000] Hardware Dom0 crashed: rebooting machine in 5 seconds.\r\n",
	     1000);
	assert_true(f->s.is_over);
	why = explain(f->arena, sb_str(&f->s.log));
	assert_non_null(strstr(why, "#UD[ffffffff], RIP:    e033:[<000000000010094e>]"));
	why = explain(f->arena, "***\nPanic on CPU 0:\nCould not construct domain 0\n***\n");
	assert_non_null(strstr(why, "Could not construct domain 0"));
	assert_null(strchr(why, '*'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_split, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_open_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crash, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
