/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole build, stage after stage: tools, tree, levels, application objects, scan, resolve, plan,
 * make, finished image. What `build`, `plan`, `explain`, `run` and `measure` stand on.
 */
#ifndef UKB_BUILD_H
#define UKB_BUILD_H

#include "base/json.h"
#include "compile.h"
#include "plan.h"
#include "resolve.h"
#include "tool.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctx;
struct manifest;
struct tree;

/* Everything the stages found, for commands that print or explain it. */
struct pipeline {
	const struct manifest *manifest; /* with overrides */
	struct tools tools;
	const struct tree *tree;
	struct scan scan;
	struct selection sel;
	struct plan_in in;
	struct plan plan;
	struct compile_stats stats;
	const char *variant; /* "default", "none+1a2b3c4d" */
	bool is_app_bad;     /* it failed at the application, which is the same on all platforms */
};

struct built {
	const char *platform, *profile, *variant;
	const char *image, *sidecar; /* absolute paths */
	const char *dir;             /* the variant's folder */
	uint64_t bytes;
	char sha256[65];
	bool is_current;            /* nothing had changed, nothing was run */
	bool is_app_bad;            /* as above; set on failure too */
	struct compile_stats stats; /* what really ran */
	struct strs left_out;       /* of the profile: "aslr=full: why the platform refuses it" */
	struct strs notes;          /* what is not as safe as it looks, and what would make it so */
};

/* Runs the stages up to the scan of the application: its objects are compiled and read. */
int build_scan(struct ctx *c, const struct manifest *m, const char *platform,
	       const char *harden_spec, struct pipeline *ret);
/* Runs the stages up to the selection of units. */
int build_resolve(struct ctx *c, const struct manifest *m, const char *platform,
		  const char *harden_spec, struct pipeline *ret);
/*
 * Runs the stages up to the plan: compiles the application's objects, scans, resolves, plans.
 * harden_spec: as --harden, on top of the manifest; may be NULL.
 */
int build_plan(struct ctx *c, const struct manifest *m, const char *platform,
	       const char *harden_spec, struct pipeline *ret);

/* Builds one image. Returns at once when nothing it was made from has changed. */
int build_image(struct ctx *c, const struct manifest *m, const char *platform,
		const char *harden_spec, struct built *ret);

/* A stage above, and what a command shows of it for one platform: as text, or added to images with --json. */
typedef int build_stage(struct ctx *c, const struct manifest *m, const char *platform,
			const char *harden_spec, struct pipeline *ret);
typedef void build_show(struct ctx *c, const struct manifest *m, const struct pipeline *p,
			const char *platform, json_t *images);
/* A stage for each platform of the manifest. -1 when it failed for one; the others are shown all the same. */
int build_each(struct ctx *c, const struct manifest *m, build_stage *stage, build_show *show,
	       json_t *images);

#endif
