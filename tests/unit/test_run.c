/* SPDX-License-Identifier: BSD-2-Clause */
/* The console protocol: what is taken for the host, what stays the guest's, whole and in pieces. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "console.h"
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NONCE "00112233aabbccdd"

struct fixture {
	struct arena *arena;
	struct diags d;
};

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));

	f->arena = a;
	diags_init(&f->d, a);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	return 0;
}

/* The whole text at once, and again byte by byte: both must say the same. */
static void parse(struct arena *a, const char *text, struct run *ret)
{
	struct run bytewise = {0};
	struct console c;
	size_t i, len = strlen(text);

	run_parse_console(a, text, len, NONCE, ret);
	console_init(&c, a, NONCE, NULL, &bytewise);
	for (i = 0; i < len; i++)
		console_feed(&c, text + i, 1);
	console_end(&c);
	assert_string_equal(ret->console, bytewise.console);
	assert_string_equal(bytewise.raw, text);
	assert_int_equal(ret->end, bytewise.end);
	assert_int_equal(ret->status, bytewise.status);
	assert_int_equal(ret->frames_len, bytewise.frames_len);
	assert_int_equal(ret->phases.len, bytewise.phases.len);
	assert_int_equal(ret->stats.len, bytewise.stats.len);
}

static void test_plain_exit(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena, "hello\nukbuild-exit: " NONCE " 0\n", &r);
	assert_int_equal(r.end, RUN_EXITED);
	assert_int_equal(r.status, 0);
	assert_null(r.mechanism);
	assert_string_equal(r.console, "hello\n");
	parse(f->arena, "ukbuild-exit: " NONCE " 42", &r);
	assert_int_equal(r.end, RUN_EXITED);
	assert_int_equal(r.status, 42);
}

/* The program may end without a newline: its line stays as it was, and the trailer is still found.
 */
static void test_open_line(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena,
	      "no newline"
	      "ukbuild-exit: " NONCE " 3\r\n",
	      &r);
	assert_int_equal(r.end, RUN_EXITED);
	assert_int_equal(r.status, 3);
	assert_string_equal(r.console, "no newline");
}

/* A program that prints a trailer does not know the nonce. */
static void test_forged_trailer(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena, "ukbuild-exit: 0123456789abcdef 0\n", &r);
	assert_int_equal(r.end, RUN_NO_TRAILER);
	assert_string_equal(r.console, "ukbuild-exit: 0123456789abcdef 0\n");
	parse(f->arena, "ukbuild-exit: 0\nukbuild-exit: " NONCE "0 0\n", &r);
	assert_int_equal(r.end, RUN_NO_TRAILER);
	parse(f->arena, "ukbuild-exit: 1111 0\nukbuild-exit: " NONCE " 7\n", &r);
	assert_int_equal(r.end, RUN_EXITED);
	assert_int_equal(r.status, 7);
}

/* Nor is a trap block believed that the trailer does not confirm. */
static void test_forged_trap(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena, "ukbuild-trap: canary ip=+0x10\nukbuild-exit: " NONCE " 0\n", &r);
	assert_int_equal(r.end, RUN_EXITED);
	assert_null(r.mechanism);
	assert_null(r.trap_line);
	parse(f->arena, "ukbuild-trap: canary ip=+0x10\n", &r);
	assert_int_equal(r.end, RUN_NO_TRAILER);
	assert_null(r.mechanism);
	assert_non_null(r.trap_line);
}

static void test_trap(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena,
	      "before\n"
	      "ukbuild-trap: canary vec=6 err=0x0 ip=+0x1234 addr=null+0x10\n"
	      "ukbuild-frame: +0x1234@0x58 +0xabc@0x60\n"
	      "ukbuild-frame: +0x99@0x100 nonsense +0x1@ +0x2@0x8\n"
	      "ukbuild-exit: " NONCE " 134 canary\n",
	      &r);
	assert_int_equal(r.end, RUN_TRAPPED);
	assert_int_equal(r.status, 134);
	assert_string_equal(r.mechanism, "canary");
	assert_int_equal(r.frames_len, 4);
	assert_int_equal(r.frames[1].offset, 0xabc);
	assert_int_equal(r.frames[1].stack_offset, 0x60);
	assert_int_equal(r.frames[3].stack_offset, 8);
	assert_string_equal(r.console, "before\n");
	assert_string_equal(r.trap_line,
			    "ukbuild-trap: canary vec=6 err=0x0 ip=+0x1234 addr=null+0x10");
}

/* Only the start of a line makes a trap block; elsewhere it is text. */
static void test_trap_inside_line(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena, "see ukbuild-trap: docs\nukbuild-exit: " NONCE " 0\n", &r);
	assert_string_equal(r.console, "see ukbuild-trap: docs\n");
	assert_null(r.trap_line);
}

static void test_values(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena,
	      "ukbuild-boot: " NONCE " entry=15000 long=15100 main=31000 exit=40000\n"
	      "ukbuild-stat: " NONCE
	      " heap_peak=1024 bad=x stack_peak=512 huge=99999999999999999999\n"
	      "ukbuild-exit: " NONCE " 0\n",
	      &r);
	assert_int_equal(r.phases.len, 4);
	assert_string_equal(r.phases.v[1].name, "long");
	assert_int_equal(run_value(&r.phases, "main", 0), 31000);
	assert_int_equal(run_value(&r.stats, "heap_peak", 0), 1024);
	assert_int_equal(run_value(&r.stats, "stack_peak", 0), 512);
	assert_int_equal(r.stats.len, 2);
	assert_int_equal(run_value(&r.stats, "absent", 77), 77);
	assert_string_equal(r.console, "");
}

/* What only begins like the protocol is passed on, at the latest at the end. */
static void test_near_misses(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena, "ukbuil", &r);
	assert_string_equal(r.console, "ukbuil");
	parse(f->arena, "ukbuild-exit: \nukukbuild-exit: " NONCE " 1\n", &r);
	assert_string_equal(r.console, "ukbuild-exit: \nuk");
	assert_int_equal(r.status, 1);
	parse(f->arena, "ukbuild-exit: " NONCE " 1x\nukbuild-exit: " NONCE " 0 Bad!\n", &r);
	assert_int_equal(r.end, RUN_NO_TRAILER);
}

/* A prompt must be seen although its line is open. */
static void test_partial_line_is_passed_on(void **state)
{
	struct fixture *f = *state;
	struct run r = {0};
	struct console c;

	console_init(&c, f->arena, NONCE, NULL, &r);
	console_feed(&c, "name? u", 7);
	assert_int_equal(c.guest.len, 6);
	console_feed(&c, "p\n", 2);
	assert_int_equal(c.guest.len, 9);
	console_end(&c);
	assert_string_equal(r.console, "name? up\n");
}

static void test_zero_bytes_and_output_order(void **state)
{
	static const char text[] = "one\0two\nthree\nukbuild-exit: " NONCE " 0\n";
	static const char *const good[] = {"two", "three"};
	static const char *const swapped[] = {"three", "two"};
	struct fixture *f = *state;
	const char *missing = NULL;
	struct run r;

	run_parse_console(f->arena, text, sizeof(text) - 1, NONCE, &r);
	assert_int_equal(r.console_len, 14);
	assert_true(run_has_output(&r, good, 2, &missing));
	assert_false(run_has_output(&r, swapped, 2, &missing));
	assert_string_equal(missing, "two");
}

/* The command line of each machine, as the platform gives it. */
static void test_command(void **state)
{
	struct fixture *f = *state;
	const char *image = arena_printf(f->arena, "/tmp/ukbuild-test-run-%d", (int)getpid());
	struct run_opts o = {
		.image = image,
		.machine = "microvm",
		.memory_bytes = 1u << 20,
		.icount = true,
		.icount_seed = 7,
		.memory_file = "/dev/shm/a,b",
		.no_seed = true,
	};
	struct strs argv = {0};
	const char *line;

	assert_int_equal(run_command(f->arena, "kvm", &o, &argv, NULL, &f->d), -1); /* none */
	assert_int_equal(file_write(image, "text", 4, &f->d), 0);
	assert_int_equal(run_command(f->arena, "kvm", &o, &argv, NULL, &f->d), -1); /* no ELF */
	assert_int_equal(run_write_floor_guest(image, &f->d), 0);
	strs_push(f->arena, &o.args, "two words");
	assert_int_equal(run_command(f->arena, "kvm", &o, &argv, NULL, &f->d), 0);
	line = strs_join(f->arena, &argv, " ");
	assert_non_null(strstr(line, "mem-path=/dev/shm/a,,b"));
	assert_non_null(strstr(line, "-icount shift=0,sleep=off"));
	assert_non_null(strstr(line, "-seed 7 "));
	assert_non_null(strstr(line, "-m 1024K"));
	assert_non_null(strstr(line, " -- \"two words\""));
	assert_null(strstr(line, "-initrd"));
	o.machine = "vax";
	assert_int_equal(run_command(f->arena, "kvm", &o, &argv, NULL, &f->d), -1);
	assert_int_equal(run_command(f->arena, "nowhere", &o, &argv, NULL, &f->d), -1);
	assert_int_equal(f->d.errors, 4);
	assert_int_equal(unlink(image), 0);
}

/* A whole run: the guest that says nothing is not taken for one that succeeded. */
static void test_floor_guest(void **state)
{
	struct fixture *f = *state;
	const char *image = arena_printf(f->arena, "/tmp/ukbuild-test-floor-%d", (int)getpid());
	struct run_opts o = {
		.image = image,
		.memory_bytes = 8u << 20,
		.accel = RUN_ACCEL_TCG,
		.memory_file = arena_printf(f->arena, "/dev/shm/ukbuild-test-%d", (int)getpid()),
		.no_seed = true,
	};
	struct run r;

	assert_int_equal(run_write_floor_guest(image, &f->d), 0);
	assert_int_equal(run_image(f->arena, "kvm", &o, &r, &f->d), 0);
	assert_int_equal(r.end, RUN_NO_TRAILER);
	assert_string_equal(r.console, "");
	assert_string_equal(r.accel, "tcg");
	/* Its own page and a few of the launcher's; never all that was given. */
	assert_in_range(r.touched_bytes, 4096, 256 * 1024);
	assert_int_equal(unlink(image), 0);
	assert_int_equal(unlink(o.memory_file), 0);
}

/* A refused system call is told by its number; what only looks like one is not. */
static void test_trap_call(void **state)
{
	struct fixture *f = *state;
	struct run r;

	parse(f->arena,
	      "ukbuild-trap: syscall vec=128 err=0x29 ip=+0x10\nukbuild-exit: " NONCE
	      " 134 syscall\n",
	      &r);
	assert_int_equal(r.end, RUN_TRAPPED);
	assert_string_equal(run_trap_call(f->arena, &r), "socket (41)");
	parse(f->arena,
	      "ukbuild-trap: syscall vec=128 err=0xfffff ip=+0x10\nukbuild-exit: " NONCE
	      " 134 syscall\n",
	      &r);
	assert_string_equal(run_trap_call(f->arena, &r), "number 1048575");
	parse(f->arena,
	      "ukbuild-trap: wx vec=14 err=0x29 ip=+0x10\nukbuild-exit: " NONCE " 134 wx\n", &r);
	assert_null(run_trap_call(f->arena, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain_exit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_open_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forged_trailer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forged_trap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_trap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_trap_inside_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_near_misses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_partial_line_is_passed_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_zero_bytes_and_output_order, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_command, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_trap_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_floor_guest, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
