/* SPDX-License-Identifier: BSD-2-Clause */
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "plan.h"

/* What a failed command of a build may have needed: larger than any object, far below what disks have. */
#define FEW_BYTES (1u << 20)

/* Make's standard output so far: whole lines are taken off the front. */
struct progress {
	struct sb line;
	size_t done, total;
	struct compile_stats *stats;
};

/* "#CC label" is ours; anything else a tool said. */
static void take_line(struct progress *p, const char *line)
{
	char verb[16];
	size_t n = strcspn(line, " ");

	if (line[0] != '#' || n < 2 || n > sizeof(verb)) {
		log_progress_end();
		log_info("%s", line);
		return;
	}
	memcpy(verb, line + 1, n - 1);
	verb[n - 1] = '\0';
	p->done++;
	if (p->done > p->total)
		p->total = p->done;
	if (str_eq(verb, "CC") || str_eq(verb, "AS"))
		p->stats->compiled++;
	else if (str_eq(verb, "LD"))
		p->stats->linked++;
	log_progress(p->done, p->total, "%s", line + 1);
}

static bool on_out(void *arg, const char *data, size_t len)
{
	struct progress *p = arg;

	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n') {
			sb_putn(&p->line, data + i, 1);
			continue;
		}
		take_line(p, sb_str(&p->line));
		p->line.len = 0;
	}
	return true;
}

/* Edges that will run, as far as their direct inputs tell: for the progress line only. */
static size_t count_stale(const struct edges *edges)
{
	size_t n = 0;

	for (size_t i = 0; i < edges->len; i++) {
		const struct edge *e = edges->v[i];
		uint64_t size;
		int64_t out_ns, in_ns;
		bool is_stale = file_stat(e->outputs.v[0], &size, &out_ns) != 0;

		for (size_t k = 0; k < e->inputs.len && !is_stale; k++)
			is_stale = file_stat(e->inputs.v[k], &size, &in_ns) != 0 || in_ns > out_ns;
		n += is_stale;
	}
	return n;
}

static int make_folders(struct arena *a, const struct edges *edges, struct diags *d)
{
	for (size_t i = 0; i < edges->len; i++)
		if (file_mkdirs(path_dir(a, edges->v[i]->outputs.v[0]), d))
			return -1;
	return 0;
}

static void show_command(struct arena *a, const char *launcher, const struct flags *argv)
{
	struct strs words = {0};

	if (launcher)
		strs_push(a, &words, str_shell_quote(a, launcher));
	for (size_t k = 0; k < argv->len; k++)
		strs_push(a, &words, str_shell_quote(a, argv->v[k].s));
	log_verbose("%s", strs_join(a, &words, " "));
}

/* Verbose: the commands themselves, as make would run them. */
static void show_commands(struct arena *a, const struct edges *edges)
{
	for (size_t i = 0; i < edges->len; i++) {
		show_command(a, edges->v[i]->launcher, &edges->v[i]->argv);
		for (size_t k = 0; k < edges->v[i]->then.len; k++)
			show_command(a, NULL, &edges->v[i]->then.v[k]);
	}
}

static int run_make(struct arena *a, const struct edges *edges, const char *path, const char *title,
		    unsigned jobs, struct compile_stats *stats, struct diags *d)
{
	struct progress p = {.total = count_stale(edges), .stats = stats};
	const char *text = plan_makefile(a, edges, title);
	const char *j = arena_printf(a, "-j%u", jobs ? jobs : 1);
	const char *const argv[] = {"make", "-s", "-r", "-R", "--no-print-directory",
				    j,      "-f", path, NULL};
	/* Jobs of a make around us must not reach this one. */
	const char *const env[] = {"MAKEFLAGS=", "MAKELEVEL=", "LC_ALL=C", NULL};
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_STDIN_NULL,
		.env = env,
		.on_out = on_out,
		.on_out_arg = &p,
	};
	struct proc_result r;
	uint64_t left;

	sb_init(&p.line, a);
	if (make_folders(a, edges, d))
		return -1;
	if (file_write_if_changed(path, text, strlen(text), NULL, d))
		return -1;
	if (log_level() >= LOG_VERBOSE)
		show_commands(a, edges);
	if (proc_run(a, argv, &opts, &r, d))
		return -1;
	log_progress_end();
	if (r.status != 0) {
		diag_fail(d, DIAG_TOOL, "a command of the build failed");
		left = file_bytes_left(path);
		if (left < FEW_BYTES)
			return diag_hint(d, "%" PRIu64 " KiB are left on the disk of '%s'",
					 left / 1024, path_dir(a, path));
		return diag_hint(d, "the commands are in %s", path);
	}
	return 0;
}

int compile_check_room(const char *dir, struct diags *d)
{
	const uint64_t left = file_bytes_left(dir);

	return left < FEW_BYTES
		       ? diag_fail(d, DIAG_TOOL, "%" PRIu64 " KiB are left on the disk of '%s'",
				   left / 1024, dir)
		       : 0;
}

/* Waits for the folder's turn. ret_fd: closed, it is the next one's. */
static int lock_folder(struct arena *a, const char *dir, int *ret_fd, struct diags *d)
{
	const char *path = path_join(a, dir, "lock");
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd, err;

	if (file_mkdirs(dir, d))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return diag_fail(d, DIAG_INPUT, "cannot open '%s': %s", path, strerror(errno));
	do
		err = fcntl(fd, F_SETLKW, &whole);
	while (err && errno == EINTR);
	if (err) {
		err = errno;
		close(fd);
		return diag_fail(d, DIAG_INPUT, "cannot lock '%s': %s", path, strerror(err));
	}
	*ret_fd = fd;
	return 0;
}

int compile_run(struct arena *a, const struct edges *edges, const char *shared_dir,
		const char *path, const char *title, unsigned jobs, struct compile_stats *stats,
		struct diags *d)
{
	struct edges shared = {0}, rest = {0};
	int fd = -1, err;

	if (!shared_dir)
		return run_make(a, edges, path, title, jobs, stats, d);
	for (size_t i = 0; i < edges->len; i++) {
		struct edge *e = edges->v[i];

		vec_push(a, str_starts(e->outputs.v[0], shared_dir) ? &shared : &rest, e);
	}
	if (shared.len) {
		if (lock_folder(a, shared_dir, &fd, d))
			return -1;
		err = run_make(a, &shared, arena_printf(a, "%s.shared", path), title, jobs, stats,
			       d);
		close(fd);
		if (err)
			return -1;
	}
	return rest.len ? run_make(a, &rest, path, title, jobs, stats, d) : 0;
}
