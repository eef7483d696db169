/* SPDX-License-Identifier: BSD-2-Clause */
/* Child processes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"

static struct proc_result sh(const char *script, struct proc_opts opts)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct proc_result r;

	assert_int_equal(proc_run(arena, argv, &opts, &r, &diags), 0);
	return r;
}

static void captures_both_streams(void **state)
{
	struct proc_result r = sh("echo out; echo err >&2; exit 3",
				  (struct proc_opts){.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR});

	(void)state;
	assert_int_equal(r.status, 3);
	assert_string_equal(r.out, "out\n");
	assert_string_equal(r.err, "err\n");
	assert_int_equal(r.out_len, 4);
	assert_true(r.wall_ns > 0);
}

static void merges_streams(void **state)
{
	struct proc_result r = sh("echo out; echo err >&2",
				  (struct proc_opts){.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR});

	(void)state;
	assert_string_equal(r.out, "out\nerr\n");
}

/* More than a pipe holds in each direction, at the same time. */
static void feeds_large_input(void **state)
{
	size_t len = 1 << 20;
	char *input = arena_alloc(arena, len + 1);
	struct proc_result r;

	(void)state;
	memset(input, 'x', len);
	r = sh("cat", (struct proc_opts){.flags = PROC_CAPTURE_OUT, .input = input});
	assert_int_equal(r.status, 0);
	assert_int_equal(r.out_len, len);
	/* Nobody reads: no SIGPIPE for us, whenever the child ends. */
	for (int i = 0; i < 20; i++) {
		r = sh("exit 0", (struct proc_opts){.input = input});
		assert_int_equal(r.status, 0);
	}
}

static void caps_output(void **state)
{
	struct proc_result r = sh("printf 1234567890",
				  (struct proc_opts){.flags = PROC_CAPTURE_OUT, .cap_bytes = 4});

	(void)state;
	assert_string_equal(r.out, "1234");
	assert_true(r.truncated);
	assert_int_equal(r.status, 0);
}

static void ends_at_the_time_limit(void **state)
{
	struct proc_result r = sh("trap '' TERM; sleep 30 & wait; wait; sleep 30",
				  (struct proc_opts){.timeout_ms = 100});

	(void)state;
	assert_true(r.timed_out);
	assert_int_equal(r.status, 128 + SIGKILL);
	assert_true(r.wall_ns < 10000000000u);
}

static void a_grandchild_does_not_hold_us(void **state)
{
	struct proc_result r =
		sh("sleep 30 & echo done", (struct proc_opts){.flags = PROC_CAPTURE_OUT});

	(void)state;
	assert_string_equal(r.out, "done\n");
	assert_true(r.wall_ns < 10000000000u);
}

static bool stop_at_ready(void *arg, const char *data, size_t len)
{
	(void)arg;
	return !memchr(data, 'R', len);
}

static void stops_on_request(void **state)
{
	struct proc_result r =
		sh("echo READY; sleep 30", (struct proc_opts){.on_out = stop_at_ready});

	(void)state;
	assert_true(r.stopped);
	assert_int_equal(r.status, 128 + SIGTERM);
}

static void sets_folder_and_environment(void **state)
{
	static const char *const env[] = {"UKB_X=1", "HOME=/nowhere", NULL};
	struct proc_result r =
		sh("pwd; echo $UKB_X$HOME",
		   (struct proc_opts){.flags = PROC_CAPTURE_OUT, .cwd = "/", .env = env});

	(void)state;
	assert_string_equal(r.out, "/\n1/nowhere\n");
}

static void missing_program(void **state)
{
	static const char *const argv[] = {"no-such-program-here", NULL};
	struct proc_result r;

	(void)state;
	assert_int_equal(proc_run(arena, argv, NULL, &r, &diags), -1);
	assert_int_equal(diags_exit_code(&diags), DIAG_TOOL);
	assert_non_null(diags.v[0].hint);
}

static void check_reports_failure(void **state)
{
	static const char *const argv[] = {"sh", "-c", "echo why >&2; exit 4", NULL};

	(void)state;
	assert_int_equal(proc_check(arena, argv, NULL, NULL, &diags), -1);
	assert_string_equal(diags.v[0].text, "'sh' failed with status 4");
	assert_string_equal(diags.v[1].text, "the command was: sh -c 'echo why >&2; exit 4'");
	assert_string_equal(diags.v[2].text, "it said:\nwhy\n");
}

static void finds_programs(void **state)
{
	(void)state;
	assert_true(str_ends(proc_which(arena, "sh"), "/sh"));
	assert_null(proc_which(arena, "no-such-program-here"));
	assert_string_equal(proc_which(arena, "/bin/sh"), "/bin/sh");
}

/* SIGINT: the child gets it too, and we end by it after the child. */
static void forwards_interrupts(void **state)
{
	int status;
	pid_t pid;

	(void)unlink("got-int"); /* of an earlier run */
	pid = fork();

	(void)state;
	if (pid == 0) {
		static const char *const argv[] = {
			"sh", "-c",
			"trap 'touch got-int; exit 0' INT; kill -INT $PPID; sleep 30 & wait", NULL};

		(void)signal(SIGINT, SIG_DFL);
		(void)proc_run(arena, argv, NULL, NULL, &diags);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	assert_true(file_exists("got-int"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(captures_both_streams),  T(merges_streams),
		T(feeds_large_input),      T(caps_output),
		T(ends_at_the_time_limit), T(a_grandchild_does_not_hold_us),
		T(stops_on_request),       T(sets_folder_and_environment),
		T(missing_program),        T(check_reports_failure),
		T(finds_programs),         T(forwards_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
