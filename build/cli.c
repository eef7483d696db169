/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands and options, and parsing by it with getopt_long. See cli.h. */
#include "cli.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/units.h"
#include "cmd.h"
#include "run.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
	JOBS_MAX = 1024,
	IMAGES_MAX = 10000 /* of diversify: all pairs are compared */
};

static int set_file(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)o;
	c->manifest_path = value;
	return 0;
}

static int set_out(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)o;
	c->out_dir = value;
	return 0;
}

static int set_jobs(struct ctx *c, const struct cli_option *o, const char *value)
{
	uint64_t n;

	if (!units_count(value, &n) || n < 1 || n > JOBS_MAX)
		return diag_fail(c->d, DIAG_USAGE, "--%s takes a number from 1 to %d, not '%s'",
				 o->name, JOBS_MAX, value);
	c->jobs = (unsigned)n;
	return 0;
}

static int set_images(struct ctx *c, const struct cli_option *o, const char *value)
{
	uint64_t n;

	if (!units_count(value, &n) || n < 1 || n > IMAGES_MAX)
		return diag_fail(c->d, DIAG_USAGE, "--%s takes a number from 1 to %d, not '%s'",
				 o->name, IMAGES_MAX, value);
	c->images = n;
	return 0;
}

static int set_quiet(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)c;
	(void)o;
	(void)value;
	log_set_level(LOG_QUIET);
	return 0;
}

static int set_verbose(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)c;
	(void)o;
	(void)value;
	log_set_level(LOG_VERBOSE);
	return 0;
}

/* Options that only set a flag or keep their text, found by name. */
static int set_flag(struct ctx *c, const struct cli_option *o, const char *value)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{"json", &c->json},      {"dry-run", &c->dry_run},
		{"test", &c->test},      {"icount", &c->icount},
		{"not", &c->is_not},     {"man", &c->man},
		{"force", &c->force},    {"completion", &c->completion},
		{"fresh", &c->is_fresh}, {"all", &c->all},
		{"merge", &c->is_merge}, {"interactions", &c->is_designed},
		{"write", &c->write},    {"check-all", &c->check_all},
	};

	(void)value;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (str_eq(flags[i].name, o->name))
			*flags[i].flag = true;
	}
	return 0;
}

static int set_text(struct ctx *c, const struct cli_option *o, const char *value)
{
	const struct {
		const char *name;
		const char **text;
	} texts[] = {
		{"platform", &c->platform},
		{"harden", &c->harden},
		{"accel", &c->accel},
		{"machine", &c->machine},
		{"cpu", &c->cpu},
		{"variants", &c->variants},
		{"format", &c->format},
		{"workloads", &c->workloads},
		{"output", &c->output},
		{"folder", &c->output},
		{"fail-on", &c->fail_on},
		{"profile", &c->profiles},
		{"only", &c->only},
		{"shard", &c->shard},
		{"budget", &c->budget},
		{"weights", &c->weights},
		{"memory-file", &c->memory_file},
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (str_eq(texts[i].name, o->name))
			*texts[i].text = value;
	}
	return 0;
}

/* Found here, so that it is missed before anything is built. */
static int set_launcher(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)o;
	c->launcher = proc_which(c->a, value);
	if (c->launcher)
		return 0;
	(void)diag_fail(c->d, DIAG_TOOL, "the launcher '%s' is not installed", value);
	return diag_hint(c->d, "install the package '%s', or compile here without --launcher",
			 value);
}

static int set_seed(struct ctx *c, const struct cli_option *o, const char *value)
{
	if (strlen(value) != 64 || value[strspn(value, "0123456789abcdef")] != '\0')
		return diag_fail(c->d, DIAG_USAGE, "--%s takes 64 digits 0-9 a-f, not '%s'",
				 o->name, value);
	c->seed = value;
	return 0;
}

static int set_entropy(struct ctx *c, const struct cli_option *o, const char *value)
{
	uint8_t *bytes = arena_alloc(c->a, RUN_SEED_BYTES);

	for (size_t i = 0; i < RUN_SEED_BYTES; i++) {
		unsigned int byte;

		if (strlen(value) != (size_t)2 * RUN_SEED_BYTES ||
		    value[strspn(value, "0123456789abcdef")] != '\0' ||
		    sscanf(value + 2 * i, "%2x", &byte) != 1)
			return diag_fail(c->d, DIAG_USAGE, "--%s takes 64 digits 0-9 a-f, not '%s'",
					 o->name, value);
		bytes[i] = (uint8_t)byte;
	}
	c->entropy = bytes;
	return 0;
}

static int set_memory(struct ctx *c, const struct cli_option *o, const char *value)
{
	if (!units_bytes(value, &c->memory_bytes) || c->memory_bytes == 0)
		return diag_fail(c->d, DIAG_USAGE, "--%s takes a size such as 8M, not '%s'",
				 o->name, value);
	return 0;
}

static int set_timeout(struct ctx *c, const struct cli_option *o, const char *value)
{
	if (!units_ms(value, &c->timeout_ms) || c->timeout_ms == 0)
		return diag_fail(c->d, DIAG_USAGE, "--%s takes a time such as 10s, not '%s'",
				 o->name, value);
	return 0;
}

static int set_help(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)o;
	(void)value;
	c->help = true;
	return 0;
}

static int set_version(struct ctx *c, const struct cli_option *o, const char *value)
{
	(void)o;
	(void)value;
	c->version = true;
	return 0;
}

const struct cli_option cli_options[] = {
	{"file", 'f', "FILE", SCOPE_ALL, NULL, "the manifest (default ukbuild.yaml)", set_file},
	{"out", 'o', "DIR", SCOPE_ALL, NULL, "where products go (default out beside the manifest)",
	 set_out},
	{"jobs", 'j', "N", SCOPE_ALL, NULL, "commands run at the same time (default: processors)",
	 set_jobs},
	{"quiet", 'q', NULL, SCOPE_ALL, NULL, "only the answer and errors", set_quiet},
	{"verbose", 'v', NULL, SCOPE_ALL, NULL, "also the commands that are run, and their times",
	 set_verbose},
	{"json", 0, NULL, SCOPE_ALL, NULL, "the answer as JSON", set_flag},
	{"dry-run", 0, NULL, SCOPE_ALL, NULL, "print the exact command lines and run none",
	 set_flag},
	{"platform", 0, "P[,P]", SCOPE_ALL, NULL, "platforms instead of the manifest's", set_text},
	{"harden", 0, "SPEC", SCOPE_ALL, NULL,
	 "a profile, mechanism=level[,...], or both, over the manifest's", set_text},
	{"seed", 0, "HEX", SCOPE_ALL, NULL, "the layout seed, 64 hex digits, over ukbuild.lock",
	 set_seed},
	{"help", 'h', NULL, SCOPE_ALL, NULL, "help on ukbuild or on a command", set_help},
	{"version", 0, NULL, SCOPE_ALL, NULL, "the version", set_version},
	{"test", 0, NULL, SCOPE_RUN, NULL, "run the manifest's test and check what it prints",
	 set_flag},
	{"accel", 0, "A", SCOPE_RUN, "auto,kvm,tcg", "what executes the guest (default auto)",
	 set_text},
	{"machine", 0, "M", SCOPE_RUN, "microvm,q35,pc,dom0,domu,xl",
	 "the virtual machine (default: the platform's first)", set_text},
	{"memory", 0, "SIZE", SCOPE_RUN, NULL, "guest memory, over the manifest's", set_memory},
	{"entropy", 0, "HEX", SCOPE_RUN, NULL,
	 "what the launcher passes for the random generator, 64 hex digits (default: fresh)",
	 set_entropy},
	{"memory-file", 0, "FILE", SCOPE_RUN, NULL,
	 "guest memory is FILE: what a guest leaves there the next one finds", set_text},
	{"cpu", 0, "CPU", SCOPE_RUN, NULL, "the CPU model (default max)", set_text},
	{"icount", 0, NULL, SCOPE_RUN, NULL, "count instructions exactly (TCG only)", set_flag},
	{"timeout", 0, "TIME", SCOPE_RUN, NULL, "end the guest after this time (default 60s)",
	 set_timeout},
	{"launcher", 0, "L", SCOPE_BUILD | SCOPE_MEASURE, "ccache,distcc,icecc",
	 "hand compiles to this program; links and passes stay here", set_launcher},
	{"variants", 0, "LIST", SCOPE_MEASURE | SCOPE_COMPARE, NULL,
	 "only these hardening variants", set_text},
	{"workloads", 0, "LIST", SCOPE_MEASURE, NULL, "only these workloads", set_text},
	{"fresh", 0, NULL, SCOPE_MEASURE, NULL, "measure again what is kept of earlier runs",
	 set_flag},
	{"interactions", 0, NULL, SCOPE_MEASURE, NULL,
	 "also what mechanisms cost together, by a designed set of variants", set_flag},
	{"shard", 0, "I/N", SCOPE_MEASURE, NULL, "only piece I of N, for 'report --merge'",
	 set_text},
	{"merge", 0, NULL, SCOPE_REPORT, NULL, "join the pieces of a sharded measurement first",
	 set_flag},
	{"format", 0, "F", SCOPE_REPORT | SCOPE_COMPARE, "text,json,markdown,html",
	 "form of the report (default text)", set_text},
	{"output", 0, "FILE", SCOPE_MEASURE | SCOPE_REPORT | SCOPE_COMPARE, NULL,
	 "write the answer to FILE instead of stdout", set_text},
	{"fail-on", 0, "LIST", SCOPE_COMPARE, NULL,
	 "conditions that end it with exit 4, such as overhead>2%,image>+4KiB,attacks>0", set_text},
	{"budget", 0, "LIST", SCOPE_HARDEN, NULL,
	 "limits, such as overhead=5%,image=+20%,memory=+64KiB,boot=+100000", set_text},
	{"weights", 0, "LIST", SCOPE_HARDEN, NULL,
	 "what stopping one attack of an adversary is worth, such as A1=3,A2=2,A3=1", set_text},
	{"write", 0, NULL, SCOPE_HARDEN, NULL, "write the choice into the manifest", set_flag},
	{"images", 'n', "N", SCOPE_DIVERSIFY, NULL, "how many images (default 10)", set_images},
	{"folder", 0, "DIR", SCOPE_DIVERSIFY, NULL,
	 "where the images go (default OUT/NAME/PLATFORM-VARIANT/diverse)", set_text},
	{"force", 0, NULL, SCOPE_DIVERSIFY, NULL, "write over other images that lie there",
	 set_flag},
	{"not", 0, NULL, SCOPE_EXPLAIN, NULL, "say why it is not in the image", set_flag},
	{"profile", 0, "LIST", SCOPE_ATTACK, NULL,
	 "profiles, mechanisms, 'all', or none+wx=on (default none,peer,default,max)", set_text},
	{"only", 0, "LIST", SCOPE_ATTACK, NULL, "only attacks whose names contain one of these",
	 set_text},
	{"all", 0, NULL, SCOPE_ATTACK, NULL, "the whole matrix where a start takes long, too",
	 set_flag},
	{"check-all", 0, NULL, SCOPE_FETCH, NULL, "ask whether every pinned file is still served",
	 set_flag},
	{"man", 0, NULL, SCOPE_HELP, NULL, "print the manual page (roff)", set_flag},
	{"completion", 0, NULL, SCOPE_HELP, NULL, "print the bash completion", set_flag},
};
const size_t cli_options_len = ARRAY_LEN(cli_options);

/* In the order of the pipeline, then what stands beside it. No summary = internal, not shown. */
const struct cli_command cli_commands[] = {
	{"init", "TEMPLATE [DIR]", 0, 2, 0, "start an application from a template",
	 "Copies templates/app/TEMPLATE to DIR (default: TEMPLATE). Nothing is overwritten. "
	 "Without "
	 "TEMPLATE the templates are listed."},
	{"scan", "", 0, 0, SCOPE_OUT, "what the application uses, and where",
	 "Compiles the application's objects with their final flags and lists each external symbol "
	 "that live code references, with its places in the source."},
	{"resolve", "", 0, 0, SCOPE_OUT, "the libraries, files and options the image needs",
	 "Walks from the application's symbols to libraries until nothing is open, then lets "
	 "Kconfig "
	 "check options, conflicts and providers."},
	{"explain", "UNIT|SYMBOL|OBJECT|OPTION", 1, 1, SCOPE_EXPLAIN | SCOPE_OUT,
	 "why something is in the image",
	 "Prints the chain from the application's source to a unit, symbol, object file or Kconfig "
	 "option. For an object file: the origin of each flag. With --not: why it is out."},
	{"plan", "", 0, 0, SCOPE_OUT, "the commands of the build",
	 "Writes OUT/.../build.mk and compile_commands.json, and lists every command with its "
	 "inputs, "
	 "outputs and the origin of each flag that is not the project's default."},
	{"build", "", 0, 0, SCOPE_BUILD | SCOPE_OUT, "build the image of each platform",
	 "Only what changed is compiled. --json prints {\"images\": [{platform, profile, path, "
	 "bytes, "
	 "sha256}]}. A mechanism that was asked for and is not found in the finished image is an "
	 "error, and so is a budget that is exceeded (exit 4)."},
	{"inspect", "[IMAGE]", 0, 1, 0, "what is in an image, from its bytes",
	 "Attributes every byte of the file to a unit, verifies each mechanism in the finished "
	 "image, "
	 "lists privileged instructions and gadgets. Default: the images of the manifest."},
	{"run", "[IMAGE] [-- ARGS]", 0, 1, SCOPE_RUN | SCOPE_OUT, "boot an image",
	 "Builds first unless an image is given. ARGS go to the guest. The guest's console goes to "
	 "stdout; a crash is symbolised. Exit 5 when the guest fails. --dry-run prints the exact "
	 "command line."},
	{"diversify", "", 0, 0, SCOPE_DIVERSIFY | SCOPE_OUT,
	 "many images that differ in their layout, from one set of objects",
	 "Links N images in orders of code and data that are drawn from the layout seed and the "
	 "number of the image, verifies each as 'build' does, and tells what two of them have in "
	 "common at the same address. Seeds and hashes are listed in diversify.json beside the "
	 "images (keep it secret). What is there already is kept: the command resumes."},
	{"measure", "", 0, 0, SCOPE_MEASURE | SCOPE_OUT, "the cost of each mechanism",
	 "Builds and runs hardening variants x workloads: bytes, memory, instructions. The result "
	 "is "
	 "kept under OUT for 'ukbuild report'."},
	{"attack", "", 0, 0, SCOPE_ATTACK | SCOPE_OUT, "what attacks on the image come to",
	 "Attacks a twin of the image (the same objects, options and seed, and the attacks beside "
	 "the program) with each profile, every attack in a start of its own, and says which "
	 "succeed and which mechanism stopped the others. The result is kept under OUT. Exit 4 "
	 "when something succeeds that the threat model says is stopped. --dry-run lists the "
	 "attacks, whose they are, and what has to stop them."},
	{"report", "[--merge PIECE...]", 0, -1, SCOPE_REPORT | SCOPE_OUT,
	 "size, memory, instructions and proof, in one document",
	 "Presents the inspection of the images and what 'ukbuild measure' found. With --merge the "
	 "pieces of 'ukbuild measure --shard' become one measurement first; those of other inputs "
	 "are refused."},
	{"compare", "BEFORE AFTER", 2, 2, SCOPE_COMPARE, "what changed between two results",
	 "Each is a file of 'report --json', 'measure' or 'attack', or a folder that has "
	 "measure.json and attack.json. --fail-on takes METRIC[:WORKLOAD] > VALUE (or >= < <=): "
	 "with a sign the value is a change, without one the figure itself. Metrics: image, text, "
	 "memory, least-memory (bytes), to-main, test (instructions), overhead, kernels, time "
	 "(percent, by workload), attacks (that succeed). Conditions are about the variant that "
	 "the manifest asks for; --variants chooses others. Time counts only where intervals do "
	 "not meet, and is not compared between machines."},
	{"harden", "", 0, 0, SCOPE_HARDEN | SCOPE_OUT, "the safest mechanisms within a budget",
	 "Takes what each mechanism costs (measures it where figures are missing) and what it "
	 "stops "
	 "(from 'ukbuild attack', else from the threat model), finds the sets within --budget that "
	 "no other is safer than, builds and measures the best, and says what was left out, why "
	 "and "
	 "at what cost. A set is safer when it stops a superset; among those that are not "
	 "comparable the one comes first that stops more of A1, then A2, then A3, or more by "
	 "--weights. Without --budget everything that can be together is chosen. --dry-run only "
	 "predicts; with --write it prints the new manifest."},
	{"menuconfig", "", 0, 0, SCOPE_OUT, "change Kconfig options in a menu",
	 "Opens the resolved configuration; what is changed there is written back to the manifest "
	 "as "
	 "the smallest set of keys."},
	{"libs", "[NAME]", 0, 1, 0, "libraries, what they provide, their licences", NULL},
	{"mechanisms", "", 0, 0, 0, "how each mechanism stands on each platform",
	 "proven: attacks and verifier show it on and off; verifier only, inherent (the platform "
	 "enforces it) and refused come with a reason; untried: nobody has shown anything."},
	{"fetch", "[NAME]", 0, 1, SCOPE_FETCH, "fetch and unpack third-party sources",
	 "The tree's, and the manifest's when there is one. After this, building needs no network. "
	 "The rigs that `ukbuild doctor` lists are fetched when named. --check-all asks the origin "
	 "of "
	 "every file that the tree, its templates and the manifest pin whether it is served and "
	 "has "
	 "the pinned hash; nothing is kept."},
	{"doctor", "", 0, 0, 0, "tools, versions, packages, accelerators",
	 "Shows each tool with the package that brings it, and tries which accelerator really "
	 "works. "
	 "Exit 3 when something required is missing."},
	{"clean", "", 0, 0, 0, "remove the products",
	 "Removes OUT when ukbuild made it. Sources that were fetched stay."},
	{"help", "[COMMAND|exit]", 0, 1, SCOPE_HELP, "help on a command, or on exit codes", NULL},
	{"version", "", 0, 0, 0, "the version", NULL},
	{"internal-order", "ARGS", 0, -1, 0, NULL, NULL},
	{"internal-image", "ARGS", 0, -1, 0, NULL, NULL},
	{"internal-diverse", "ARGS", 0, -1, 0, NULL, NULL},
	/* Like run, these take a command behind "--". */
	{"internal-relink", "ARGS", 0, -1, SCOPE_RUN, NULL, NULL},
	{"internal-lto", "ARGS", 0, -1, SCOPE_RUN, NULL, NULL},
};
const size_t cli_commands_len = ARRAY_LEN(cli_commands);

const struct cli_command *cli_find(const char *name)
{
	for (size_t i = 0; i < cli_commands_len; i++) {
		if (str_eq(cli_commands[i].name, name))
			return &cli_commands[i];
	}
	return NULL;
}

/* getopt_long's value for the option at index i of the table. Above every character. */
enum {
	OPTION_BASE = 256
};

static const char *short_options(struct arena *a)
{
	struct sb b;

	sb_init(&b, a);
	sb_put(&b, ":"); /* a missing argument is told apart from an unknown option */
	for (size_t i = 0; i < cli_options_len; i++) {
		if (cli_options[i].letter)
			sb_putf(&b, "%c%s", cli_options[i].letter, cli_options[i].arg ? ":" : "");
	}
	return sb_str(&b);
}

static const struct option *long_options(struct arena *a)
{
	struct option *list = arena_array(a, cli_options_len + 1, sizeof(*list));

	for (size_t i = 0; i < cli_options_len; i++) {
		list[i].name = cli_options[i].name;
		list[i].has_arg = cli_options[i].arg ? required_argument : no_argument;
		list[i].val = OPTION_BASE + (int)i;
	}
	return list;
}

static const struct cli_option *find_option(int got)
{
	if (got >= OPTION_BASE)
		return &cli_options[got - OPTION_BASE];
	for (size_t i = 0; i < cli_options_len; i++) {
		if (cli_options[i].letter == got)
			return &cli_options[i];
	}
	return NULL;
}

static int unknown_option(struct ctx *c, const char *word)
{
	const char **names = arena_array(c->a, cli_options_len, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < cli_options_len; i++)
		names[i] = cli_options[i].name;
	(void)diag_fail(c->d, DIAG_USAGE, "unknown option '%s'", word);
	nearest = str_starts(word, "--") ? str_suggest(word + 2, names, cli_options_len) : NULL;
	return nearest ? diag_hint(c->d, "did you mean '--%s'?", nearest)
		       : diag_hint(c->d, "'ukbuild help' lists the options");
}

static int unknown_command(struct ctx *c, const char *word)
{
	const char **names = arena_array(c->a, cli_commands_len, sizeof(*names));
	const char *nearest;
	size_t len = 0;

	for (size_t i = 0; i < cli_commands_len; i++) {
		if (cli_commands[i].summary)
			names[len++] = cli_commands[i].name;
	}
	(void)diag_fail(c->d, DIAG_USAGE, "unknown command '%s'", word);
	nearest = str_suggest(word, names, len);
	return nearest ? diag_hint(c->d, "did you mean 'ukbuild %s'?", nearest)
		       : diag_hint(c->d, "'ukbuild help' lists the commands");
}

static bool is_listed(const char *value, const char *values)
{
	size_t len = strlen(value);

	for (const char *p = values; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, value, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return len > 0 && !strchr(value, ',');
	}
	return false;
}

static int take_option(struct ctx *c, const struct cli_option *o, const char *value)
{
	if (o->arg && !*value)
		return diag_fail(c->d, DIAG_USAGE, "--%s needs a value", o->name);
	if (o->values && !is_listed(value, o->values))
		return diag_fail(c->d, DIAG_USAGE, "--%s takes one of %s, not '%s'", o->name,
				 o->values, value);
	return o->set(c, o, value);
}

/* The options, into c; the words that are none, into c->args; *ret_scopes: which kinds were used.
 */
static int parse_options(struct ctx *c, int argc, char **argv, bool *ret_seen)
{
	const struct option *list = long_options(c->a);
	const char *letters = short_options(c->a);
	int got;

	opterr = 0;
	optind = 0; /* glibc: start anew, also in a second call */
	while ((got = getopt_long(argc, argv, letters, list, NULL)) != -1) {
		const struct cli_option *o = find_option(got);

		if (got == ':')
			return diag_fail(c->d, DIAG_USAGE, "option '%s' needs a value",
					 argv[optind - 1]);
		if (got == '?' && optopt > 0 && optopt < OPTION_BASE)
			return unknown_option(c, arena_printf(c->a, "-%c", optopt));
		if (got == '?' && optopt >= OPTION_BASE)
			return diag_fail(c->d, DIAG_USAGE, "option '%s' takes no value",
					 argv[optind - 1]);
		if (!o)
			return unknown_option(c, argv[optind - 1]);
		ret_seen[o - cli_options] = true;
		if (take_option(c, o, optarg) != 0)
			return -1;
	}
	for (int i = optind; i < argc; i++)
		strs_push(c->a, &c->args, argv[i]);
	return 0;
}

static int check_scopes(struct ctx *c, const struct cli_command *cmd, const bool *seen)
{
	for (size_t i = 0; i < cli_options_len; i++) {
		if (seen[i] && !(cli_options[i].scope & (SCOPE_ALL | cmd->scope))) {
			(void)diag_fail(c->d, DIAG_USAGE, "'ukbuild %s' has no option '--%s'",
					cmd->name, cli_options[i].name);
			return diag_hint(c->d, "see 'ukbuild help %s'", cmd->name);
		}
	}
	return 0;
}

static int check_args(struct ctx *c, const struct cli_command *cmd)
{
	int n = (int)c->args.len;

	if (n < cmd->min_args)
		(void)diag_fail(c->d, DIAG_USAGE, "'ukbuild %s' needs %s", cmd->name, cmd->args);
	else if (cmd->max_args >= 0 && n > cmd->max_args)
		(void)diag_fail(c->d, DIAG_USAGE, "'ukbuild %s' does not take '%s'", cmd->name,
				c->args.v[cmd->max_args]);
	else
		return 0;
	return diag_hint(c->d, "see 'ukbuild help %s'", cmd->name);
}

int cli_parse(struct ctx *c, int argc, char **argv)
{
	bool *seen = arena_array(c->a, cli_options_len, sizeof(*seen));
	const struct cli_command *cmd;
	int own = 1;

	/* What follows the first "--" is the guest's. */
	while (own < argc && !str_eq(argv[own], "--"))
		own++;
	for (int i = own + 1; i < argc; i++)
		strs_push(c->a, &c->guest_args, argv[i]);
	if (parse_options(c, own, argv, seen) != 0)
		return -1;
	if (!c->args.len)
		return 0;
	cmd = cli_find(c->args.v[0]);
	if (!cmd)
		return unknown_command(c, c->args.v[0]);
	c->command = cmd->name;
	c->args.v++;
	c->args.len--;
	c->args.cap--;
	if (c->help || c->version)
		return 0;
	if (c->guest_args.len && !(cmd->scope & SCOPE_RUN))
		return diag_fail(c->d, DIAG_USAGE, "'ukbuild %s' takes nothing after '--'",
				 cmd->name);
	return check_scopes(c, cmd, seen) != 0 ? -1 : check_args(c, cmd);
}
