/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks: the pieces that a measurement consists of. Each finds some figures of one image and keeps them under a
 * name made from everything that they depend on, so that nothing is measured twice and a run that was
 * interrupted goes on where it stopped. Knows nothing of variants and platforms side by side.
 */
#ifndef UKB_MEASURE_TASK_H
#define UKB_MEASURE_TASK_H

#include "build.h"
#include "measure.h"
#include "probe.h"

struct diags;

enum task_kind {
	TASK_SIZE,    /* bytes of the image, by section and unit */
	TASK_BOOT,    /* instructions of the boot and of the test */
	TASK_MEMORY,  /* memory touched, high-water marks */
	TASK_MICROVM, /* least memory on that machine */
	TASK_Q35,
	TASK_KERNELS, /* instructions of a workload's kernels */
};

struct task {
	enum task_kind kind;
	const char *workload; /* NULL: the application with its test */
	struct probe probe;
	struct built built;
	const char *path; /* where its result is kept, or will be */
	struct variant_cost *to;
};

/*
 * Where the result of something is kept: below dir, named after words, all that it depends on. The text of
 * method says how it is measured beyond that: versions of programs, machine, seeds.
 */
const char *task_path(struct arena *a, const char *dir, const char *method,
		      const struct strs *words);
/* Sets t->path; the rest of t must be there. */
void task_name(struct task *t, const char *dir, const char *method);
/* Whether its figures are there from another time; what is damaged is thrown away. */
bool task_is_kept(const struct task *t);
/* Finds the figures and keeps them, or keeps the reason why there are none (a struct task, for pool.h). */
void task_run(void *task);
/* Adds the figures kept to t->to. -1 with the reason when there are none. */
int task_collect(const struct task *t, struct diags *d);
/* The figures of a workload in v, made when they are not there. */
struct workload_cost *task_workload(struct arena *a, struct variant_cost *v, const char *name);

#endif
