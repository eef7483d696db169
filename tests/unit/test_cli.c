/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: what options do, what mistakes say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/str.h"
#include "cli.h"
#include "cmd.h"

static struct arena *a;
static struct diags d;
static struct ctx c;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	diags_init(&d, a);
	c = (struct ctx){.a = a, .d = &d};
	log_set_level(LOG_NORMAL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* Words separated by blanks; '_' stands for an empty word. */
static int parse(const char *line)
{
	struct strs words = {0};

	diags_init(&d, a);
	c = (struct ctx){.a = a, .d = &d};
	strs_push(a, &words, "ukbuild");
	strs_split(a, &words, line);
	for (size_t i = 0; i < words.len; i++) {
		if (str_eq(words.v[i], "_"))
			words.v[i] = "";
	}
	strs_push(a, &words, NULL);
	return cli_parse(&c, (int)words.len - 1, (char **)(void *)words.v);
}

static void options_go_anywhere(void **state)
{
	(void)state;
	assert_int_equal(parse("-f a.yaml run --json -j3 img --accel tcg -o out"), 0);
	assert_string_equal(c.command, "run");
	assert_string_equal(c.manifest_path, "a.yaml");
	assert_string_equal(c.out_dir, "out");
	assert_int_equal(c.jobs, 3);
	assert_true(c.json);
	assert_string_equal(c.accel, "tcg");
	assert_int_equal(c.args.len, 1);
	assert_string_equal(c.args.v[0], "img");
}

static void guest_arguments_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(parse("run --test -- --json -x -- y"), 0);
	assert_true(c.test);
	assert_false(c.json);
	assert_int_equal(c.guest_args.len, 4);
	assert_string_equal(c.guest_args.v[0], "--json");
	assert_string_equal(c.guest_args.v[2], "--");
	assert_int_equal(c.args.len, 0);
}

static void values_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse("run --memory 8M --timeout=250ms --machine q35 --cpu qemu64"), 0);
	assert_int_equal(c.memory_bytes, 8 << 20);
	assert_int_equal(c.timeout_ms, 250);
	assert_string_equal(c.machine, "q35");
	assert_string_equal(c.cpu, "qemu64");
	assert_int_equal(parse("build --harden max,cfi=off --platform kvm --dry-run -v"), 0);
	assert_string_equal(c.harden, "max,cfi=off");
	assert_string_equal(c.platform, "kvm");
	assert_true(c.dry_run);
	assert_int_equal(log_level(), LOG_VERBOSE);
	assert_int_equal(parse("report --format html --output r.html"), 0);
	assert_string_equal(c.format, "html");
	assert_string_equal(c.output, "r.html");
	assert_int_equal(parse("measure --variants none,max --workloads boot"), 0);
	assert_string_equal(c.variants, "none,max");
	assert_int_equal(parse("explain --not heap"), 0);
	assert_true(c.is_not);
}

static const struct {
	const char *line, *error, *hint;
} mistakes[] = {
	{"biuld", "unknown command 'biuld'", "did you mean 'ukbuild build'?"},
	{"xyzzy", "unknown command 'xyzzy'", "'ukbuild help' lists the commands"},
	{"build --jsno", "unknown option '--jsno'", "did you mean '--json'?"},
	{"build -z", "unknown option '-z'", NULL},
	{"build -f", "option '-f' needs a value", NULL},
	{"build --file", "option '--file' needs a value", NULL},
	{"build --file _", "--file needs a value", NULL},
	{"build --json=1", "option '--json=1' takes no value", NULL},
	{"build -j0", "--jobs takes a number from 1 to 1024, not '0'", NULL},
	{"build -jx", "--jobs takes a number from 1 to 1024, not 'x'", NULL},
	{"build --seed 12", "--seed takes 64 digits 0-9 a-f, not '12'", NULL},
	{"build --test", "'ukbuild build' has no option '--test'", "see 'ukbuild help build'"},
	{"build x", "'ukbuild build' does not take 'x'", NULL},
	{"build -- x", "'ukbuild build' takes nothing after '--'", NULL},
	{"explain", "'ukbuild explain' needs UNIT|SYMBOL|OBJECT|OPTION", NULL},
	{"run --accel xen", "--accel takes one of auto,kvm,tcg, not 'xen'", NULL},
	{"run --accel auto,kvm", "--accel takes one of auto,kvm,tcg, not 'auto,kvm'", NULL},
	{"run --memory 8MB", "--memory takes a size such as 8M, not '8MB'", NULL},
	{"run --timeout 0", "--timeout takes a time such as 10s, not '0'", NULL},
};

static void each_mistake_says_what(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		if (parse(mistakes[i].line) == 0)
			fail_msg("'%s' was taken", mistakes[i].line);
		if (!str_eq(d.v[0].text, mistakes[i].error))
			fail_msg("'%s': %s", mistakes[i].line, d.v[0].text);
		if (mistakes[i].hint)
			assert_string_equal(d.v[0].hint, mistakes[i].hint);
		assert_int_equal(d.errors, 1);
		assert_int_equal(diags_exit_code(&d), DIAG_USAGE);
	}
}

static void help_is_never_wrong(void **state)
{
	(void)state;
	assert_int_equal(parse("-h"), 0);
	assert_true(c.help);
	assert_null(c.command);
	assert_int_equal(parse("explain --help"), 0);
	assert_true(c.help);
	assert_int_equal(parse("--version"), 0);
	assert_true(c.version);
	assert_int_equal(parse(""), 0);
	assert_null(c.command);
}

/* Every command that the table shows exists, and everything in it is described. */
static void the_table_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < cli_commands_len; i++) {
		bool found = false;

		for (size_t k = 0; k < command_runs_len; k++) {
			char *name = arena_strdup(a, command_runs[k].name);

			for (char *p = name; *p; p++)
				*p = *p == '_' ? '-' : *p;
			found = found || str_eq(name, cli_commands[i].name);
		}
		if (!found)
			fail_msg("there is no cmd_%s", cli_commands[i].name);
	}
	for (size_t i = 0; i < command_runs_len; i++) {
		char *name = arena_strdup(a, command_runs[i].name);

		for (char *p = name; *p; p++)
			*p = *p == '_' ? '-' : *p;
		if (!cli_find(name))
			fail_msg("'%s' is not in the table", name);
	}
	for (size_t i = 0; i < cli_options_len; i++) {
		assert_true(*cli_options[i].text);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(cli_options[i].name, cli_options[k].name);
			if (cli_options[i].letter)
				assert_int_not_equal(cli_options[i].letter, cli_options[k].letter);
		}
	}
}

static char *written(void (*write)(FILE *))
{
	char *buf = NULL, *copy;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);

	write(f);
	fclose(f);
	copy = arena_memdup(a, buf, len);
	free(buf);
	return copy;
}

/* Help, manual page and completion name every command and every option. */
static void nothing_is_left_out(void **state)
{
	const char *man = written(cli_man), *completion = written(cli_completion);
	const char *help = written(cli_help);

	(void)state;
	for (size_t i = 0; i < cli_options_len; i++) {
		const char *name = cli_options[i].name;
		struct sb roff;

		sb_init(&roff, a);
		for (; *name; name++)
			sb_putf(&roff, "%s%c", *name == '-' ? "\\" : "", *name);
		assert_non_null(strstr(completion, arena_printf(a, "--%s", cli_options[i].name)));
		assert_non_null(strstr(man, arena_printf(a, "\\fB\\-\\-%s\\fR", sb_str(&roff))));
	}
	for (size_t i = 0; i < cli_commands_len; i++) {
		const struct cli_command *cmd = &cli_commands[i];
		const char *entry = arena_printf(a, "\n  %s ", cmd->name);

		if (!cmd->summary) {
			assert_null(strstr(help, entry));
			continue;
		}
		assert_non_null(strstr(help, entry));
		assert_non_null(strstr(completion, arena_printf(a, "%s ", cmd->name)));
		assert_non_null(strstr(man, arena_printf(a, ".SS %s", cmd->name)));
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(options_go_anywhere), T(guest_arguments_are_left_alone),
		T(values_are_read),     T(each_mistake_says_what),
		T(help_is_never_wrong), T(the_table_is_complete),
		T(nothing_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
