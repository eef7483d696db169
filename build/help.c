/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands help and version. */
#include "base/json.h"
#include "cli.h"
#include "cmd.h"

int cmd_help(struct ctx *c)
{
	const struct cli_command *cmd;

	if (c->man) {
		cli_man(stdout);
	} else if (c->completion) {
		cli_completion(stdout);
	} else if (!c->args.len) {
		cli_help(stdout);
	} else if (str_eq(c->args.v[0], "exit")) {
		cli_help_exit(stdout);
	} else {
		cmd = cli_find(c->args.v[0]);
		if (!cmd || !cmd->summary) {
			(void)diag_fail(c->d, DIAG_USAGE, "no help on '%s'", c->args.v[0]);
			return diag_hint(c->d, "'ukbuild help' lists the commands");
		}
		cli_help_command(cmd, stdout);
	}
	return 0;
}

int cmd_version(struct ctx *c)
{
	if (c->json) {
		json_t *j = json_pack("{s:s}", "version", ukbuild_version);

		json_print(j, stdout);
		json_decref(j);
	} else {
		printf("ukbuild %s\n", ukbuild_version);
	}
	return 0;
}
