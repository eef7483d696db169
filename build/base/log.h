/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people see on stderr while a command runs: verbosity, progress line. The answer itself goes
 * to stdout and never through here. The level is the only file-scope state of the driver.
 */
#ifndef UKB_LOG_H
#define UKB_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_QUIET = 0,
	LOG_NORMAL = 1,
	LOG_VERBOSE = 2, /* commands and times */
};

void log_set_level(enum log_level level);
enum log_level log_level(void);
/* True when stderr is a terminal, NO_COLOR is unset and TERM is not "dumb" (decided by ukbuild.c). */
void log_set_colour(bool on);
bool log_colour(void);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "[done/total] text": redraws on a terminal, plain lines elsewhere, nothing with -q. */
void log_progress(size_t done, size_t total, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Ends a redrawn progress line, if one is open. Called before anything else is printed. */
void log_progress_end(void);

#endif
