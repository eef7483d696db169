/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manifest: what the user asks for, each value with its place. Parsed with libyaml (only here).
 * Knows the keys and their types; whether a library, mechanism or platform exists is resolve's business.
 */
#ifndef UKB_MANIFEST_H
#define UKB_MANIFEST_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct mstr {
	const char *s; /* NULL = absent */
	struct loc loc;
};
struct mstrs {
	struct mstr *v;
	size_t len, cap;
};
/* key: value, in the order of the file. */
struct mpair {
	struct mstr key, val;
};
struct mpairs {
	struct mpair *v;
	size_t len, cap;
};
struct mnum {
	uint64_t n;
	bool is_set;
	struct loc loc;
};

/* A run of the image with what it must print. */
struct mrun {
	struct mstrs args;   /* command line of the guest */
	struct mstrs expect; /* texts that must appear on the console, in this order */
	struct mnum timeout_ms;
	bool is_set;
};

/*
 * A third-party source of the application: an archive that is fetched, verified, patched and prepared
 * once (source.h). Exactly one of package, url, npm and path is set.
 */
struct msource {
	struct loc loc;
	struct mstr package, url, npm, path; /* path: of the archive, relative to the manifest */
	struct mstr version;                 /* of package and npm */
	struct mstr archive;                 /* its file name; never NULL after loading */
	struct mstr sha256;                  /* of the archive, 64 hex digits */
	struct mstr series, series_sha256;   /* the distribution's patches, a file of the package */
	struct mstrs patches;                /* ours, relative to the manifest, applied in order */
	struct mstr prepare;                 /* script, relative to the manifest, or NULL */
	struct mstrs sources, exclude;       /* globs, relative to the unpacked archive */
	struct mstrs include, cflags;
};
struct msources {
	struct msource *v;
	size_t len, cap;
};

struct manifest {
	const char *path;     /* as given */
	const char *dir;      /* absolute folder of the manifest: relative paths start here */
	struct mstr name;     /* [a-z0-9][a-z0-9_-]*, required */
	struct mstrs sources; /* globs as written; this or source is required */
	struct mstrs
		files; /* sources expanded, sorted, relative to dir; each with its glob's loc */
	struct msources source; /* third-party sources, each with files of its own */
	struct mstrs embed;     /* `files`: globs of files that the image carries */
	struct mstrs embedded;  /* embed expanded, sorted, relative to dir */
	struct mstrs include;   /* folders, relative to dir */
	struct mstrs cflags;
	struct mstrs args; /* argv[1..] of the guest */
	struct mpairs env;
	struct mstrs platforms; /* default: kvm */
	struct mstrs libs;      /* libraries asked for by name, besides those resolution finds */
	struct mpairs kconfig;  /* CONFIG name without prefix -> y, n, number or string */
	struct {
		struct mstr profile; /* none, peer, default, max; never NULL after loading */
		struct mpairs mechs; /* mechanism -> level ("on"/"off" or a level's name) */
		struct mstr seed;    /* 64 hex digits, or NULL: taken from ukbuild.lock */
	} harden;
	struct mnum memory_bytes; /* "8M", "512K"; default 32 MiB */
	struct mstrs allow_missing;
	struct {
		struct mnum image_bytes, memory_bytes, instructions;
		struct mnum
			overhead_permille; /* "3%" = 30, over the same image with profile none */
	} budget;
	struct mrun test;
	struct mrun workload; /* what `measure` counts and times besides the test */
	bool debug;           /* traps may print pointers */
	/*
	 * No key: absolute paths of C files that are linked beside the program and started before it, by
	 * uk_attack_main(argc, argv). Set by `ukbuild attack`; NULL in what users get.
	 */
	const struct strs *attack_files;
	bool is_attack_verified; /* all the same the verifiers must be content */
};

/* Largest manifest read, deepest nesting, most nodes. */
#define MANIFEST_MAX_BYTES (1u << 20)
#define MANIFEST_MAX_DEPTH 16
#define MANIFEST_MAX_NODES 20000

/* Reads path. NULL with diagnostics (all of kind DIAG_INPUT) on any error. */
struct manifest *manifest_load(struct arena *a, const char *path, struct diags *d);
/* The same from text: for tests and fuzzing. Globs are expanded against dir when expand is true. */
struct manifest *manifest_parse(struct arena *a, const char *path, const char *dir,
				const char *text, size_t len, bool expand, struct diags *d);
/*
 * Applies one --harden argument: a profile name, or "key=level[,key=level...]", or both
 * ("default,cfi=off"). Places are the pseudo file named like the option.
 */
int manifest_override_harden(struct arena *a, struct manifest *m, const char *option,
			     const char *arg, struct diags *d);

#endif
