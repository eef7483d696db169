/* SPDX-License-Identifier: BSD-2-Clause */
/* Child processes: posix_spawn, then one poll loop over pipes, signals and the clock. See proc.h.
 */
#include "proc.h"

#include "arena.h"
#include "diag.h"
#include "log.h"
#include "str.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	CAP_DEFAULT = 64 << 20,
	READ_BYTES = 64 * 1024,
	KILL_AFTER_MS = 2000,   /* from TERM to KILL */
	DRAIN_AFTER_MS = 200,   /* for output of grandchildren once the child has ended */
	ERR_SHOWN_BYTES = 4000, /* of a failed child's stderr in a diagnostic */
};

/* One captured stream. */
struct sink {
	int fd; /* our end, -1 = closed */
	bool keep;
	size_t cap;
	struct sb text;
	bool truncated;
};

struct child {
	pid_t pid;
	const struct proc_opts *opts;
	struct sink out, err;
	int in_fd;      /* our end of its stdin, -1 = none */
	size_t in_done; /* bytes of opts->input written */
	int signal_fd;
	int forwarded; /* the last signal passed on, 0 = none */
	bool has_ended, timed_out, stopped;
	int64_t term_at_ms, kill_at_ms, drain_until_ms; /* -1 = never */
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ms(void)
{
	return now_ns() / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Signals handled in the loop while a child runs. SIGPIPE only so that it does not end us. */
static void watched_signals(sigset_t *set)
{
	static const int list[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGPIPE};

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		sigaddset(set, list[i]);
}

/* environ with the extra NAME=value entries in place of older ones. */
static char **merged_env(struct arena *a, const char *const *extra)
{
	struct strs all = {0};

	for (size_t i = 0; extra[i]; i++)
		strs_push(a, &all, extra[i]);
	for (char **e = environ; *e; e++) {
		bool replaced = false;

		for (size_t i = 0; extra[i]; i++) {
			size_t name_len = strcspn(extra[i], "=") + 1;

			replaced = replaced || strncmp(*e, extra[i], name_len) == 0;
		}
		if (!replaced)
			strs_push(a, &all, *e);
	}
	strs_push(a, &all, NULL);
	return (char **)(void *)all.v; /* posix_spawn does not write to the strings */
}

/* Pipe ends of the child; ours are in struct child. */
struct ends {
	int in, out, err;
};

static int open_pipes(struct child *c, struct ends *e)
{
	const struct proc_opts *o = c->opts;
	int fds[2];

	if (o->input) {
		if (pipe2(fds, O_CLOEXEC) != 0)
			return -1;
		e->in = fds[0];
		c->in_fd = fds[1];
		if (fcntl(c->in_fd, F_SETFL, O_NONBLOCK) != 0)
			return -1;
	}
	if ((o->flags & PROC_CAPTURE_OUT) || o->on_out) {
		if (pipe2(fds, O_CLOEXEC) != 0)
			return -1;
		c->out.fd = fds[0];
		e->out = fds[1];
	}
	if ((o->flags & PROC_CAPTURE_ERR) && !(o->flags & PROC_MERGE_ERR)) {
		if (pipe2(fds, O_CLOEXEC) != 0)
			return -1;
		c->err.fd = fds[0];
		e->err = fds[1];
	}
	return 0;
}

/* Returns 0 or an errno value. */
static int spawn(struct arena *a, struct child *c, const struct ends *e, const char *const *argv,
		 const sigset_t *old_mask)
{
	const struct proc_opts *o = c->opts;
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int cause;

	watched_signals(&defaults);
	if (!(o->flags & PROC_FOREGROUND))
		flags |= POSIX_SPAWN_SETPGROUP;
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_setsigmask(&attr, old_mask);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setpgroup(&attr, 0);
	cause = posix_spawnattr_setflags(&attr, flags);
	if (!cause && e->in >= 0)
		cause = posix_spawn_file_actions_adddup2(&actions, e->in, STDIN_FILENO);
	else if (!cause && (o->flags & PROC_STDIN_NULL))
		cause = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
							 O_RDONLY, 0);
	if (!cause && e->out >= 0)
		cause = posix_spawn_file_actions_adddup2(&actions, e->out, STDOUT_FILENO);
	if (!cause && (o->flags & PROC_MERGE_ERR))
		cause = posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	else if (!cause && e->err >= 0)
		cause = posix_spawn_file_actions_adddup2(&actions, e->err, STDERR_FILENO);
	if (!cause && o->cwd)
		cause = posix_spawn_file_actions_addchdir_np(&actions, o->cwd);
	if (!cause)
		cause = posix_spawnp(&c->pid, argv[0], &actions, &attr,
				     (char *const *)(const void *)argv,
				     o->env ? merged_env(a, o->env) : environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return cause;
}

/* To the child's whole group, or to the child alone where it shares ours. */
static void send(const struct child *c, int sig)
{
	/* ESRCH (it has just ended) is the only failure possible and is harmless. */
	(void)kill(c->opts->flags & PROC_FOREGROUND ? c->pid : -c->pid, sig);
}

static void ask_to_end(struct child *c)
{
	send(c, SIGTERM);
	c->term_at_ms = -1;
	if (c->kill_at_ms < 0)
		c->kill_at_ms = now_ms() + KILL_AFTER_MS;
}

static void read_sink(struct child *c, struct sink *s, bool is_out)
{
	char buf[READ_BYTES];
	ssize_t n = read(s->fd, buf, sizeof(buf));
	size_t room = s->cap > s->text.len ? s->cap - s->text.len : 0;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close_fd(&s->fd);
		return;
	}
	if (s->keep) {
		if ((size_t)n > room)
			s->truncated = true;
		sb_putn(&s->text, buf, (size_t)n < room ? (size_t)n : room);
	}
	if (is_out && c->opts->on_out && !c->stopped &&
	    !c->opts->on_out(c->opts->on_out_arg, buf, (size_t)n)) {
		c->stopped = true;
		ask_to_end(c);
	}
}

static void write_input(struct child *c)
{
	const char *input = c->opts->input;
	size_t len = strlen(input);
	ssize_t n = write(c->in_fd, input + c->in_done, len - c->in_done);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		c->in_done += (size_t)n;
	if (n < 0 || c->in_done == len)
		close_fd(&c->in_fd);
}

static void read_signal(struct child *c)
{
	struct signalfd_siginfo info;

	if (read(c->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
		c->forwarded = (int)info.ssi_signo;
		send(c, c->forwarded);
		if (c->kill_at_ms < 0)
			c->kill_at_ms = now_ms() + KILL_AFTER_MS;
		break;
	default: /* SIGCHLD wakes the loop, SIGPIPE is answered by EPIPE */
		break;
	}
}

static void check_ended(struct child *c)
{
	siginfo_t info = {0};

	/* WNOWAIT: the pid stays ours until the group has been cleaned up. */
	if (!c->has_ended && waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == c->pid) {
		c->has_ended = true;
		c->drain_until_ms = now_ms() + DRAIN_AFTER_MS;
	}
}

static int wait_ms(const struct child *c)
{
	const int64_t at[] = {c->term_at_ms, c->kill_at_ms, c->drain_until_ms};
	int64_t now = now_ms(), least = -1;

	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		int64_t left = at[i] > now ? at[i] - now : 0;

		if (at[i] >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least > 1000000 ? 1000000 : (int)least;
}

static void check_clock(struct child *c)
{
	int64_t now = now_ms();

	if (c->has_ended)
		return;
	if (c->term_at_ms >= 0 && now >= c->term_at_ms) {
		c->timed_out = true;
		ask_to_end(c);
	}
	if (c->kill_at_ms >= 0 && now >= c->kill_at_ms) {
		send(c, SIGKILL);
		c->kill_at_ms = now + KILL_AFTER_MS;
	}
}

static bool is_done(const struct child *c)
{
	if (!c->has_ended)
		return false;
	return (c->out.fd < 0 && c->err.fd < 0) || now_ms() >= c->drain_until_ms;
}

static void loop(struct child *c)
{
	for (check_ended(c); !is_done(c); check_ended(c)) {
		struct pollfd p[] = {
			{.fd = c->signal_fd, .events = POLLIN},
			{.fd = c->out.fd, .events = POLLIN},
			{.fd = c->err.fd, .events = POLLIN},
			{.fd = c->in_fd, .events = POLLOUT},
		};

		if (poll(p, ARRAY_LEN(p), wait_ms(c)) > 0) {
			if (p[0].revents)
				read_signal(c);
			if (p[1].revents)
				read_sink(c, &c->out, true);
			if (p[2].revents)
				read_sink(c, &c->err, false);
			if (p[3].revents)
				write_input(c);
		}
		check_clock(c);
	}
}

/* Ends what is left of the group, reaps the child, fills the result. */
static void reap(struct child *c, int64_t start_ns, struct proc_result *ret)
{
	struct rusage use;
	int status = 0;

	if (!(c->opts->flags & PROC_FOREGROUND))
		(void)kill(-c->pid, SIGKILL); /* ESRCH when nothing is left, as it should be */
	while (wait4(c->pid, &status, 0, &use) < 0 && errno == EINTR)
		;
	ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	ret->timed_out = c->timed_out;
	ret->stopped = c->stopped;
	ret->truncated = c->out.truncated || c->err.truncated;
	ret->wall_ns = (uint64_t)(now_ns() - start_ns);
	ret->user_ns = (uint64_t)use.ru_utime.tv_sec * 1000000000u +
		       (uint64_t)use.ru_utime.tv_usec * 1000u;
	ret->sys_ns = (uint64_t)use.ru_stime.tv_sec * 1000000000u +
		      (uint64_t)use.ru_stime.tv_usec * 1000u;
	if (c->out.keep) {
		ret->out_len = c->out.text.len;
		ret->out = arena_memdup(c->out.text.arena, sb_str(&c->out.text), ret->out_len);
	}
	if (c->err.keep) {
		ret->err_len = c->err.text.len;
		ret->err = arena_memdup(c->err.text.arena, sb_str(&c->err.text), ret->err_len);
	}
}

/* A child that does not read its input leaves a SIGPIPE pending, which must not end us. */
static void forget_sigpipe(void)
{
	static const struct timespec no_wait;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	while (sigtimedwait(&set, NULL, &no_wait) > 0)
		;
}

static const char *command_line(struct arena *a, const char *const *argv)
{
	struct strs words = {0};

	for (size_t i = 0; argv[i]; i++)
		strs_push(a, &words, str_shell_quote(a, argv[i]));
	return strs_join(a, &words, " ");
}

static void child_init(struct arena *a, struct child *c, const struct proc_opts *o)
{
	size_t cap = o->cap_bytes ? o->cap_bytes : CAP_DEFAULT;

	*c = (struct child){.pid = -1, .opts = o, .in_fd = -1, .signal_fd = -1};
	c->out = (struct sink){.fd = -1, .keep = o->flags & PROC_CAPTURE_OUT, .cap = cap};
	c->err = (struct sink){.fd = -1, .cap = cap};
	c->err.keep = (o->flags & PROC_CAPTURE_ERR) && !(o->flags & PROC_MERGE_ERR);
	sb_init(&c->out.text, a);
	sb_init(&c->err.text, a);
	c->term_at_ms = o->timeout_ms ? now_ms() + (int64_t)o->timeout_ms : -1;
	c->kill_at_ms = c->drain_until_ms = -1;
}

static int cannot_run(const char *program, int cause, struct diags *d)
{
	(void)diag_fail(d, DIAG_TOOL, "cannot run '%s': %s", program, strerror(cause));
	return cause == ENOENT ? diag_hint(d, "'ukbuild doctor' lists the tools and their packages")
			       : -1;
}

int proc_run(struct arena *a, const char *const *argv, const struct proc_opts *opts,
	     struct proc_result *ret, struct diags *d)
{
	static const struct proc_opts no_opts;
	struct ends ends = {-1, -1, -1};
	struct proc_result result = {0};
	int64_t start_ns = now_ns();
	sigset_t watched, old_mask;
	struct child c;
	int cause = 0;

	child_init(a, &c, opts ? opts : &no_opts);
	if (log_level() >= LOG_VERBOSE)
		log_verbose("+ %s", command_line(a, argv));
	log_progress_end();
	watched_signals(&watched);
	sigprocmask(SIG_BLOCK, &watched, &old_mask);
	c.signal_fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c.signal_fd < 0 || open_pipes(&c, &ends) != 0)
		cause = errno;
	else
		cause = spawn(a, &c, &ends, argv, &old_mask);
	close_fd(&ends.in);
	close_fd(&ends.out);
	close_fd(&ends.err);
	if (!cause) {
		loop(&c);
		reap(&c, start_ns, &result);
	}
	close_fd(&c.in_fd);
	close_fd(&c.out.fd);
	close_fd(&c.err.fd);
	close_fd(&c.signal_fd);
	forget_sigpipe();
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
	if (c.forwarded)
		(void)raise(c.forwarded); /* now with its default action: we end as the child did */
	if (cause)
		return cannot_run(argv[0], cause, d);
	log_verbose("  %.3f s, status %d", (double)result.wall_ns / 1e9, result.status);
	if (ret)
		*ret = result;
	return 0;
}

int proc_check(struct arena *a, const char *const *argv, const struct proc_opts *opts,
	       struct proc_result *ret, struct diags *d)
{
	struct proc_opts o = opts ? *opts : (struct proc_opts){0};
	struct proc_result r;
	const char *shown;

	if (!(o.flags & PROC_FOREGROUND))
		o.flags |= PROC_CAPTURE_ERR;
	if (proc_run(a, argv, &o, &r, d) != 0)
		return -1;
	if (ret)
		*ret = r;
	if (r.status == 0 && !r.timed_out)
		return 0;
	if (r.timed_out)
		(void)diag_fail(d, DIAG_TOOL, "'%s' took more than %llu ms and was ended", argv[0],
				(unsigned long long)o.timeout_ms);
	else if (r.status > 128)
		(void)diag_fail(d, DIAG_TOOL, "'%s' was ended by signal %d", argv[0],
				r.status - 128);
	else
		(void)diag_fail(d, DIAG_TOOL, "'%s' failed with status %d", argv[0], r.status);
	diag_note(d, loc_none, "the command was: %s", command_line(a, argv));
	shown = r.err_len > ERR_SHOWN_BYTES ? r.err + r.err_len - ERR_SHOWN_BYTES : r.err;
	if (r.err_len)
		diag_note(d, loc_none, "it said:\n%s", shown);
	return -1;
}

const char *proc_which(struct arena *a, const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? arena_strdup(a, name) : NULL;
	for (; path && *path; path += *path == ':') {
		size_t len = strcspn(path, ":");
		const char *full = arena_printf(a, "%.*s/%s", (int)len, path, name);

		if (len && access(full, X_OK) == 0)
			return full;
		path += len;
	}
	return NULL;
}

int proc_check_there(struct arena *a, const char *name, struct diags *d)
{
	return proc_which(a, name) ? 0 : cannot_run(name, ENOENT, d);
}

const char *const *proc_argv(struct arena *a, const struct strs *words)
{
	const char **argv = arena_array(a, words->len + 1, sizeof(*argv));

	for (size_t i = 0; i < words->len; i++)
		argv[i] = words->v[i];
	return argv;
}
