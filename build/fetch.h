/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of third-party sources through the ordinary clients: the distribution's own (apt-get), curl,
 * npm. All run unprivileged and with a private state: the system's package lists are read, never
 * changed.
 */
#ifndef UKB_FETCH_H
#define UKB_FETCH_H

#include "base/diag.h"
#include <stdbool.h>

struct arena;
struct diags;
struct sb;

enum fetch_kind {
	FETCH_PACKAGE, /* a source package of the distribution, through apt-get (fetch.c) */
	FETCH_URL,     /* an address, through curl (fetch_url.c) */
	FETCH_NPM,     /* a package of the npm registry, through npm (fetch_url.c) */
	FETCH_PATH,    /* a file that is there: nothing to fetch */
};

/* One file to fetch. */
struct fetch {
	enum fetch_kind kind;
	const char *from;    /* package, URL or npm package */
	const char *version; /* of packages */
	const char *file;    /* its name at the origin, and for people */
	bool is_series;      /* of a source package: the distribution's patches, not the archive */
	struct loc loc;      /* who asked */
};

/*
 * Downloads to the file `to`; whether it is the right one is the caller's business. Errors (DIAG_TOOL)
 * tell apart: no network, a package or version that the origin does not know, a file that it lists
 * and does not serve, a client that is not installed.
 */
int fetch_file(struct arena *a, const struct fetch *f, const char *to, struct diags *d);
/* The same for one kind of origin. */
int fetch_url(struct arena *a, const struct fetch *f, const char *to, struct diags *d);
int fetch_npm(struct arena *a, const struct fetch *f, const char *to, struct diags *d);

/*
 * Appends the source entries (deb-src) that match the binary entries of one package list to ret.
 * Only the distribution's own entries count: suite codename, codename-updates or codename-security,
 * component main, and no key of somebody else. Both formats of sources.list(5).
 */
void fetch_entries_one_line(struct arena *a, const char *text, const char *codename,
			    struct sb *ret);
void fetch_entries_deb822(struct arena *a, const char *text, const char *codename, struct sb *ret);
/* What apt-get's error output means, as a diagnostic about f->file. Returns -1. */
int fetch_explain(struct arena *a, const struct fetch *f, const char *output, struct diags *d);
/* The error of every client that finds no network. Returns -1. */
int fetch_no_network(const struct fetch *f, struct diags *d);

#endif
