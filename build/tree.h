/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree: every unit (library, platform, mechanism) that this ukbuild knows, read from the
 * fragments lib.mk, plat.mk and harden.mk and from the public headers. Fragments are a strict subset
 * of make: `NAME := words`, `NAME += words`, `NAME.key := words`, `SRC-symbol := file.c`, comments.
 * A folder of platforms/ may hold several platforms (NAMES): each is a unit of its own with the same
 * folder, and NAME.platform is about one of them. Any other line, an unknown name, a file that does
 * not exist: an error with its place.
 */
#ifndef UKB_TREE_H
#define UKB_TREE_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;

enum unit_kind {
	UNIT_LIB,
	UNIT_PLATFORM,
	UNIT_MECHANISM,
};

struct word {
	const char *s;
	struct loc loc;
};
struct words {
	struct word *v;
	size_t len, cap;
};

/* SRC-symbol := file: the file is linked only when the symbol is needed. */
struct sym_file {
	const char *symbol, *file;
	struct loc loc;
};
struct sym_files {
	struct sym_file *v;
	size_t len, cap;
};

/* INIT := phase:function. Phases in order: layout (boot code, before page tables), early, mem, device, late. */
struct init_entry {
	const char *phase, *function;
	struct loc loc;
};
struct init_entries {
	struct init_entry *v;
	size_t len, cap;
};

/* NOHARDEN.mechanism := files; the comment line(s) directly above are the reason (required). */
struct exemption {
	const char *mechanism, *file, *reason;
	struct loc loc;
};
struct exemptions {
	struct exemption *v;
	size_t len, cap;
};

/*
 * How a mechanism stands on a platform. STATUS.platform := proven, or verifier or inherent and why;
 * REFUSED.platform := why. Nothing said: untried.
 */
enum standing {
	STANDS_UNTRIED,  /* nobody has shown anything there */
	STANDS_PROVEN,   /* attacks and verifier, off and on */
	STANDS_VERIFIER, /* only the verifier: no attack can be run */
	STANDS_INHERENT, /* the platform enforces it, and it cannot be off */
	STANDS_REFUSED,  /* it cannot be had */
};
struct platform_status {
	const char *platform;
	enum standing standing;
	const char *reason; /* NULL where none is needed */
	struct loc loc;
};
struct platform_statuses {
	struct platform_status *v;
	size_t len, cap;
};

/* SYSTEM-HEADERS := folder=package: <folder/...> of the system, which that Debian package brings. */
struct system_header {
	const char *folder, *package;
	struct loc loc;
};
struct system_headers {
	struct system_header *v;
	size_t len, cap;
};

/* NAME.level := words, for CFLAGS, CFLAGS-OWN, CFLAGS-SEED, LDFLAGS, SRC and INIT of a mechanism. */
struct level {
	const char *name; /* "" = every level but off */
	struct words cflags, ldflags, src;
	struct words cflags_own;  /* not for third-party sources */
	struct words cflags_seed; /* each has a seed of the image put behind it */
	struct init_entries init;
};
struct levels {
	struct level *v;
	size_t len, cap;
};

/* One C file of a third-party source: from the generated index. */
struct index_file {
	const char *file; /* relative to the unpacked source (or "overlay/..." of the unit) */
	struct strs defines, weak, needs;
};

struct unit {
	enum unit_kind kind;
	const char *name;   /* "heap": the folder's, but for platforms of NAMES */
	const char *dir;    /* absolute folder */
	const char *rel;    /* folder in the tree: "libs/heap" */
	const char *config; /* Kconfig symbol without CONFIG_: LIB_HEAP, PLAT_KVM, HARDEN_CANARY */
	struct loc loc;     /* its fragment */
	struct words provides; /* interfaces, e.g. "malloc" */
	struct words src;      /* files always linked when the unit is in */
	struct sym_files sym_src;
	struct words cflags, asflags;
	struct words
		includes; /* private include folders, relative to dir; "source/x" = in the unpacked source */
	struct words
		public_includes; /* PUBLIC-INCLUDES: of a C library or mechanism, for applications; as above */
	struct system_headers headers;
	struct words exports; /* symbols provided beyond those the public headers declare */
	struct strs symbols;  /* all it provides: headers + exports + sym_src, sorted */
	struct init_entries init;
	struct exemptions exempt;
	struct words names; /* NAMES: the platforms of the folder, or empty */
	/* mechanisms only */
	struct words level_names; /* LEVELS := off first ... weakest to strongest */
	struct levels levels;
	struct words fault;        /* FAULT := function that names a fault, see uk/trap.h */
	struct words conflicts;    /* CONFLICTS := other[=level] ...: never both in one image */
	const char *default_level; /* what "on" means: DEFAULT, else the last of LEVELS */
	struct platform_statuses statuses;
	struct words pass; /* PASS := name of a pass of passrun, and "seeded" when it draws */
	/* third-party source, or NULL */
	struct source_spec *source;
	struct index_file *index;
	size_t index_len;
	struct map
		*index_by_symbol; /* symbol -> const struct index_file * (strong definition wins) */
};

/* SOURCE := musl=1.2.3-1, ARCHIVE := file, SHA256 := hex, UNPACKED := folder, LICENCE := MIT, ... */
struct source_spec {
	const char *package, *version, *archive, *sha256;
	const char *licence; /* LICENCE := SPDX name, or NULL */
	struct words patches;
	const char *overlay;  /* folder of the unit, or NULL */
	const char *unpacked; /* top folder name inside the archive, e.g. musl-1.2.3 */
	struct loc loc;
};

/* One row of hardening/profiles.mk: `default := canary=strong cfi=kcfi ...` */
struct profile_entry {
	const char *mechanism, *level;
	struct loc loc;
};
struct profile {
	const char *name;
	struct profile_entry *v;
	size_t len, cap;
};

struct tree {
	const char *home; /* absolute */
	struct unit **v;  /* sorted by kind, then name */
	size_t len, cap;
	struct profile *profiles;
	size_t profiles_len, profiles_cap;
};

struct tree *tree_load(struct arena *a, const char *home, struct diags *d);
const struct unit *tree_find(const struct tree *t, enum unit_kind kind, const char *name);
/* The linker script of a platform's images: its own image.ld, or the one in libs/plat. */
const char *tree_script(struct arena *a, const struct tree *t, const struct unit *platform);
const struct profile *tree_profile(const struct tree *t, const char *name);
/* Phases of INIT entries, in the order in which they run. */
extern const char *const init_phases[];
extern const size_t init_phases_len;

/* True when symbol is in u->symbols. */
bool unit_provides(const struct unit *u, const char *symbol);
const char *unit_kind_name(enum unit_kind kind); /* "library", "platform", "mechanism" */
/* What "on" and a level's name mean for a mechanism: an entry of level_names, or NULL. */
const char *mechanism_level(const struct unit *mech, const char *word);
/* How a mechanism stands on a platform, by name; never NULL. */
const struct platform_status *mechanism_status(const struct unit *mech, const char *platform);
const char *standing_name(enum standing s); /* "proven", "verifier only" ... */
/*
 * Parses one fragment from text. When u->names is set, only what is said of the platform u->name is
 * kept; else the whole folder is one unit, and NAMES sets u->names.
 */
int tree_parse_fragment(struct arena *a, struct unit *u, const char *path, const char *text,
			size_t len, struct diags *d);

/* Parses NAME.index, the list of a third-party source's files, from text. */
int tree_parse_index(struct arena *a, struct unit *u, const char *path, const char *text,
		     size_t len, struct diags *d);
/* Adds the functions and variables that a public header declares (not static, not macros). */
void tree_header_symbols(struct arena *a, const char *text, size_t len, struct strs *ret);

#endif
