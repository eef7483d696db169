/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an image of platform process is launched: by the tender that stands beside ukbuild. Knows command
 * lines only; what the guest prints is run.c's.
 */
#include "../../build/base/arena.h"
#include "../../build/base/diag.h"
#include "../../build/base/file.h"
#include "../../build/base/proc.h"
#include "../../build/run.h"

#include "process.h"

#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#define TENDER "ukbuild-tender"

static const char *find_tender(struct arena *a)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *path;

	if (len > 0) {
		self[len] = '\0';
		path = path_join(a, path_dir(a, self), TENDER);
		if (file_exists(path))
			return path;
	}
	return proc_which(a, TENDER);
}

static int process_command(struct arena *a, const struct run_opts *o, const char *nonce,
			   struct strs *ret_argv, struct diags *d)
{
	const char *tender = find_tender(a), *cmdline;

	if (!tender) {
		diag_fail(d, DIAG_TOOL, "there is no '%s'", TENDER);
		return diag_hint(d, "make builds it beside ukbuild");
	}
	if (o->machine || o->cpu)
		return diag_fail(d, DIAG_USAGE,
				 "platform 'process' has no machine or processor to choose");
	if (o->icount)
		return diag_fail(d, DIAG_USAGE,
				 "instructions cannot be counted on platform 'process': it runs "
				 "on the processor itself");
	if (o->accel != RUN_ACCEL_AUTO)
		return diag_fail(d, DIAG_USAGE, "platform 'process' needs no accelerator");
	if (run_guest_cmdline(a, o, nonce, &cmdline, d))
		return -1;
	strs_push(a, ret_argv, tender);
	strs_push(a, ret_argv, "-m");
	strs_pushf(a, ret_argv, "%" PRIu64, (o->memory_bytes + 1023) / 1024);
	if (o->seed_file) {
		strs_push(a, ret_argv, "-s");
		strs_push(a, ret_argv, o->seed_file);
	}
	strs_push(a, ret_argv, "-a");
	strs_push(a, ret_argv, cmdline);
	strs_push(a, ret_argv, o->image);
	return 0;
}

static const char *process_accel(struct arena *a, const char **ret_why)
{
	(void)a;
	*ret_why = "the guest is a process";
	return "native";
}

static const char *const process_needs[] = {NULL};

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const struct platform_host platform_host_process = {
	.name = "process",
	.surface = TEXT(
		PROCESS_CALLS) " system calls of Linux with their arguments checked (rules of "
			       "the filter); " TEXT(TENDER_LINES) " lines of C (the tender, "
								  "without blanks and comments)",
	.no_memory = "a process shares pages with Linux, which decides when they are present",
	.is_native = true,
	.command = process_command,
	.accel = process_accel,
	.needs = process_needs,
};
