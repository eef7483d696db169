/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plan: every command of one build as data. An edge has a full argv, inputs, outputs and the
 * origin of each flag that is not the project's default. plan_write() prints it as a flat makefile.
 */
#ifndef UKB_PLAN_H
#define UKB_PLAN_H

#include "base/diag.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct manifest;
struct selection;
struct sel_file;
struct tools;
struct tree;
struct unit;

struct flag {
	const char *s;
	const char *origin; /* "project", "libs/heap/lib.mk:4", "hardening canary=strong", "ukbuild.yaml:3:9" */
};
struct flags {
	struct flag *v;
	size_t len, cap;
};

struct edge {
	const char *verb;  /* "CC", "AS", "ORDER", "LD", "IMAGE" */
	const char *label; /* what the progress line shows */
	struct flags argv;
	struct strs inputs, outputs;
	const char *depfile;  /* or NULL */
	const struct sel_file *file; /* compile edges: the source */
};
struct edges {
	struct edge **v;
	size_t len, cap;
};

struct plan {
	const char *home, *app_dir, *out_dir; /* absolute */
	struct edges app;   /* application objects: first make run */
	struct edges rest;  /* everything else */
	const char *image;  /* absolute path of the finished image; IMAGE.ukmap beside it */
};

#endif
