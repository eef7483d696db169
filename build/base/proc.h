/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Child processes, the only place that starts any. argv arrays (never a shell), posix_spawn, CLOEXEC
 * everywhere, an own process group, both pipes read with a cap, an optional time limit (TERM, then
 * KILL), SIGINT/TERM/HUP forwarded to the child and re-raised after it has ended.
 */
#ifndef UKB_PROC_H
#define UKB_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;
struct strs;

enum proc_flags {
	PROC_CAPTURE_OUT = 1 << 0, /* keep stdout in ret->out; else it is inherited */
	PROC_CAPTURE_ERR = 1 << 1, /* keep stderr in ret->err; else it is inherited */
	PROC_FOREGROUND = 1 << 2,  /* stays in our process group and keeps the terminal (menus) */
	PROC_STDIN_NULL = 1 << 3,  /* stdin is the null device; else inherited */
	PROC_MERGE_ERR = 1 << 4,   /* stderr goes where stdout goes */
};

struct proc_opts {
	unsigned flags;
	uint64_t timeout_ms;    /* 0 = none */
	size_t cap_bytes;       /* of each captured stream; 0 = 64 MiB; past it output is dropped */
	const char *cwd;        /* NULL = ours */
	const char *const *env; /* extra NAME=value, NULL-terminated; NULL = none */
	const char *input;      /* text for stdin, or NULL */
	/* Called with each chunk of captured stdout as it comes; returning false ends the child. */
	bool (*on_out)(void *arg, const char *data, size_t len);
	void *on_out_arg;
};

struct proc_result {
	int status; /* exit status, or 128 + signal */
	bool timed_out;
	bool truncated;  /* a captured stream went past the cap */
	bool stopped;    /* on_out asked for the end */
	char *out, *err; /* zero-terminated when captured, else NULL */
	size_t out_len, err_len;
	uint64_t wall_ns, user_ns, sys_ns;
};

/*
 * Runs argv (NULL-terminated; argv[0] is looked up in PATH) to its end. Returns 0 when it ran,
 * whatever its status; -1 with DIAG_TOOL when it could not be started.
 */
int proc_run(struct arena *a, const char *const *argv, const struct proc_opts *opts,
	     struct proc_result *ret, struct diags *d);
/* As proc_run, and a non-zero status is an error that names the command and shows its stderr. */
int proc_check(struct arena *a, const char *const *argv, const struct proc_opts *opts,
	       struct proc_result *ret, struct diags *d);
/* The absolute path of a program in PATH, or NULL. */
const char *proc_which(struct arena *a, const char *name);
/* Without starting it: the error that proc_run gives when the program is not there. */
int proc_check_there(struct arena *a, const char *name, struct diags *d);
/* NULL-terminated argv from a list. */
const char *const *proc_argv(struct arena *a, const struct strs *words);

#endif
