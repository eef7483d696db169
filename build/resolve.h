/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resolution: from what the application's objects really reference to the set of units, files and
 * options of one image (one platform, one hardening configuration), each with its reason.
 */
#ifndef UKB_RESOLVE_H
#define UKB_RESOLVE_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct kconf;
struct kconf_request;
struct manifest;
struct tree;
struct tools;
struct unit;

/* One use of an external symbol in the application, from libclang. */
struct scan_use {
	const char *symbol;
	struct loc loc;
	const char *header; /* declaring header, or NULL */
};
struct scan {
	/* from the objects (truth) */
	struct strs needs;   /* undefined symbols referenced from live sections, sorted */
	struct strs defines; /* global symbols the application defines, sorted */
	/* from libclang (places and reasons) */
	struct scan_use *uses;
	size_t uses_len, uses_cap;
	const char *main_proto; /* "int (void)", "int (int, char **)"..., NULL = no main */
	struct loc main_loc;
};

/* The level of each mechanism of one image: parallel to the tree's mechanisms. */
struct mech_level {
	const struct unit *mech;
	const char *level;    /* "off" or one of level_names */
	struct loc loc;       /* who asked: manifest, --harden or the profile table */
	const char *left_out; /* what the profile asks for where the platform refuses it, or NULL */
};

/* Why something is in: the chain ends at the application or at a request. */
enum why_kind {
	WHY_APP,      /* the application references symbol (at loc if libclang saw it) */
	WHY_SYMBOL,   /* `from` references symbol */
	WHY_PLATFORM, /* it is the platform */
	WHY_REQUEST,  /* manifest libs:, kconfig: or a mechanism's level */
	WHY_INIT,     /* an INIT entry or FAULT hook of `from` */
	WHY_KCONFIG,  /* Kconfig chose it as provider */
	WHY_START,    /* the start-up contract (uk_start) */
	WHY_ENTRY,    /* ENTRY(symbol) of the linker script, at loc */
};
struct why {
	enum why_kind kind;
	const char *symbol;          /* or NULL */
	const struct sel_file *from; /* or NULL */
	struct loc loc;
};

/* A source file of the image. */
struct sel_file {
	const struct unit *unit; /* NULL = the application or a generated file */
	const char *path;        /* absolute */
	const char *
		label; /* stable name: "libs/heap/slab.c", "musl/src/stdio/printf.c", "app/main.c" */
	bool is_third_party;
	struct why why;
	struct strs needs, defines; /* symbols, as resolution knows them */
};

struct config_value {
	const char *name;        /* without CONFIG_ */
	const char *val;         /* "y", "n", number, or text without quotes */
	const struct unit *unit; /* whose Kconfig file declares it, or NULL */
};

struct selection {
	const struct unit *platform;
	struct mech_level *mechs; /* every mechanism of the tree, in tree order */
	size_t mechs_len, mechs_cap;
	const struct unit **units; /* in the image, sorted; also active mechanisms */
	struct why *units_why;     /* parallel */
	size_t units_len;
	struct sel_file *
		*files; /* all but the application's own and generated ones, sorted by label */
	size_t files_len;
	struct config_value *config; /* final values, sorted by name */
	size_t config_len;
	struct strs missing; /* system calls answered with -ENOSYS by allow-missing */
};

/*
 * The requested level of each mechanism: profile, overridden by manifest keys. Unknown mechanism or
 * level is an error at its place. So is a mechanism that is named and that the platform refuses; of a
 * profile it is left out.
 */
int resolve_levels(struct arena *a, const struct tree *t, const struct manifest *m,
		   const char *platform, struct selection *sel, struct diags *d);

/*
 * How resolve learns what our own source files reference: it asks the driver, which compiles each
 * with its final flags (so the object is the one that is linked later, and nothing is compiled
 * twice) and reads the object. sel holds the levels and the configuration so far. read() fills
 * files[i]->needs and ->defines, sorted.
 */
struct needs_reader {
	int (*read)(void *arg, const struct selection *sel, struct sel_file *const *files,
		    size_t len, struct diags *d);
	void *arg;
};

/* What one resolution is about. */
struct resolve_in {
	const struct tree *tree;
	const struct manifest *manifest;
	const struct scan *scan;
	const struct tools *tools;
	const char *platform;
	const char *cache_dir;  /* where kconfig-conf runs and its outcomes are kept */
	const char *source_dir; /* of the C library: paths of its files begin here */
	const struct needs_reader *needs;
};

/* Fills a whole selection for one platform. The levels must already be in sel. */
int resolve(struct arena *a, const struct resolve_in *in, struct selection *sel, struct diags *d);

/* What Kconfig is asked for: platform, levels, libraries of sel, and the manifest's `kconfig`. */
const struct kconf_request *resolve_requests(struct arena *a, const struct manifest *m,
					     const struct kconf *k, const struct selection *sel,
					     size_t *ret_len);

const char *selection_config(const struct selection *sel, const char *name); /* value or "n" */

#endif
