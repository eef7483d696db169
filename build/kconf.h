/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kconfig through kconfig-frontends, as a process (kconfig-conf, kconfig-nconf), never linked: its
 * licence is the GPL. The program is silent about most mistakes, so each request is compared with the
 * outcome, and each warning is an error.
 *
 * Interface: kconf_read() once a tree, then kconf_run() with all requests; the process is skipped when
 * nothing that it reads has changed.
 */
#ifndef UKB_KCONF_H
#define UKB_KCONF_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct tools;
struct tree;
struct unit;

/* One `config` entry, as far as messages and menus need it. */
struct kconf_symbol {
	const char *name;        /* without CONFIG_ */
	const struct unit *unit; /* whose file declares it, or NULL: kconfig/Kconfig */
	struct loc loc;
	const char *type;    /* "bool", "int", "hex", "string" */
	const char *prompt;  /* NULL: not for users */
	struct strs depends; /* expressions of its `depends on` lines */
	struct strs selects; /* symbols it selects */
	const char *range;   /* "4 64", or NULL */
	unsigned choice;     /* number of the choice it is a member of, or 0 */
	unsigned last_line;  /* of its entry */
};
struct kconf_mention {
	const char *name;
	struct loc loc;
};
struct kconf {
	struct kconf_symbol *v;
	size_t len, cap;
	struct map *by_name;            /* name -> size_t, its index */
	struct kconf_mention *mentions; /* every symbol that an expression names */
	size_t mentions_len, mentions_cap;
	const char *root;  /* kconfig/Kconfig, which sources the generated file of all units */
	const char *units; /* text of that file */
	const char *stamp; /* hash of all texts */
	unsigned choices;
};

/* Something that must come out of Kconfig as asked. */
struct kconf_request {
	const char *name, *val; /* "y", "n", number, text */
	struct loc loc;         /* who asked */
	const char *what;       /* for messages: "library 'heap'", "mechanism 'canary=strong'" */
};
struct kconf_value {
	const char *name, *val;
};
struct kconf_values {
	struct kconf_value *v; /* sorted by name; what is absent is "n" */
	size_t len, cap;
};

/* Reads every unit's Kconfig file and builds the root. */
struct kconf *kconf_read(struct arena *a, const struct tree *t, const struct tools *tools,
			 struct diags *d);
/* Parses one Kconfig file from text (for tests and fuzzing). */
int kconf_parse(struct arena *a, struct kconf *k, const struct unit *u, const char *path,
		const char *text, size_t len, struct diags *d);
const struct kconf_symbol *kconf_find(const struct kconf *k, const char *name);

/* Asks kconfig-conf; dir holds its files and the cached outcome. */
int kconf_run(struct arena *a, const struct kconf *k, const char *dir,
	      const struct kconf_request *requests, size_t len, struct kconf_values *ret,
	      struct diags *d);
/* Parses a .config text (for tests and fuzzing). */
int kconf_parse_config(struct arena *a, const char *path, const char *text, size_t len,
		       struct kconf_values *ret, struct diags *d);
const char *kconf_value(const struct kconf_values *v, const char *name); /* "n" when absent */

/* Opens the menu on the configuration of the requests; ret is what the user left behind. */
int kconf_menu(struct arena *a, const struct kconf *k, const char *dir,
	       const struct kconf_request *requests, size_t len, struct kconf_values *ret,
	       struct diags *d);

#endif
