/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnostics: the one way an error travels. A function that can fail takes `struct diags *d` last
 * and returns -1 (or NULL) after `return diag_error(d, ...)`. Nothing below ukbuild.c prints them.
 *
 * Interface: the first diagnostic of severity error decides the exit code through its kind. Texts are
 * lower case, have no full stop, and put the subject in 'single quotes'.
 */
#ifndef UKB_DIAG_H
#define UKB_DIAG_H

#include <stdbool.h>
#include <stdio.h>

struct arena;

/* A place in a text file. line and col count from 1; 0 = not known. path NULL = no place. */
struct loc {
	const char *path;
	unsigned line, col;
};

/* What went wrong, and so the exit code of the command (docs: `ukbuild help exit`). */
enum diag_kind {
	DIAG_INPUT = 1, /* the input is wrong */
	DIAG_USAGE = 2, /* the command line is wrong */
	DIAG_TOOL = 3,  /* a tool is missing or a child failed */
	DIAG_CHECK = 4, /* a verification, attack or budget check failed */
	DIAG_GUEST = 5, /* the guest failed */
	DIAG_BUG = 70,  /* a bug in ukbuild */
};

enum diag_severity {
	DIAG_ERROR,
	DIAG_WARNING,
	DIAG_NOTE,
};

struct diag {
	enum diag_severity severity;
	enum diag_kind kind;
	struct loc loc;
	const char *text;
	const char *hint; /* NULL or what to do about it */
};

/* Errors kept before the rest is only counted. */
#define DIAG_MAX_ERRORS 20

struct diags {
	struct arena *arena;
	struct diag *v;
	size_t len, cap;
	size_t errors; /* all, also those past the limit */
};

void diags_init(struct diags *d, struct arena *a);

/* Each records an error and returns -1. */
int diag_error(struct diags *d, struct loc loc, const char *fmt,
	       ...) /* kind DIAG_INPUT, of an option DIAG_USAGE */
	__attribute__((format(printf, 3, 4)));
int diag_fail(struct diags *d, enum diag_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int diag_fail_at(struct diags *d, enum diag_kind kind, struct loc loc, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/*
 * About the value of an option (kind DIAG_USAGE): shows the value with a caret below the byte at offset
 * at. The value has no line breaks and nothing but ASCII before that byte.
 */
int diag_option(struct diags *d, const char *option, const char *value, size_t at, const char *fmt,
		...) __attribute__((format(printf, 5, 6)));
void diag_warn(struct diags *d, struct loc loc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A note belongs to the diagnostic before it (e.g. "first defined here"). */
void diag_note(struct diags *d, struct loc loc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Attaches a hint to the newest diagnostic. Returns -1, so it can end an error return. */
int diag_hint(struct diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The first error, or NULL. */
const struct diag *diags_first_error(const struct diags *d);
/* An error because of another, whose text comes behind this one's: it takes that one's kind,
   place and hint. */
int diag_because(struct diags *d, const struct diag *cause, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The exit code: 0 without errors, else the kind of the first error. */
int diags_exit_code(const struct diags *d);

/*
 * Prints all: "file:line:col: error: text", the source line and a caret (when the file can be read),
 * "hint: ...". Colour only when colour is true.
 */
void diags_print(const struct diags *d, FILE *to, bool colour);

static const struct loc loc_none = {NULL, 0, 0};

#endif
