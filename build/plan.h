/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plan: every command of one build as data. An edge has a full argv, inputs, outputs and the
 * origin of each flag that is not the project's own default. plan_write() prints it as a flat
 * makefile.
 *
 * Interface: an object's path is a hash of its command with the folders of the tree, the
 * application and the output taken out, so equal commands share one object in every variant and
 * every folder.
 */
#ifndef UKB_PLAN_H
#define UKB_PLAN_H

#include "base/diag.h"
#include "base/str.h"
#include "source_app.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct manifest;
struct pass_tool;
struct selection;
struct sel_file;
struct tools;
struct tree;
struct unit;

/* One word of a command and who asked for it. */
struct flag {
	const char *s;
	const char *origin; /* NULL = the project; else "libs/heap/lib.mk:4", "hardening
			       canary=strong", "ukbuild.yaml:3:9" */
};
struct flags {
	struct flag *v;
	size_t len, cap;
};

struct commands {
	struct flags *v;
	size_t len, cap;
};

struct edge {
	const char *verb;  /* "CC", "AS", "LTO", "ORDER", "LD", "IMAGE" */
	const char *label; /* what the progress line shows; unique and independent of folders */
	struct flags argv;
	const char *
		launcher; /* a program that is given argv to run elsewhere, or NULL; no part of the object's name */
	struct commands then; /* more commands, one after the other, when argv has succeeded */
	const char *made;     /* what argv writes, where that is not outputs[0] */
	struct strs inputs, outputs; /* absolute paths; outputs[0] names the edge */
	const char *depfile;         /* or NULL */
	const struct sel_file *file; /* compile edges of units: the source */
};
struct edges {
	struct edge **v;
	size_t len, cap;
};

/* What one build is about: the fixed inputs of planning. */
struct plan_in {
	const struct manifest *manifest;
	const struct tree *tree;
	const struct tools *tools;
	const struct selection *sel; /* levels only while the application is planned */
	const char *home;            /* absolute folder of the tree */
	const char *out_dir;         /* absolute */
	const char *shared_dir;      /* NULL, or where objects of the tree lie */
	const char *cache_dir;       /* absolute: where prepared sources lie */
	struct app_sources app_sources;
	const char *source_dir;         /* of the C library, unpacked and patched */
	const char *variant_dir;        /* out/NAME/PLATFORM-VARIANT */
	struct map *headers;            /* what headers_folder() found so far, or NULL */
	const char *launcher;           /* of compiles, or NULL */
	const struct pass_tool *passes; /* what active passes need, or NULL */
	const uint8_t *seed;    /* the layout seed, when flags need it (flags_find_seed), or NULL */
	const char *self;       /* this ukbuild, for its internal commands */
	const char *main_proto; /* type of main as libclang prints it, or NULL */
};

struct plan {
	struct edges app;         /* application objects: the first make run */
	struct edges rest;        /* everything else: the second */
	const char *linked_image; /* where make puts the finished image and its .ukmap */
	const char *image;        /* where the user finds it: a copy in the variant folder */
};

/* Fills p->app from the manifest's files. */
int plan_app(struct arena *a, const struct plan_in *in, struct plan *p, struct diags *d);
/* Adds the compile edges of files, in their order. in->sel holds the configuration they are compiled with. */
int plan_files(struct arena *a, const struct plan_in *in, struct sel_file *const *files, size_t len,
	       struct edges *to, struct diags *d);
/* Fills p->rest; p->app must be there. seed_file: the layout seed, or NULL when order is not drawn.
 */
int plan_rest(struct arena *a, const struct plan_in *in, const char *seed_file, struct plan *p,
	      struct diags *d);

/* Adds a word to argv; origin may be NULL. */
void flag_push(struct arena *a, struct flags *f, const char *s, const char *origin);
void flag_pushf(struct arena *a, struct flags *f, const char *origin, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Hash (32 hex digits) of an edge's command with home, the manifest's folder and out_dir replaced
 * by marks, and of the identity of the tools.
 */
const char *plan_command_hash(struct arena *a, const struct plan_in *in, const struct flags *argv);

/* The edges as a makefile: one rule an output, its whole command, each flag's origin as a comment.
 */
const char *plan_makefile(struct arena *a, const struct edges *edges, const char *title);
/* The edges' compile commands as a JSON compilation database. */
const char *plan_compile_commands(struct arena *a, const struct edges *app,
				  const struct edges *rest);

#endif
