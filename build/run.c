/* SPDX-License-Identifier: BSD-2-Clause */
#include "run.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/proc.h"
#include "console.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_MS 60000
/* A guest that prints more is cut off; tests and measurements print kilobytes. */
#define CONSOLE_MAX_BYTES (16u << 20)
#define NONCE_BYTES 8

/* What on_out needs while the guest runs. */
struct listener {
	struct console console;
	const struct platform_host *host;
	const struct run_opts *opts;
	struct run_split split;
	size_t shown_len; /* of split.log, with -v */
	const char *memory_file;
	struct run *run;
};

static uint64_t present_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_blocks * 512; /* st_blocks: stat(2) */
}

const struct platform_host *run_host(const char *platform)
{
	size_t i;

	for (i = 0; i < platform_hosts_len; i++)
		if (str_eq(platform_hosts[i]->name, platform))
			return platform_hosts[i];
	return NULL;
}

int run_check_tools(struct arena *a, const char *platform, struct diags *d)
{
	const struct platform_host *host = run_host(platform);

	for (size_t i = 0; host && host->needs && host->needs[i]; i += 2)
		if (proc_check_there(a, host->needs[i], d))
			return -1;
	return 0;
}

/* Random, or with icount drawn from the seed: the same run must be the same to the last
 * instruction. */
static int make_nonce(struct arena *a, const struct run_opts *o, const char **ret, struct diags *d)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];

	if (o->icount) {
		struct hash h;

		hash_init(&h);
		hash_add_str(&h, "nonce");
		hash_add(&h, &o->icount_seed, sizeof(o->icount_seed));
		hash_end(&h, bytes);
	} else if (random_bytes(bytes, NONCE_BYTES, d)) {
		return -1;
	}
	memset(bytes + NONCE_BYTES, 0, sizeof(bytes) - NONCE_BYTES);
	hash_hex(bytes, hex);
	hex[2 * NONCE_BYTES] = '\0';
	*ret = arena_strdup(a, hex);
	return 0;
}

static const char *scratch_dir(const struct run_opts *o)
{
	return o->scratch_dir ? o->scratch_dir : "/tmp";
}

/* The entropy boot module: 32 bytes, the guest's only sure source. */
static int write_seed(struct arena *a, const struct run_opts *o, const char *name,
		      const char **ret_path, struct diags *d)
{
	uint8_t bytes[RUN_SEED_BYTES];

	*ret_path = NULL;
	if (o->no_seed)
		return 0;
	if (o->seed)
		memcpy(bytes, o->seed, sizeof(bytes));
	/* What begins like gzip (RFC 1952, 2.3.1) is unpacked by the tools of some hypervisors. */
	else
		do {
			if (random_bytes(bytes, sizeof(bytes), d))
				return -1;
		} while (bytes[0] == 0x1f && bytes[1] == 0x8b);
	*ret_path = path_join(a, scratch_dir(o), name);
	if (file_mkdirs(scratch_dir(o), d))
		return -1;
	return file_write(*ret_path, bytes, sizeof(bytes), d);
}

/* A guest argument as the guest's splitter reads it: blanks need double quotes. */
static int append_arg(struct sb *b, const char *arg, struct diags *d)
{
	if (strchr(arg, '"'))
		return diag_fail(
			d, DIAG_USAGE,
			"guest argument '%s' holds a double quote, which the command line of "
			"the guest cannot carry",
			arg);
	if (*arg && !strpbrk(arg, " \t\n"))
		sb_putf(b, " %s", arg);
	else
		sb_putf(b, " \"%s\"", arg);
	return 0;
}

int run_guest_cmdline(struct arena *a, const struct run_opts *o, const char *nonce,
		      const char **ret, struct diags *d)
{
	struct sb b;
	size_t i;

	sb_init(&b, a);
	sb_putf(&b, "ukbuild.nonce=%s", nonce);
	for (i = 0; i < o->boot_opts.len; i++)
		sb_putf(&b, " %s", o->boot_opts.v[i]);
	if (o->args.len)
		sb_put(&b, " --");
	for (i = 0; i < o->args.len; i++)
		if (append_arg(&b, o->args.v[i], d))
			return -1;
	*ret = sb_str(&b);
	return 0;
}

/* Launchers take other things too, and say strange things about what they cannot take. */
static int check_image(const char *path, struct diags *d)
{
	char magic[4] = {0};
	FILE *f = fopen(path, "re");

	if (!f)
		return diag_fail(d, DIAG_INPUT, "there is no image '%s'", path);
	if (fread(magic, 1, sizeof(magic), f) != sizeof(magic) || memcmp(magic, "\177ELF", 4)) {
		(void)fclose(f); /* only read */
		return diag_fail(d, DIAG_INPUT, "'%s' is no image: it is no ELF file", path);
	}
	(void)fclose(f); /* only read */
	return 0;
}

/* o gains what run_image sets. */
static int make_command(struct arena *a, const char *platform, struct run_opts *o, bool is_kept,
			const char **ret_nonce, struct strs *ret_argv, struct diags *d)
{
	const struct platform_host *host = run_host(platform);
	const char *suffix;

	if (!host)
		return diag_fail(d, DIAG_USAGE, "platform '%s' cannot be run from this host",
				 platform);
	if (check_image(o->image, d) || make_nonce(a, o, ret_nonce, d))
		return -1;
	if (o->memory_file && host->no_memory)
		return diag_fail(d, DIAG_USAGE, "platform '%s' has no memory file: %s", platform,
				 host->no_memory);
	suffix = is_kept ? "" : arena_printf(a, "-%s-%d", *ret_nonce, (int)getpid());
	if (write_seed(a, o, arena_printf(a, "seed%s", suffix), &o->seed_file, d))
		return -1;
	o->work_dir =
		path_absolute(a, path_join(a, scratch_dir(o), arena_printf(a, "run%s", suffix)));
	if (host->prepare && host->prepare(a, o, false, &o->ready_dir, d))
		return -1;
	return host->command(a, o, *ret_nonce, ret_argv, d);
}

/* Secrets of a guest that is gone, and what can be large. */
static int clean_up(const struct run_opts *o, struct diags *d)
{
	if (o->seed_file)
		(void)unlink(o->seed_file); /* left behind it harms nobody */
	return o->work_dir ? file_remove_tree(o->work_dir, d) : 0;
}

int run_command(struct arena *a, const char *platform, const struct run_opts *opts,
		struct strs *ret_argv, const char **ret_nonce, struct diags *d)
{
	struct run_opts o = *opts;
	const char *nonce = NULL;

	if (make_command(a, platform, &o, true, &nonce, ret_argv, d))
		return -1;
	if (ret_nonce)
		*ret_nonce = nonce;
	return 0;
}

static void show_log(struct listener *l)
{
	if (log_level() >= LOG_VERBOSE && l->split.log.len > l->shown_len)
		(void)fwrite(l->split.log.v + l->shown_len, 1, l->split.log.len - l->shown_len,
			     stderr); /* nothing to do when it fails */
	l->shown_len = l->split.log.len;
}

/* Passes on the guest's share. */
static void take(struct listener *l, const char *data, size_t len, bool is_last)
{
	if (!l->host->split) {
		console_feed(&l->console, data, len);
		return;
	}
	l->host->split(l->opts, &l->split, data, len, is_last);
	show_log(l);
	console_feed(&l->console, l->split.guest.v, l->split.guest.len);
	l->split.guest.len = 0;
}

static bool on_console(void *arg, const char *data, size_t len)
{
	struct listener *l = arg;

	if (l->memory_file && !l->run->touched_first)
		l->run->touched_first = present_bytes(l->memory_file);
	take(l, data, len, false);
	return !l->split.is_over && !(l->split.is_over_at_exit && l->console.has_exit);
}

/* The accelerator that stands on the command line. */
static const char *accel_of(const struct strs *argv)
{
	size_t i;

	for (i = 0; i + 1 < argv->len; i++)
		if (str_eq(argv->v[i], "-accel"))
			return argv->v[i + 1];
	return "";
}

/* From time stamps to instructions. */
static void divide(struct run_values *l, unsigned shift)
{
	size_t i;

	for (i = 0; i < l->len; i++)
		l->v[i].val >>= shift;
}

static const char *first_line(struct arena *a, const char *text)
{
	return arena_memdup(a, text, strcspn(text, "\n"));
}

/* What can be told when nothing more comes. */
static void finish(struct listener *l, struct arena *a, const struct proc_result *pr)
{
	struct run *r = l->run;

	take(l, "", 0, true);
	console_end(&l->console);
	if (l->host->split) {
		sb_putn(&l->split.log, pr->err, pr->err_len);
		show_log(l);
	}
	r->log = sb_str(&l->split.log);
	if (r->end == RUN_NO_TRAILER && l->host->explain)
		r->why = l->host->explain(a, r->log);
	if (r->end == RUN_NO_TRAILER && !r->why && !pr->stopped && pr->status > 128)
		r->why = arena_printf(a, "signal %d ended it%s", pr->status - 128,
				      pr->status - 128 == SIGSYS ? ": the system call filter" : "");
	if (l->opts->icount)
		divide(&r->phases, l->host->icount_shift);
	r->wall_ns = pr->wall_ns;
	r->cpu_ns = pr->user_ns + pr->sys_ns;
}

int run_image(struct arena *a, const char *platform, const struct run_opts *opts, struct run *ret,
	      struct diags *d)
{
	struct run_opts o = *opts;
	struct listener listener = {.memory_file = opts->memory_file, .run = ret, .opts = &o};
	struct proc_opts po = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = opts->timeout_ms ? opts->timeout_ms : DEFAULT_TIMEOUT_MS,
		.cap_bytes = CONSOLE_MAX_BYTES,
		.on_out = on_console,
		.on_out_arg = &listener,
	};
	const struct platform_host *host = run_host(platform);
	struct strs argv = {0};
	struct proc_result pr;
	const char *nonce = NULL, *why;
	int err;

	memset(ret, 0, sizeof(*ret));
	if (make_command(a, platform, &o, false, &nonce, &argv, d)) {
		struct diags ignored;

		diags_init(&ignored, a);
		(void)clean_up(&o, &ignored); /* there is an error already */
		return -1;
	}
	if (opts->memory_file && !opts->keeps_memory)
		(void)unlink(opts->memory_file); /* usually absent; the launcher makes it */
	if (host->start_ms)
		po.timeout_ms += host->start_ms(&o);
	listener.host = host;
	console_init(&listener.console, a, nonce, opts->echo ? stdout : NULL, ret);
	sb_init(&listener.split.guest, a);
	sb_init(&listener.split.log, a);
	sb_init(&listener.split.pending, a);
	err = proc_run(a, proc_argv(a, &argv), &po, &pr, d);
	if (clean_up(&o, d) || err)
		return -1;
	finish(&listener, a, &pr);
	if (ret->end == RUN_NO_TRAILER && pr.timed_out)
		ret->end = RUN_TIMEOUT;
	ret->accel = accel_of(&argv);
	if (!*ret->accel)
		ret->accel = host->accel(a, &why);
	if (opts->memory_file)
		ret->touched_bytes = present_bytes(opts->memory_file);
	if (ret->end == RUN_NO_TRAILER && !listener.console.raw.len && !ret->why && pr.err_len)
		return diag_fail(d, DIAG_TOOL, "%s: %s", argv.len ? argv.v[0] : platform,
				 first_line(a, pr.err));
	return 0;
}

void run_parse_console(struct arena *a, const char *text, size_t len, const char *nonce,
		       struct run *ret)
{
	struct console c;

	memset(ret, 0, sizeof(*ret));
	console_init(&c, a, nonce, NULL, ret);
	console_feed(&c, text, len);
	console_end(&c);
}

/* memmem(), which POSIX does not have. */
static const char *find_text(const char *at, const char *end, const char *text)
{
	size_t len = strlen(text);

	for (; (size_t)(end - at) >= len; at++) {
		if (!memcmp(at, text, len))
			return at;
	}
	return NULL;
}

bool run_has_output(const struct run *r, const char *const *expect, size_t len,
		    const char **ret_missing)
{
	const char *at = r->console, *end = r->console + r->console_len;
	size_t i;

	for (i = 0; i < len; i++) {
		const char *found = find_text(at, end, expect[i]);

		if (!found) {
			*ret_missing = expect[i];
			return false;
		}
		at = found + strlen(expect[i]);
	}
	return true;
}

uint64_t run_value(const struct run_values *l, const char *name, uint64_t fallback)
{
	size_t i;

	for (i = 0; i < l->len; i++)
		if (str_eq(l->v[i].name, name))
			return l->v[i].val;
	return fallback;
}

static void print_frame(const struct trap_frame *f, size_t n, FILE *to)
{
	if (f->is_outside) {
		fprintf(to, "  #%-2zu outside the image\n", n);
		return;
	}
	fprintf(to, "  #%-2zu +0x%" PRIx64 " %s", n, f->offset, f->symbol ? f->symbol : "?");
	if (f->file && f->line)
		fprintf(to, " at %s:%u", f->file, f->line);
	else if (f->file)
		fprintf(to, " in %s", f->file);
	fprintf(to, "%s%s\n", f->is_inlined ? " (inlined)" : "", f->is_guess ? " (probably)" : "");
}

const char *run_trap_call(struct arena *a, const struct run *r)
{
	static const char key[] = " vec=128 err=0x"; /* uk/trap.h, UK_VECTOR_CALL */
	const char *at = r->trap_line ? strstr(r->trap_line, key) : NULL;
	unsigned long number;
	size_t i;

	if (!at)
		return NULL;
	number = strtoul(at + strlen(key), NULL, 16);
	for (i = 0; i < system_calls_len; i++)
		if (system_calls[i].number == number)
			return arena_printf(a, "%s (%lu)", system_calls[i].name, number);
	return arena_printf(a, "number %lu", number);
}

void run_print_trap(struct arena *a, const struct run *r, FILE *to)
{
	const char *call = run_trap_call(a, r);
	size_t i;

	if (call)
		fprintf(to, "guest stopped at a system call that it may not make: %s\n", call);
	else if (r->mechanism)
		fprintf(to, "guest stopped by %s\n",
			str_eq(r->mechanism, "fault") ? "a fault" : r->mechanism);
	if (r->trap_line)
		fprintf(to, "  %s\n", r->trap_line);
	if (!r->is_symbolised && r->frames_len)
		fprintf(to,
			"  no IMAGE.ukmap: text addresses found on the stack, not a call chain\n");
	for (i = 0; i < r->frames_len; i++)
		print_frame(&r->frames[i], i, to);
}
