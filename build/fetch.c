/* SPDX-License-Identifier: BSD-2-Clause */
/* See fetch.h. */
#include "fetch.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Where the system says which distribution it is (os-release(5)) and where packages come from. */
#define OS_RELEASE "/etc/os-release"
#define APT_LIST "/etc/apt/sources.list"
#define APT_PARTS "/etc/apt/sources.list.d"
/* Entries of a list are signed with the distribution's key when they name no other. */
#define OWN_KEYRING "debian-archive-keyring"
#define LIST_MAX_BYTES (1u << 20)
/* A download that hangs must end in an error. */
#define APT_TIMEOUT_MS (10 * 60 * 1000)

static bool is_own_suite(const char *suite, const char *codename)
{
	static const char *const suffixes[] = {"", "-updates", "-security"};
	size_t len = strlen(codename);

	if (!len || strncmp(suite, codename, len) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (str_eq(suite + len, suffixes[i]))
			return true;
	}
	return false;
}

static bool is_own_key(const char *signed_by)
{
	return !signed_by || strstr(signed_by, OWN_KEYRING);
}

/* The lines of text, without their newlines. */
static void split_lines(struct arena *a, const char *text, struct strs *ret)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		strs_push(a, ret, arena_memdup(a, text, len));
		text += len;
		text += *text == '\n';
	}
}

/* One `deb [options] uri suite component...`; sources.list(5), "one-line-style format". */
static void entry_one_line(struct arena *a, const char *line, const char *codename, struct sb *ret)
{
	const char *options = "", *rest = line + strspn(line, " \t");
	struct strs words = {0};

	if (strncmp(rest, "deb", 3) != 0 || !strchr(" \t[", rest[3]))
		return;
	rest += 3;
	rest += strspn(rest, " \t");
	if (*rest == '[') {
		size_t len = strcspn(rest, "]");

		if (!rest[len])
			return;
		options = arena_memdup(a, rest, len + 1);
		rest += len + 1;
	}
	rest = arena_memdup(a, rest, strcspn(rest, "#"));
	strs_split(a, &words, rest);
	if (words.len < 3 || !is_own_suite(words.v[1], codename) || !strs_has(&words, "main") ||
	    !is_own_key(strstr(options, "signed-by")))
		return;
	sb_putf(ret, "deb-src %s%s%s %s main\n", options, *options ? " " : "", words.v[0],
		words.v[1]);
}

void fetch_entries_one_line(struct arena *a, const char *text, const char *codename, struct sb *ret)
{
	struct strs lines = {0};

	split_lines(a, text, &lines);
	for (size_t i = 0; i < lines.len; i++)
		entry_one_line(a, lines.v[i], codename, ret);
}

/* The fields of a stanza that matter; values keep their continuation lines. */
struct stanza {
	const char *types, *uris, *suites, *components, *signed_by, *enabled;
};

static void stanza_set(struct stanza *s, const char *name, size_t len, const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} fields[] = {
		{"Types", &s->types},         {"URIs", &s->uris},
		{"Suites", &s->suites},       {"Components", &s->components},
		{"Signed-By", &s->signed_by}, {"Enabled", &s->enabled},
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (strlen(fields[i].name) == len && !strncasecmp(fields[i].name, name, len))
			*fields[i].to = value;
	}
}

static void stanza_end(struct arena *a, struct stanza *s, const char *codename, struct sb *ret)
{
	struct strs types = {0}, suites = {0}, own = {0}, components = {0};
	const struct stanza st = *s;

	memset(s, 0, sizeof(*s));
	if (!st.types || !st.uris || !st.suites || !st.components)
		return;
	strs_split(a, &types, st.types);
	strs_split(a, &suites, st.suites);
	strs_split(a, &components, st.components);
	for (size_t i = 0; i < suites.len; i++) {
		if (is_own_suite(suites.v[i], codename))
			strs_push(a, &own, suites.v[i]);
	}
	if (!strs_has(&types, "deb") || !own.len || !strs_has(&components, "main") ||
	    !is_own_key(st.signed_by) || (st.enabled && !strcasecmp(st.enabled, "no")))
		return;
	sb_putf(ret, "Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\n", st.uris,
		strs_join(a, &own, " "));
	if (st.signed_by)
		sb_putf(ret, "Signed-By: %s\n", st.signed_by);
	sb_put(ret, "\n");
}

/* sources.list(5), "deb822-style format"; fields and continuation lines as deb822(5) says. */
void fetch_entries_deb822(struct arena *a, const char *text, const char *codename, struct sb *ret)
{
	struct stanza s = {0};
	struct strs lines = {0};

	split_lines(a, text, &lines);
	for (size_t i = 0; i < lines.len; i++) {
		const char *line = lines.v[i];
		size_t name_len = strcspn(line, ":");
		struct sb value;

		if (line[0] == '#')
			continue;
		if (!line[strspn(line, " \t\r")]) {
			stanza_end(a, &s, codename, ret);
			continue;
		}
		if (!line[name_len])
			continue;
		sb_init(&value, a);
		sb_put(&value, line + name_len + 1 + strspn(line + name_len + 1, " \t"));
		for (; i + 1 < lines.len && strchr(" \t#", lines.v[i + 1][0]) && lines.v[i + 1][0];
		     i++) {
			if (lines.v[i + 1][0] != '#')
				sb_putf(&value, "\n%s", lines.v[i + 1]);
		}
		stanza_set(&s, line, name_len, sb_str(&value));
	}
	stanza_end(a, &s, codename, ret);
}

/* VERSION_CODENAME of os-release(5), or "". */
static int read_codename(struct arena *a, const char **ret, struct diags *d)
{
	static const char key[] = "VERSION_CODENAME=";
	struct strs lines = {0};
	char *text;
	size_t len;

	if (file_read(a, OS_RELEASE, LIST_MAX_BYTES, &text, &len, d))
		return -1;
	split_lines(a, text, &lines);
	*ret = "";
	for (size_t i = 0; i < lines.len; i++) {
		if (str_starts(lines.v[i], key)) {
			const char *value = lines.v[i] + strlen(key);

			value += *value == '"';
			*ret = arena_memdup(a, value, strcspn(value, "\""));
		}
	}
	return 0;
}

static int add_list(struct arena *a, const char *path, const char *codename, struct sb *one_line,
		    struct sb *deb822, struct diags *d)
{
	char *text;
	size_t len;

	if (!file_exists(path))
		return 0;
	if (file_read(a, path, LIST_MAX_BYTES, &text, &len, d))
		return -1;
	if (str_ends(path, ".list"))
		fetch_entries_one_line(a, text, codename, one_line);
	else if (str_ends(path, ".sources"))
		fetch_entries_deb822(a, text, codename, deb822);
	return 0;
}

/* Makes the private list of source entries in the folder parts. */
static int write_lists(struct arena *a, const char *parts, struct diags *d)
{
	struct sb one_line, deb822;
	struct strs names = {0};
	const char *codename;

	sb_init(&one_line, a);
	sb_init(&deb822, a);
	if (read_codename(a, &codename, d) ||
	    add_list(a, APT_LIST, codename, &one_line, &deb822, d))
		return -1;
	if (file_is_dir(APT_PARTS) && file_list(a, APT_PARTS, &names, d))
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		if (add_list(a, path_join(a, APT_PARTS, names.v[i]), codename, &one_line, &deb822,
			     d))
			return -1;
	}
	if (!one_line.len && !deb822.len)
		return diag_fail(d, DIAG_TOOL,
				 "no entry of the distribution '%s' in " APT_LIST " or " APT_PARTS,
				 codename);
	if (file_write(path_join(a, parts, "ukbuild.list"), sb_str(&one_line), one_line.len, d))
		return -1;
	return file_write(path_join(a, parts, "ukbuild.sources"), sb_str(&deb822), deb822.len, d);
}

int fetch_no_network(const struct fetch *f, struct diags *d)
{
	diag_fail_at(d, DIAG_TOOL, f->loc, "cannot fetch '%s': no network", f->file);
	return diag_hint(d, "fetch once with a network, or put the archive into the "
			    "source cache: it is then used offline");
}

int fetch_explain(struct arena *a, const struct fetch *f, const char *output, struct diags *d)
{
	static const char *const offline[] = {
		"Could not resolve",      "Temporary failure resolving",
		"Could not connect",      "Cannot initiate the connection",
		"Network is unreachable",
	};
	static const char *const unknown[] = {"Unable to find a source package", "was not found",
					      "Can not find version"};
	struct strs lines = {0};

	for (size_t i = 0; i < ARRAY_LEN(offline); i++) {
		if (strstr(output, offline[i]))
			return fetch_no_network(f, d);
	}
	if (strstr(output, "404")) {
		diag_fail_at(d, DIAG_TOOL, f->loc,
			     "cannot fetch '%s': the distribution lists it but does not serve it "
			     "(404)",
			     f->file);
		return diag_hint(d, "pin a version that is served, or put the file into the source "
				    "cache");
	}
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		if (strstr(output, unknown[i]))
			return diag_fail_at(d, DIAG_TOOL, f->loc,
					    "cannot fetch '%s': this distribution has no source "
					    "package '%s' of version '%s'",
					    f->file, f->from, f->version);
	}
	split_lines(a, output, &lines);
	return diag_fail_at(d, DIAG_TOOL, f->loc, "cannot fetch '%s': apt-get: %s", f->file,
			    lines.len ? lines.v[lines.len - 1] : "failed without a message");
}

/* Runs apt-get with its state below work. ret_output: what it said, both streams. */
static int run_apt(struct arena *a, const char *work, const char *const *words, size_t words_len,
		   bool *ret_ok, const char **ret_output, struct diags *d)
{
	static const char *const env[] = {"LC_ALL=C", NULL};
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
		.timeout_ms = APT_TIMEOUT_MS,
		.cwd = path_join(a, work, "download"),
		.env = env,
	};
	struct strs argv = {0};
	struct proc_result result;

	strs_push(a, &argv, "apt-get");
	strs_pushf(a, &argv, "-oDir::State=%s/state", work);
	strs_pushf(a, &argv, "-oDir::Cache=%s/cache", work);
	strs_pushf(a, &argv, "-oDir::Etc::sourceparts=%s/parts", work);
	strs_push(a, &argv, "-oDir::Etc::sourcelist=/dev/null");
	strs_push(a, &argv, "-oAPT::Sandbox::User=");
	strs_push(a, &argv, "-oAcquire::Languages=none");
	for (size_t i = 0; i < words_len; i++)
		strs_push(a, &argv, words[i]);
	if (proc_run(a, proc_argv(a, &argv), &opts, &result, d))
		return -1;
	*ret_ok = result.status == 0 && !result.timed_out;
	*ret_output = result.timed_out ? "timed out" : result.out;
	return 0;
}

static int download(struct arena *a, const char *work, const struct fetch *f, struct diags *d)
{
	const char *update[] = {"update"};
	const char *source[] = {"source", "--download-only",
				f->is_series ? "--diff-only" : "--tar-only",
				arena_printf(a, "%s=%s", f->from, f->version)};
	const char *update_output, *output;
	bool ok;

	/* An entry that fails here may not be the one that is needed: only the download decides. */
	if (run_apt(a, work, update, ARRAY_LEN(update), &ok, &update_output, d) ||
	    run_apt(a, work, source, ARRAY_LEN(source), &ok, &output, d))
		return -1;
	if (!ok)
		return fetch_explain(a, f, arena_printf(a, "%s\n%s", update_output, output), d);
	if (!file_exists(path_join(a, path_join(a, work, "download"), f->file)))
		return diag_fail_at(d, DIAG_TOOL, f->loc, "source package '%s' has no file '%s'",
				    f->from, f->file);
	return 0;
}

static int fetch_package(struct arena *a, const struct fetch *f, const char *to, struct diags *d)
{
	static const char *const folders[] = {"state/lists/partial", "cache/archives/partial",
					      "parts", "download"};
	const char *work = arena_printf(a, "%s.fetch.%ld", to, (long)getpid());
	int status = -1;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		if (file_mkdirs(path_join(a, work, folders[i]), d))
			goto out;
	}
	if (write_lists(a, path_join(a, work, "parts"), d) || download(a, work, f, d))
		goto out;
	if (rename(path_join(a, path_join(a, work, "download"), f->file), to)) {
		diag_fail(d, DIAG_TOOL, "cannot rename '%s': %s", f->file, strerror(errno));
		goto out;
	}
	status = 0;
out:
	if (file_remove_tree(work, d))
		return -1;
	return status;
}

int fetch_file(struct arena *a, const struct fetch *f, const char *to, struct diags *d)
{
	switch (f->kind) {
	case FETCH_PACKAGE:
		return fetch_package(a, f, to, d);
	case FETCH_URL:
		return fetch_url(a, f, to, d);
	case FETCH_NPM:
		return fetch_npm(a, f, to, d);
	case FETCH_PATH:
		break;
	}
	return diag_fail(d, DIAG_BUG, "'%s' is not to be fetched", f->file);
}
