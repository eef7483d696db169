/* SPDX-License-Identifier: BSD-2-Clause */
/* Collecting and printing diagnostics. See diag.h. */
#include "diag.h"

#include "arena.h"
#include "str.h"
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

/* Longest source line shown; longer ones are cut. */
enum {
	LINE_MAX_SHOWN = 200
};

void diags_init(struct diags *d, struct arena *a)
{
	*d = (struct diags){.arena = a};
}

/* Past the limit errors are only counted, and what belongs to them is dropped. */
static bool is_full(const struct diags *d)
{
	return d->errors > DIAG_MAX_ERRORS;
}

static void add(struct diags *d, enum diag_severity severity, enum diag_kind kind, struct loc loc,
		const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

static void add(struct diags *d, enum diag_severity severity, enum diag_kind kind, struct loc loc,
		const char *fmt, va_list ap)
{
	struct diag new = {.severity = severity, .kind = kind, .loc = loc};

	if (severity == DIAG_ERROR)
		d->errors++;
	if (is_full(d))
		return;
	new.text = arena_vprintf(d->arena, fmt, ap);
	if (loc.path)
		new.loc.path = arena_strdup(d->arena, loc.path);
	vec_push(d->arena, d, new);
}

/* What an option says stands where the manifest says it otherwise: "--harden", "--platform". */
static bool is_option(const struct loc *loc)
{
	return loc->path && !loc->line && str_starts(loc->path, "--");
}

int diag_error(struct diags *d, struct loc loc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_ERROR, is_option(&loc) ? DIAG_USAGE : DIAG_INPUT, loc, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_fail(struct diags *d, enum diag_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_ERROR, kind, loc_none, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_fail_at(struct diags *d, enum diag_kind kind, struct loc loc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_ERROR, kind, loc, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_option(struct diags *d, const char *option, const char *value, size_t at, const char *fmt,
		...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	return diag_fail_at(d, DIAG_USAGE, (struct loc){option, 0, 0},
			    "%s\n      | %s\n      | %*s^", text, value, (int)at, "");
}

void diag_warn(struct diags *d, struct loc loc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_WARNING, DIAG_INPUT, loc, fmt, ap);
	va_end(ap);
}

void diag_note(struct diags *d, struct loc loc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_NOTE, DIAG_INPUT, loc, fmt, ap);
	va_end(ap);
}

int diag_hint(struct diags *d, const char *fmt, ...)
{
	va_list ap;

	if (is_full(d) || !d->len)
		return -1;
	va_start(ap, fmt);
	d->v[d->len - 1].hint = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	return -1;
}

const struct diag *diags_first_error(const struct diags *d)
{
	for (size_t i = 0; i < d->len; i++) {
		if (d->v[i].severity == DIAG_ERROR)
			return &d->v[i];
	}
	return NULL;
}

int diag_because(struct diags *d, const struct diag *cause, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	(void)diag_fail_at(d, cause->kind, cause->loc, "%s: %s", text, cause->text);
	return cause->hint ? diag_hint(d, "%s", cause->hint) : -1;
}

int diags_exit_code(const struct diags *d)
{
	const struct diag *first = diags_first_error(d);

	return first ? (int)first->kind : 0;
}

/* What a terminal could take for a command, and what is not UTF-8, is shown as '?'. */
static void put_printable(const char *s, size_t len, FILE *to)
{
	for (size_t i = 0, n; i < len; i += n) {
		unsigned char c = (unsigned char)s[i];

		n = str_utf8_len(s + i, len - i);
		if (n == 0 || (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f) {
			fputc('?', to);
			n = 1;
		} else {
			fwrite(s + i, 1, n, to);
		}
	}
}

/* Reads line number `line` of path into buf, cut to its size. False when there is none to show. */
static bool read_line(const char *path, unsigned line, char *buf, size_t buf_bytes)
{
	struct stat st;
	unsigned at = 1;
	size_t len = 0;
	FILE *f;
	int c = 0;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	while (at < line && (c = getc(f)) != EOF)
		at += c == '\n';
	while (c != EOF && (c = getc(f)) != EOF && c != '\n' && len + 1 < buf_bytes)
		buf[len++] = c ? (char)c : '?';
	fclose(f);
	buf[len] = '\0';
	return len > 0;
}

static void print_source(const struct loc *loc, FILE *to)
{
	char line[LINE_MAX_SHOWN + 1];
	size_t i, col;

	if (!loc->line || !read_line(loc->path, loc->line, line, sizeof(line)))
		return;
	fprintf(to, "%5u | ", loc->line);
	put_printable(line, strlen(line), to);
	fputc('\n', to);
	if (!loc->col)
		return;
	/* A column is a character: bytes 10xxxxxx continue one (RFC 3629). */
	for (i = 0, col = 1; line[i] && col < loc->col; i++)
		col += (line[i + 1] & 0xc0) != 0x80;
	if (i == LINE_MAX_SHOWN)
		return; /* it lies in what was cut off */
	fputs("      | ", to);
	for (size_t k = 0; k < i; k++)
		if ((line[k + 1] & 0xc0) != 0x80)
			fputc(line[k] == '\t' ? '\t' : ' ', to);
	fputs("^\n", to);
}

static void print_one(const struct diag *g, FILE *to, bool colour)
{
	static const char *const names[] = {"error", "warning", "note"};
	/* ECMA-48 SGR: bold red, bold magenta, bold cyan; 0 resets. */
	static const char *const colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};

	if (!g->loc.path)
		fputs("ukbuild: ", to);
	else if (!g->loc.line)
		fprintf(to, "%s: ", g->loc.path);
	else if (!g->loc.col)
		fprintf(to, "%s:%u: ", g->loc.path, g->loc.line);
	else
		fprintf(to, "%s:%u:%u: ", g->loc.path, g->loc.line, g->loc.col);
	fprintf(to, "%s%s:%s ", colour ? colours[g->severity] : "", names[g->severity],
		colour ? "\033[0m" : "");
	put_printable(g->text, strlen(g->text), to);
	fputc('\n', to);
	if (g->loc.path)
		print_source(&g->loc, to);
	if (g->hint) {
		fputs("hint: ", to);
		put_printable(g->hint, strlen(g->hint), to);
		fputc('\n', to);
	}
}

void diags_print(const struct diags *d, FILE *to, bool colour)
{
	for (size_t i = 0; i < d->len; i++)
		print_one(&d->v[i], to, colour);
	if (is_full(d))
		fprintf(to, "ukbuild: %zu more errors are not shown\n",
			d->errors - DIAG_MAX_ERRORS);
}
