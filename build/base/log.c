/* SPDX-License-Identifier: BSD-2-Clause */
/* Verbosity and the progress line, on stderr. See log.h. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* The driver's only file-scope state (STYLE.md). */
static enum log_level level = LOG_NORMAL;
static bool colour;
static bool is_line_open; /* a progress line that will be redrawn */

void log_set_level(enum log_level new_level)
{
	level = new_level;
}

enum log_level log_level(void)
{
	return level;
}

void log_set_colour(bool on)
{
	colour = on;
}

bool log_colour(void)
{
	return colour;
}

static void put_line(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static void put_line(const char *fmt, va_list ap)
{
	/* What was answered before stands before it, also where both go to one file. */
	(void)fflush(stdout); /* ukbuild.c looks at the stream's error flag in the end */
	log_progress_end();
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	put_line(fmt, ap);
	va_end(ap);
}

void log_verbose(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	put_line(fmt, ap);
	va_end(ap);
}

void log_progress(size_t done, size_t total, const char *fmt, ...)
{
	/* ECMA-48: CR, then EL (erase to the end of the line). */
	bool redraw = level == LOG_NORMAL && isatty(STDERR_FILENO);
	char text[120];
	va_list ap;

	if (level < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut to the length of a line */
	va_end(ap);
	if (redraw) {
		fprintf(stderr, "\r\033[K[%zu/%zu] %.*s", done, total, 70, text);
		fflush(stderr);
		is_line_open = true;
	} else {
		fprintf(stderr, "[%zu/%zu] %s\n", done, total, text);
	}
}

void log_progress_end(void)
{
	if (is_line_open)
		fputc('\n', stderr);
	is_line_open = false;
}
