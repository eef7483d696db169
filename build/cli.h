/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line: one table of commands and options, from which parsing, help, the manual page
 * and the shell completion come. Knows no stage; the functions of commands come from cmd.h.
 */
#ifndef UKB_CLI_H
#define UKB_CLI_H

#include <stddef.h>
#include <stdio.h>

struct ctx;
struct diags;

/* Which commands an option belongs to: a bit each. */
enum cli_scope {
	SCOPE_ALL = 1 << 0,
	SCOPE_RUN = 1 << 1,
	SCOPE_MEASURE = 1 << 2,
	SCOPE_REPORT = 1 << 3,
	SCOPE_EXPLAIN = 1 << 4,
	SCOPE_HELP = 1 << 5,
	SCOPE_DIVERSIFY = 1 << 7,
	SCOPE_COMPARE = 1 << 8,
	SCOPE_ATTACK = 1 << 9,
	SCOPE_HARDEN = 1 << 10,
	SCOPE_BUILD = 1 << 11,
	SCOPE_FETCH = 1 << 12,
	SCOPE_OUT = 1 << 6, /* no option: the command writes to the out folder */
};

struct cli_option {
	const char *name;   /* long name without dashes */
	int letter;         /* short name, or 0 */
	const char *arg;    /* what stands for its argument, or NULL when it takes none */
	unsigned scope;     /* enum cli_scope, or-ed */
	const char *values; /* comma-separated: the only values it takes, or NULL */
	const char *text;   /* one line of help */
	/* Stores the value (NULL without argument) in the context. */
	int (*set)(struct ctx *c, const struct cli_option *o, const char *value);
};

struct cli_command {
	const char *name;
	const char *args;       /* positional arguments as help shows them, "" = none */
	int min_args, max_args; /* max -1 = any number */
	unsigned scope;         /* scopes of its options, besides SCOPE_ALL */
	const char *summary;    /* one line */
	const char *text;       /* paragraphs of `help COMMAND` and the manual page */
};

extern const struct cli_option cli_options[];
extern const size_t cli_options_len;
extern const struct cli_command cli_commands[];
extern const size_t cli_commands_len;
extern const char ukbuild_version[];

/*
 * Fills c from argv. Errors are of kind DIAG_USAGE. Paths are made absolute by ukbuild.c.
 * c->command is NULL when there was no command.
 */
int cli_parse(struct ctx *c, int argc, char **argv);
const struct cli_command *cli_find(const char *name);

void cli_help(FILE *to);
void cli_help_command(const struct cli_command *cmd, FILE *to);
void cli_help_exit(FILE *to);
void cli_man(FILE *to);
void cli_completion(FILE *to);

#endif
