/* SPDX-License-Identifier: BSD-2-Clause */
/* Help, manual page and shell completion, all from the table in cli.c. */
#include "base/arena.h"
#include "base/str.h"
#include "cli.h"
#include <stdbool.h>
#include <string.h>

static const struct {
	int code;
	const char *text;
} exits[] = {
	{0, "all went well"},
	{1, "the input is wrong: manifest, sources, a file that was named"},
	{2, "the command line is wrong"},
	{3, "a tool is missing, a program that was run failed, or the system did (disk full)"},
	{4, "a verification, an attack or a budget check failed"},
	{5,
	 "the guest failed: it crashed, was stopped by a mechanism, or ended with non-zero status"},
	{70, "a bug in ukbuild"},
};

/* Prints text in lines of at most 100 columns, each after indent blanks. */
static void put_wrapped(const char *text, int indent, FILE *to)
{
	enum {
		WIDTH = 100
	};
	int col = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (col && col + 1 + (int)len > WIDTH) {
			fputc('\n', to);
			col = 0;
		}
		if (!col)
			col = fprintf(to, "%*s", indent, "");
		else
			col += fprintf(to, " ");
		col += fprintf(to, "%.*s", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

static void put_option(const struct cli_option *o, FILE *to)
{
	char left[64];
	char letter[8] = "    ";

	if (o->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
		       o->arg ? o->arg : "");
	fprintf(to, "  %-22s %s", left, o->text);
	if (o->values)
		fprintf(to, ": %s", o->values);
	fputc('\n', to);
}

static void put_options(unsigned scope, FILE *to)
{
	for (size_t i = 0; i < cli_options_len; i++) {
		if (cli_options[i].scope & scope)
			put_option(&cli_options[i], to);
	}
}

static bool has_options(const struct cli_command *cmd)
{
	return cmd->scope & ~(unsigned)SCOPE_OUT;
}

void cli_help(FILE *to)
{
	fputs("ukbuild builds unikernels and proves what their hardening costs and what it "
	      "stops.\n\n"
	      "usage: ukbuild [OPTIONS] COMMAND [ARGS]\n\ncommands:\n",
	      to);
	for (size_t i = 0; i < cli_commands_len; i++) {
		if (cli_commands[i].summary)
			fprintf(to, "  %-11s %s\n", cli_commands[i].name, cli_commands[i].summary);
	}
	fputs("\noptions:\n", to);
	put_options(SCOPE_ALL, to);
	fputs("\n'ukbuild help COMMAND' says more, 'ukbuild help exit' lists the exit codes.\n",
	      to);
}

void cli_help_command(const struct cli_command *cmd, FILE *to)
{
	fprintf(to, "usage: ukbuild %s%s%s%s\n\n", cmd->name, has_options(cmd) ? " [OPTIONS]" : "",
		*cmd->args ? " " : "", cmd->args);
	fprintf(to, "%s\n", cmd->summary);
	if (cmd->text) {
		fputc('\n', to);
		put_wrapped(cmd->text, 0, to);
	}
	if (has_options(cmd)) {
		fputs("\noptions:\n", to);
		put_options(cmd->scope, to);
	}
	fputs("\noptions of every command:\n", to);
	put_options(SCOPE_ALL, to);
}

void cli_help_exit(FILE *to)
{
	fputs("exit codes:\n", to);
	for (size_t i = 0; i < ARRAY_LEN(exits); i++)
		fprintf(to, "  %2d  %s\n", exits[i].code, exits[i].text);
}

/* Text for roff (groff_char(7)): '-' is a minus sign, a leading '.' or "'" would be a request. */
static void put_roff(const char *s, FILE *to)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", to);
	for (; *s; s++) {
		if (*s == '-')
			fputs("\\-", to);
		else if (*s == '\\')
			fputs("\\e", to);
		else
			fputc(*s, to);
	}
}

static void put_roff_options(unsigned scope, FILE *to)
{
	for (size_t i = 0; i < cli_options_len; i++) {
		const struct cli_option *o = &cli_options[i];

		if (!(o->scope & scope))
			continue;
		fputs(".TP\n", to);
		if (o->letter)
			fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
		fputs("\\fB\\-\\-", to);
		put_roff(o->name, to);
		fputs("\\fR", to);
		if (o->arg)
			fprintf(to, " \\fI%s\\fR", o->arg);
		fputc('\n', to);
		put_roff(o->text, to);
		if (o->values)
			fprintf(to, ": %s", o->values);
		fputs(".\n", to);
	}
}

void cli_man(FILE *to)
{
	fprintf(to, ".TH UKBUILD 1 \"\" \"ukbuild %s\" \"User commands\"\n", ukbuild_version);
	fputs(".SH NAME\nukbuild \\- build hardened unikernels and prove their hardening\n"
	      ".SH SYNOPSIS\n.B ukbuild\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGS\\fR]\n"
	      ".SH DESCRIPTION\n"
	      "Reads a manifest (ukbuild.yaml), works out which libraries the application needs, "
	      "applies hardening mechanisms, links one image for each platform, and reports what "
	      "each "
	      "mechanism costs, next to the proof that it works.\n"
	      ".SH COMMANDS\n",
	      to);
	for (size_t i = 0; i < cli_commands_len; i++) {
		const struct cli_command *cmd = &cli_commands[i];

		if (!cmd->summary)
			continue;
		fprintf(to, ".SS %s%s%s\n", cmd->name, *cmd->args ? " " : "", cmd->args);
		put_roff(cmd->summary, to);
		fputs(".\n", to);
		if (cmd->text) {
			fputs(".PP\n", to);
			put_roff(cmd->text, to);
			fputc('\n', to);
		}
		if (cmd->scope)
			put_roff_options(cmd->scope, to);
	}
	fputs(".SH OPTIONS\nEvery command takes these.\n", to);
	put_roff_options(SCOPE_ALL, to);
	fputs(".SH EXIT STATUS\n", to);
	for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
		fprintf(to, ".TP\n.B %d\n", exits[i].code);
		put_roff(exits[i].text, to);
		fputs(".\n", to);
	}
	fputs(".SH ENVIRONMENT\n"
	      ".TP\n.B UKBUILD_HOME\nThe tree of libraries, platforms and mechanisms, when it is "
	      "not "
	      "found from the executable.\n"
	      ".TP\n.B UKBUILD_CACHE\nWhere fetched sources are kept.\n"
	      ".TP\n.B UKBUILD_OBJECTS\nA folder in which several output folders share the objects "
	      "of libraries, platforms and mechanisms.\n"
	      ".TP\n.B NO_COLOR\nWhen set and not empty, messages have no colour.\n"
	      ".SH FILES\n.TP\n.B ukbuild.yaml\nThe manifest.\n"
	      ".TP\n.B ukbuild.lock\nThe secret layout seed, drawn at the first build.\n",
	      to);
}

static void put_option_words(unsigned scope, FILE *to)
{
	for (size_t i = 0; i < cli_options_len; i++) {
		if (cli_options[i].scope & scope)
			fprintf(to, " --%s", cli_options[i].name);
	}
}

void cli_completion(FILE *to)
{
	fputs("# bash completion for ukbuild, printed by 'ukbuild help --completion'\n"
	      "_ukbuild()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd= i\n"
	      "\tCOMPREPLY=()\n"
	      "\tcase $prev in\n"
	      "\t-f | --file | --output)\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\t\treturn\n"
	      "\t\t;;\n"
	      "\t-o | --out)\n\t\tCOMPREPLY=($(compgen -d -- \"$cur\"))\n\t\treturn\n\t\t;;\n",
	      to);
	for (size_t i = 0; i < cli_options_len; i++) {
		const char *values = cli_options[i].values;

		if (!values)
			continue;
		fprintf(to, "\t--%s)\n\t\tCOMPREPLY=($(compgen -W \"", cli_options[i].name);
		for (; *values; values++)
			fputc(*values == ',' ? ' ' : *values, to);
		fputs("\" -- \"$cur\"))\n\t\treturn\n\t\t;;\n", to);
	}
	fputs("\tesac\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t-f | --file | -o | --out | -j | --jobs) i=$((i + 1)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) cmd=${COMP_WORDS[i]}; break ;;\n"
	      "\t\tesac\n\tdone\n"
	      "\tif [[ $cur == -* ]]; then\n\t\tlocal words=\"",
	      to);
	put_option_words(SCOPE_ALL, to);
	fputs("\"\n\t\tcase $cmd in\n", to);
	for (size_t i = 0; i < cli_commands_len; i++) {
		if (!has_options(&cli_commands[i]))
			continue;
		fprintf(to, "\t\t%s) words+=\"", cli_commands[i].name);
		put_option_words(cli_commands[i].scope, to);
		fputs("\" ;;\n", to);
	}
	fputs("\t\tesac\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\telif [[ -z $cmd || $cmd == help ]]; then\n\t\tCOMPREPLY=($(compgen -W \"",
	      to);
	for (size_t i = 0; i < cli_commands_len; i++) {
		if (cli_commands[i].summary)
			fprintf(to, "%s ", cli_commands[i].name);
	}
	fputs("exit\" -- \"$cur\"))\n"
	      "\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\tfi\n}\n"
	      "complete -F _ukbuild ukbuild\n",
	      to);
}
