/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console protocol (docs/console.md), read as it arrives: guest output is passed on at once,
 * even in the middle of a line, and the lines meant for the host are taken out and kept in struct
 * run.
 *
 * Interface: console_init, console_feed as often as needed, console_end once. Lines that report
 * results carry the nonce of the run, so nothing that the guest program prints is taken for one.
 */
#ifndef UKB_CONSOLE_H
#define UKB_CONSOLE_H

#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;
struct run;

struct console {
	struct arena *arena;
	struct run *run;
	const char *nonce;
	FILE *echo;        /* guest output goes here too; NULL = nowhere */
	struct sb pending; /* not yet decided: the beginning of what may be a protocol line */
	struct sb guest;   /* guest output so far */
	struct sb raw;
	bool is_mid_line; /* guest output has left the line open */
	bool has_exit;
};

/* Longest protocol line; what is longer is guest output. */
#define CONSOLE_LINE_MAX 8192
/* Most items of a kind kept: far more than any image prints. */
#define CONSOLE_MAX_ITEMS 256

void console_init(struct console *c, struct arena *a, const char *nonce, FILE *echo,
		  struct run *run);
void console_feed(struct console *c, const char *data, size_t len);
/* Decides what is still open and fills the end, console and raw of the run. */
void console_end(struct console *c);

#endif
