/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver: finds its tree, reads the command line, runs one command, prints the diagnostics and
 * picks the exit code. The pipeline is the table in build/cli.c; a command's code is cmd_NAME.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "cli.h"
#include "cmd.h"
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Folders of UKBUILD_HOME: a checkout, or PREFIX/share/ukbuild. */
static bool is_home(struct arena *a, const char *dir)
{
	return file_exists(path_join(a, dir, "kconfig/Kconfig"));
}

static const char *find_self(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path)); /* proc(5) */

	return len > 0 ? arena_memdup(a, path, (size_t)len) : NULL;
}

/* NULL when the executable stands alone: only commands that need the tree fail then. */
static const char *find_home(struct ctx *c)
{
	const char *set = getenv("UKBUILD_HOME");
	const char *bin, *shared;

	if (set && *set) {
		if (!is_home(c->a, set)) {
			(void)diag_fail(c->d, DIAG_USAGE,
					"UKBUILD_HOME is '%s', which is no ukbuild tree", set);
			return NULL;
		}
		return path_absolute(c->a, set);
	}
	if (!c->self)
		return NULL;
	bin = path_dir(c->a, c->self);
	if (is_home(c->a, bin))
		return bin;
	shared = path_absolute(c->a, path_join(c->a, bin, "../share/ukbuild"));
	return is_home(c->a, shared) ? shared : NULL;
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

/* A checkout keeps sources in its own out/src; an installed tree is read-only for its users. */
static const char *find_source_cache(struct ctx *c)
{
	const char *set = getenv("UKBUILD_CACHE"), *base = getenv("XDG_CACHE_HOME");

	if (set && *set)
		return path_absolute(c->a, set);
	if (c->home && access(c->home, W_OK) == 0 &&
	    file_exists(path_join(c->a, c->home, "Makefile")))
		return path_join(c->a, c->home, "out/src");
	if (!base || !*base)
		base = arena_printf(c->a, "%s/.cache", getenv("HOME") ? getenv("HOME") : "");
	return path_absolute(c->a, path_join(c->a, base, "ukbuild"));
}

/* An object's name knows no folders: each tree has one of its own. */
static const char *find_shared_dir(struct ctx *c)
{
	const char *set = getenv("UKBUILD_OBJECTS");
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	if (!set || !*set || !c->home)
		return NULL;
	hash_init(&h);
	hash_add_str(&h, path_absolute(c->a, c->home));
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return path_absolute(c->a, arena_printf(c->a, "%s/%.16s", set, hex));
}

/* They stand in makefiles. */
static int check_path(struct ctx *c, const char *path)
{
	const char *bad = path_unusable(path);

	return bad ? diag_error(c->d, (struct loc){path, 0, 0},
				"the path contains '%c', which make cannot read", *bad)
		   : 0;
}

/* What the options left open. */
static int complete_context(struct ctx *c)
{
	c->self = find_self(c->a);
	c->home = find_home(c);
	if (c->d->errors)
		return -1;
	c->source_cache = find_source_cache(c);
	c->shared_dir = find_shared_dir(c);
	if (!c->manifest_path)
		c->manifest_path = "ukbuild.yaml";
	if (!c->jobs)
		c->jobs = processors();
	if (c->out_dir)
		c->out_dir = path_absolute(c->a, c->out_dir);
	else
		c->out_dir = path_absolute(
			c->a, path_join(c->a, path_dir(c->a, c->manifest_path), "out"));
	return check_path(c, c->out_dir) || (c->home && check_path(c, c->home)) ||
			       (c->shared_dir && check_path(c, c->shared_dir))
		       ? -1
		       : 0;
}

/* Not with an image on the command line; and a manifest that is not there leaves no trace. */
static bool writes_out(const struct ctx *c)
{
	unsigned scope = cli_find(c->command)->scope;

	return (scope & SCOPE_OUT) && !c->dry_run && !((scope & SCOPE_RUN) && c->args.len) &&
	       file_exists(c->manifest_path);
}

static int run_command(struct ctx *c)
{
	const char *name = c->command;
	bool needs_home = !str_eq(name, "help") && !str_eq(name, "version");

	if (needs_home && !c->home) {
		(void)diag_fail(c->d, DIAG_TOOL,
				"the folder with libs/ and platforms/ is not found");
		return diag_hint(c->d, "set UKBUILD_HOME to the ukbuild tree");
	}
	if (writes_out(c) && ctx_make_out(c) != 0)
		return -1;
	for (size_t i = 0; i < command_runs_len; i++) {
		const char *run_name = command_runs[i].name;
		size_t k = 0;

		while (name[k] &&
		       (name[k] == run_name[k] || (name[k] == '-' && run_name[k] == '_')))
			k++;
		if (!name[k] && !run_name[k])
			return command_runs[i].run(c);
	}
	return diag_fail(c->d, DIAG_BUG, "the command '%s' is not in this build", name);
}

static int dispatch(struct ctx *c, int argc, char **argv)
{
	if (cli_parse(c, argc, argv) != 0 || complete_context(c) != 0)
		return -1;
	if (c->version) {
		printf("ukbuild %s\n", ukbuild_version);
		return 0;
	}
	if (c->help && c->command) {
		cli_help_command(cli_find(c->command), stdout);
		return 0;
	}
	if (c->help) {
		cli_help(stdout);
		return 0;
	}
	if (!c->command) {
		cli_help(stderr);
		return diag_fail(c->d, DIAG_USAGE, "a command is needed");
	}
	return run_command(c);
}

/* A full disk or a closed pipe shows up here at the latest. */
static void check_stdout(struct diags *d)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		(void)diag_fail(d, DIAG_TOOL, "cannot write to standard output: %s",
				strerror(errno));
}

int main(int argc, char **argv)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct arena *a = arena_new();
	struct diags d;
	struct ctx c = {.a = a, .d = &d};
	int status;

	diags_init(&d, a);
	log_set_colour(isatty(STDERR_FILENO) && !(no_color && *no_color) && term &&
		       !str_eq(term, "dumb"));
	if (dispatch(&c, argc, argv) != 0 && !d.errors)
		(void)diag_fail(&d, DIAG_BUG, "'%s' failed and did not say why",
				c.command ? c.command : "ukbuild");
	check_stdout(&d);
	log_progress_end();
	diags_print(&d, stderr, log_colour());
	status = diags_exit_code(&d);
	arena_free(a);
	return status;
}
