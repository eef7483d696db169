/* SPDX-License-Identifier: BSD-2-Clause */
/* Fetching from an address with curl, and from the npm registry with npm. See fetch.h. */
#include "fetch.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A download that hangs must end in an error. */
#define CLIENT_TIMEOUT_MS (10 * 60 * 1000)

/* curl(1), "EXIT CODES". */
enum {
	CURL_NO_PROXY = 5,
	CURL_NO_HOST = 6,
	CURL_NO_CONNECTION = 7,
	CURL_HTTP_ERROR = 22,
};

static bool is_installed(struct arena *a, const struct fetch *f, const char *client,
			 struct diags *d)
{
	if (proc_which(a, client))
		return true;
	diag_fail_at(d, DIAG_TOOL, f->loc, "cannot fetch '%s': '%s' is not installed", f->file,
		     client);
	(void)diag_hint(d, "'apt-get install %s', or put the file into the source cache", client);
	return false;
}

static const char *last_line(struct arena *a, const char *text)
{
	const char *end = text + strlen(text), *start;

	while (end > text && end[-1] == '\n')
		end--;
	for (start = end; start > text && start[-1] != '\n'; start--)
		;
	return arena_memdup(a, start, (size_t)(end - start));
}

int fetch_url(struct arena *a, const struct fetch *f, const char *to, struct diags *d)
{
	const char *argv[] = {"curl",       "--fail",  "--silent",    "--show-error",
			      "--location", "--proto", "=http,https", "--output",
			      to,           "--",      f->from,       NULL};
	const struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
		.timeout_ms = CLIENT_TIMEOUT_MS,
	};
	struct proc_result result;

	if (!is_installed(a, f, "curl", d) || proc_run(a, argv, &opts, &result, d))
		return -1;
	if (result.status == 0)
		return 0;
	switch (result.status) {
	case CURL_NO_PROXY:
	case CURL_NO_HOST:
	case CURL_NO_CONNECTION:
		return fetch_no_network(f, d);
	case CURL_HTTP_ERROR:
		return diag_fail_at(d, DIAG_TOOL, f->loc, "'%s' is not served: %s", f->from,
				    last_line(a, result.out));
	default:
		return diag_fail_at(d, DIAG_TOOL, f->loc, "cannot fetch '%s': %s", f->from,
				    result.timed_out ? "timed out" : last_line(a, result.out));
	}
}

/* npm's error codes (npm ERR! code X), as they matter here. */
static int explain_npm(struct arena *a, const struct fetch *f, const char *output, struct diags *d)
{
	static const char *const offline[] = {"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED",
					      "ENETUNREACH", "ETIMEDOUT"};

	for (size_t i = 0; i < ARRAY_LEN(offline); i++) {
		if (strstr(output, offline[i]))
			return fetch_no_network(f, d);
	}
	if (strstr(output, "E404") || strstr(output, "ETARGET"))
		return diag_fail_at(d, DIAG_TOOL, f->loc,
				    "the npm registry does not serve '%s' of version '%s'", f->from,
				    f->version);
	return diag_fail_at(d, DIAG_TOOL, f->loc, "cannot fetch '%s': npm: %s", f->file,
			    last_line(a, output));
}

/* The only archive in the folder dir, moved to `to`. */
static int take_archive(struct arena *a, const struct fetch *f, const char *dir, const char *to,
			struct diags *d)
{
	struct strs names = {0};

	if (file_list(a, dir, &names, d))
		return -1;
	if (names.len != 1)
		return diag_fail_at(d, DIAG_TOOL, f->loc, "npm packed no archive of '%s'", f->from);
	if (rename(path_join(a, dir, names.v[0]), to))
		return diag_fail(d, DIAG_TOOL, "cannot rename '%s': %s", names.v[0],
				 strerror(errno));
	return 0;
}

int fetch_npm(struct arena *a, const struct fetch *f, const char *to, struct diags *d)
{
	const char *work = arena_printf(a, "%s.fetch.%ld", to, (long)getpid());
	const char *packed = path_join(a, work, "packed");
	const char *argv[] = {"npm",
			      "pack",
			      "--ignore-scripts",
			      "--no-update-notifier",
			      "--cache",
			      path_join(a, work, "cache"),
			      "--pack-destination",
			      packed,
			      arena_printf(a, "%s@%s", f->from, f->version),
			      NULL};
	const struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
		.timeout_ms = CLIENT_TIMEOUT_MS,
		.cwd = work,
	};
	struct proc_result result;
	int status = -1;

	if (!is_installed(a, f, "npm", d) || file_mkdirs(packed, d))
		return -1;
	if (proc_run(a, argv, &opts, &result, d) == 0)
		status = result.status || result.timed_out ? explain_npm(a, f, result.out, d)
							   : take_archive(a, f, packed, to, d);
	if (file_remove_tree(work, d))
		return -1;
	return status;
}
