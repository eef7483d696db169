/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `ukbuild doctor`: every program that is used, its version, the package that brings it, and which
 * accelerator really works. Knows programs by name only; how they are used is their modules' business.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd.h"
#include "run.h"
#include "tool.h"
#include <stdlib.h>
#include <string.h>

/* A program that does not tell its version within this is broken. */
#define VERSION_TIMEOUT_MS 10000

struct tool_info {
	const char *names;    /* alternatives in order of preference, separated by blanks */
	const char *variable; /* environment variable that overrides, or NULL */
	const char *package, *purpose;
	bool is_required;
	const char *version_arg; /* NULL: it has none */
};

/* In the order in which a build uses them. Preferences as in tool.c. */
static const struct tool_info tools[] = {
	{"clang-19 clang-22 clang-21 clang-20 clang", "UKBUILD_CC", "clang-19", "compiles images",
	 true, "--version"},
	{"ld.lld-19 ld.lld-22 ld.lld-21 ld.lld-20 ld.lld", "UKBUILD_LD", "lld-19", "links images",
	 true, "--version"},
	{"llvm-nm-19 llvm-nm-22 llvm-nm", "UKBUILD_NM", "llvm-19", "reads symbols", true,
	 "--version"},
	{"llvm-symbolizer-19 llvm-symbolizer-22 llvm-symbolizer", "UKBUILD_SYMBOLIZER", "llvm-19",
	 "names crash places", true, "--version"},
	{"kconfig-conf", NULL, "kconfig-frontends-nox", "resolves options", true, NULL},
	{"make", NULL, "make", "runs the plan", true, "--version"},
	{"tar", NULL, "tar", "unpacks sources", true, "--version"},
	{"xz", NULL, "xz-utils", "unpacks sources", true, "--version"},
	{"patch", NULL, "patch", "patches sources", true, "--version"},
	{"apt-get", NULL, "apt", "fetches sources", false, "--version"},
	{"cpio", NULL, "cpio", "makes the rig xen-domu", false, "--version"},
	{"zstd", NULL, "zstd", "makes the rig xen-domu", false, "--version"},
	{"readelf", NULL, "binutils", "makes the rig xen-domu", false, "--version"},
	{"kconfig-nconf kconfig-mconf", NULL, "kconfig-frontends-nox", "menuconfig", false, NULL},
	{"jq", NULL, "jq", "tests", false, "--version"},
	{"shellcheck", NULL, "shellcheck", "make lint", false, "--version"},
	{"clang-format-19", NULL, "clang-format-19", "make format, make lint", false, "--version"},
	{"clang-tidy-19", NULL, "clang-tidy-19", "make lint", false, "--version"},
};

static const char *find(struct ctx *c, const struct tool_info *t)
{
	const char *set = t->variable ? getenv(t->variable) : NULL;
	struct strs names = {0};

	if (set && *set)
		return proc_which(c->a, set);
	strs_split(c->a, &names, t->names);
	for (size_t i = 0; i < names.len; i++) {
		const char *path = proc_which(c->a, names.v[i]);

		if (path)
			return path;
	}
	return NULL;
}

/* The first line with a digit that the program prints, or NULL when it cannot be run. */
static const char *ask_version(struct ctx *c, const char *path, const char *arg)
{
	const char *const argv[] = {path, arg, NULL};
	struct proc_opts o = {.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
			      .timeout_ms = VERSION_TIMEOUT_MS};
	struct proc_result r;
	struct diags ignored;

	diags_init(&ignored, c->a);
	if (proc_run(c->a, argv, &o, &r, &ignored) != 0 || r.status != 0)
		return NULL;
	for (const char *line = r.out; *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n");

		if (strcspn(line, "0123456789") < len) {
			line += strspn(line, " ");
			return arena_memdup(c->a, line, strcspn(line, "\n"));
		}
		line += len;
	}
	return "unknown version";
}

static struct tool_status examine(struct ctx *c, const struct tool_info *t)
{
	struct tool_status s = {.package = t->package,
				.purpose = t->purpose,
				.is_required = t->is_required,
				.name = arena_memdup(c->a, t->names, strcspn(t->names, " "))};

	s.path = find(c, t);
	if (s.path)
		s.version = t->version_arg ? ask_version(c, s.path, t->version_arg) : "";
	s.is_ok = s.path && s.version;
	if (!s.path)
		s.problem = "is not in PATH";
	else if (!s.version)
		s.problem = "cannot be run";
	return s;
}

struct statuses {
	struct tool_status *v;
	size_t len, cap;
};

/* What a platform's launcher needs; a tool that another one needs too gets a further purpose. */
static void examine_needs(struct ctx *c, const struct platform_host *host, struct statuses *ret)
{
	const char *const *need = host->needs;

	for (; need && need[0] && need[1]; need += 2) {
		struct tool_info t = {need[0], NULL, need[1], NULL, true, "--version"};
		size_t i;

		for (i = 0; i < ret->len && !str_eq(ret->v[i].name, need[0]); i++)
			;
		if (i < ret->len) {
			ret->v[i].purpose =
				arena_printf(c->a, "%s, %s", ret->v[i].purpose, host->name);
			continue;
		}
		t.purpose = arena_printf(c->a, "runs images of platform %s", host->name);
		vec_push(c->a, ret, examine(c, &t));
	}
}

/* passrun-N for each tested compiler N that is installed, and for the reference in any case. */
static void examine_passruns(struct ctx *c, struct statuses *ret)
{
	static const struct {
		const char *compiler, *name, *package;
	} all[] = {
		{"clang-19", "passrun-19", "llvm-19-dev"},
		{"clang-22", "passrun-22", "llvm-22-dev"},
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct tool_status s = {
			.name = all[i].name,
			.path = path_join(c->a, path_dir(c->a, c->self), all[i].name),
			.version = "",
			.package = all[i].package,
			.purpose = arena_printf(c->a, "mechanisms that are passes of %s",
						all[i].compiler),
		};

		s.is_ok = file_exists(s.path);
		if (!s.is_ok)
			s.problem = "is not beside ukbuild: run 'make' when the package is there";
		if (i == 0 || proc_which(c->a, all[i].compiler))
			vec_push(c->a, ret, s);
	}
}

/* The tools of every build, our own helper, then what each platform's launcher needs. */
static void examine_all(struct ctx *c, struct statuses *ret)
{
	const char *helper = path_join(c->a, path_dir(c->a, c->self), "ukbuild-scan");
	struct tool_status scan = {.name = "ukbuild-scan",
				   .path = helper,
				   .version = "",
				   .package = "this tree",
				   .purpose = "finds places in sources",
				   .is_required = true};

	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		vec_push(c->a, ret, examine(c, &tools[i]));
	scan.is_ok = file_exists(helper);
	if (!scan.is_ok)
		scan.problem = "is not beside ukbuild: run 'make'";
	vec_push(c->a, ret, scan);
	examine_passruns(c, ret);
	for (size_t i = 0; i < platform_hosts_len; i++)
		examine_needs(c, platform_hosts[i], ret);
}

static void print_tools(const struct statuses *s)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct tool_status *t = &s->v[i];

		printf("%-8s %-19s %s\n",
		       t->is_ok         ? "ok"
		       : t->is_required ? "MISSING"
					: "absent",
		       t->name, t->purpose);
		if (t->is_ok)
			printf("         %s%s%s\n", t->path, *t->version ? ": " : "", t->version);
		else
			printf("         %s; package: %s\n", t->problem, t->package);
	}
}

static json_t *tools_json(const struct statuses *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->len; i++) {
		const struct tool_status *t = &s->v[i];

		json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:b, s:b, s:s?}",
						      "name", t->name, "path", t->path, "version",
						      t->version, "package", t->package, "purpose",
						      t->purpose, "required", t->is_required, "ok",
						      t->is_ok, "problem", t->problem));
	}
	return list;
}

/* Parts of launchers; several platforms may share one. */
static void report_parts(struct ctx *c, json_t *list)
{
	struct strs seen = {0};

	for (size_t i = 0; i < platform_hosts_len; i++) {
		const struct platform_host *host = platform_hosts[i];
		const struct run_part *part = host->parts;

		for (; part && part->name; part++) {
			struct run_opts o = {.machine = part->machine,
					     .home = c->home,
					     .cache_dir = c->source_cache};
			const char *dir = NULL;
			struct diags ignored;

			if (!strs_add(c->a, &seen, part->name))
				continue;
			diags_init(&ignored, c->a);
			if (host->prepare(c->a, &o, true, &dir, &ignored))
				dir = NULL;
			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:s?}", "name", part->name,
							"purpose", part->purpose, "path", dir));
			if (c->json)
				continue;
			printf("%-8s %-19s %s\n", dir ? "ok" : "absent", part->name, part->purpose);
			if (dir)
				printf("         %s\n", dir);
			else
				printf("         made by the first run, or by: ukbuild fetch %s\n",
				       part->name);
		}
	}
}

static void print_answer(struct ctx *c, const struct statuses *s)
{
	json_t *answer = json_object(), *accels = json_array(), *parts = json_array();

	if (!c->json)
		print_tools(s);
	for (size_t i = 0; i < platform_hosts_len; i++) {
		const struct platform_host *host = platform_hosts[i];
		const char *why = "";
		const char *accel = host->accel(c->a, &why);

		json_array_append_new(accels, json_pack("{s:s, s:s, s:s}", "platform", host->name,
							"accelerator", accel, "why", why));
		if (!c->json)
			printf("platform %s runs with %s: %s\n", host->name, accel, why);
	}
	report_parts(c, parts);
	json_object_set_new(answer, "parts", parts);
	json_object_set_new(answer, "tools", tools_json(s));
	json_object_set_new(answer, "platforms", accels);
	if (c->json)
		json_print(answer, stdout);
	json_decref(answer);
}

int cmd_doctor(struct ctx *c)
{
	struct statuses s = {0};
	struct strs packages = {0};
	int result = 0;

	examine_all(c, &s);
	print_answer(c, &s);
	for (size_t i = 0; i < s.len; i++) {
		if (s.v[i].is_ok || !s.v[i].is_required)
			continue;
		strs_add(c->a, &packages, s.v[i].package);
		result = diag_fail(c->d, DIAG_TOOL, "'%s' %s", s.v[i].name, s.v[i].problem);
	}
	return result ? diag_hint(c->d, "'make deps' installs %s", strs_join(c->a, &packages, " "))
		      : 0;
}
