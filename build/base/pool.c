/* SPDX-License-Identifier: BSD-2-Clause */
/* Children by fork(2): the driver has one thread, so a copy of it can go on with any work. See pool.h. */
#include "pool.h"

#include "arena.h"
#include "diag.h"
#include "file.h"
#include "json.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* An error is a text, perhaps with what a tool said. */
#define ERROR_MAX_BYTES (16u << 20)

struct pool {
	unsigned jobs;
	pid_t *pids; /* of those that run; jobs places */
	unsigned len;
};

struct pool *pool_new(struct arena *a, unsigned jobs)
{
	struct pool *p = arena_alloc(a, sizeof(*p));

	p->jobs = jobs ? jobs : 1;
	p->pids = arena_array(a, p->jobs, sizeof(*p->pids));
	return p;
}

static void forget(struct pool *p, unsigned i)
{
	p->pids[i] = p->pids[--p->len];
}

/* Until one child less runs. */
static void wait_for_one(struct pool *p)
{
	siginfo_t info;

	/* WNOWAIT: children that are not ours are left to who started them. */
	while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	for (unsigned i = 0; i < p->len;) {
		if (waitpid(p->pids[i], NULL, WNOHANG) == 0)
			i++;
		else
			forget(p, i);
	}
}

int pool_start(struct pool *p, void (*work)(void *arg), void *arg, struct diags *d)
{
	const pid_t parent = getpid();
	pid_t pid;

	while (p->len == p->jobs)
		wait_for_one(p);
	(void)fflush(NULL); /* else the child would print it again */
	pid = fork();
	if (pid < 0)
		return diag_fail(d, DIAG_TOOL, "cannot start a process: %s", strerror(errno));
	if (pid > 0) {
		p->pids[p->len++] = pid;
		return 0;
	}
	/* We may have ended between the two calls. */
	if (!prctl(PR_SET_PDEATHSIG, SIGTERM) && getppid() == parent)
		work(arg);
	(void)fflush(NULL); /* nobody is left to tell */
	_exit(0);
}

void pool_finish(struct pool *p)
{
	while (p->len)
		wait_for_one(p);
}

void pool_leave_error(const char *path, struct diags *why)
{
	static const struct diag unknown = {.kind = DIAG_BUG, .text = "it failed without a reason"};
	const struct diag *error = diags_first_error(why);
	json_t *j;
	char *text;

	if (!error)
		error = &unknown;
	j = json_pack("{s:i, s:s, s:s*}", "kind", (int)error->kind, "text", error->text, "hint",
		      error->hint);
	text = json_text(why->arena, j);
	json_decref(j);
	(void)file_write(path, text, strlen(text), why);
}

bool pool_take_error(const char *path, struct diags *d)
{
	const char *hint;
	json_t *j;

	if (!file_exists(path))
		return false;
	j = json_read(d->arena, path, ERROR_MAX_BYTES, d);
	if (!j)
		return true; /* an error, too */
	(void)diag_fail(d, (enum diag_kind)json_integer_value(json_object_get(j, "kind")), "%s",
			json_string_value(json_object_get(j, "text")));
	hint = json_string_value(json_object_get(j, "hint"));
	if (hint)
		(void)diag_hint(d, "%s", hint);
	json_decref(j);
	(void)file_remove_tree(path, d);
	return true;
}
