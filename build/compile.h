/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs GNU make on planned edges, with progress. The only file that knows make. */
#ifndef UKB_COMPILE_H
#define UKB_COMPILE_H

#include <stddef.h>

struct arena;
struct diags;
struct edges;

struct compile_stats {
	size_t compiled, linked; /* edges that really ran: CC and AS; LD */
};

/*
 * Writes edges to the makefile at path and runs it with -j jobs. Adds to *stats. A failing command
 * is a DIAG_TOOL error; its own messages have gone to stderr. Before that, what belongs into the folder
 * shared_dir (NULL: there is none) is made with a makefile of its own, "PATH.shared", by one process at a time:
 * two that make one object would write one list of its headers.
 */
int compile_run(struct arena *a, const struct edges *edges, const char *shared_dir,
		const char *path, const char *title, unsigned jobs, struct compile_stats *stats,
		struct diags *d);
/* An error when the disk of dir is almost full: what could not be built may be right all the same. */
int compile_check_room(const char *dir, struct diags *d);

#endif
