/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives of source packages through the distribution's own client (apt-get, only here),
 * unprivileged and with a private state: the system's package lists are read, never changed.
 */
#ifndef UKB_FETCH_H
#define UKB_FETCH_H

#include <stddef.h>

struct arena;
struct diags;
struct sb;

/*
 * Downloads archive of package=version to the file `to`. Errors (DIAG_TOOL) tell apart: no network,
 * a version that the distribution does not list, a file that it lists and does not serve.
 */
int fetch_archive(struct arena *a, const char *package, const char *version, const char *archive,
		  const char *to, struct diags *d);

/*
 * Appends the source entries (deb-src) that match the binary entries of one package list to ret.
 * Only the distribution's own entries count: suite codename, codename-updates or codename-security,
 * component main, and no key of somebody else. Both formats of sources.list(5).
 */
void fetch_entries_one_line(struct arena *a, const char *text, const char *codename,
			    struct sb *ret);
void fetch_entries_deb822(struct arena *a, const char *text, const char *codename, struct sb *ret);
/* What apt-get's error output means, as a diagnostic about archive. Returns -1. */
int fetch_explain(struct arena *a, const char *package, const char *version, const char *archive,
		  const char *output, struct diags *d);

#endif
