/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matrix of platforms, variants and programs. Images are built one after the other (make uses all
 * processors); what is to be found of each is a task of its own, and tasks run beside that.
 */
#include "measure.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "build.h"
#include "cmd.h"
#include "manifest.h"
#include "measure_design.h"
#include "measure_facts.h"
#include "measure_matrix.h"
#include "measure_merge.h"
#include "measure_native.h"
#include "measure_task.h"
#include "native.h"
#include "probe.h"
#include "tree.h"
#include "variants.h"

#include <stdlib.h>
#include <string.h>

/* Guest memory of measured runs, unless the manifest says. */
#define DEFAULT_MEMORY (32u << 20)
#define DEFAULT_TIMEOUT_MS 20000
/* Folders in templates are at most so deep, files so large. */
#define TEMPLATE_DEPTH 4
#define TEMPLATE_MAX_BYTES (16u << 20)

/* In the order of the report. The templates among them are copied from templates/app/. */
static const struct {
	const char *name;    /* as --workloads takes it */
	const char *program; /* what is built for it; NULL = the application with its test */
	bool is_usual;       /* without --workloads */
} workload_table[] = {
	{"boot", NULL, true},
	{"memory", NULL, true},
	{"minmem", NULL, true},
	{"kernels", WORKLOAD_BENCH, true},
	{"lua", "lua", false},
	{"sqlite", "sqlite", false},
	{WORKLOAD_APP, WORKLOAD_APP, true},
	{"native", NULL, true},
};

static bool wants(const struct matrix *x, const char *workload)
{
	for (size_t i = 0; i < ARRAY_LEN(workload_table); i++)
		if (str_eq(workload_table[i].name, workload) && !x->opts->workloads.len)
			return workload_table[i].is_usual;
	return strs_has(&x->opts->workloads, workload);
}

static int check_workloads(struct arena *a, const struct manifest *m, const struct strs *names,
			   struct diags *d)
{
	struct strs all = {0};

	for (size_t i = 0; i < ARRAY_LEN(workload_table); i++)
		strs_push(a, &all, workload_table[i].name);
	for (size_t i = 0; i < names->len; i++)
		if (!strs_has(&all, names->v[i])) {
			diag_fail(d, DIAG_USAGE, "there is no workload '%s'", names->v[i]);
			return diag_hint(d, "workloads: %s", strs_join(a, &all, ", "));
		}
	if (strs_has(names, WORKLOAD_APP) && !m->workload.is_set) {
		diag_fail(d, DIAG_USAGE, "the manifest has no 'workload'");
		return diag_hint(d, "docs/manifest.md, Workload");
	}
	return 0;
}

static void make_probe(const struct matrix *x, const struct program *g, const struct built *b,
		       struct probe *ret)
{
	struct arena *a = x->c->a;
	const struct manifest *m = g->m;
	const char **expect = arena_array(a, m->test.expect.len, sizeof(*expect));

	*ret = (struct probe){
		.arena = a,
		.platform = b->platform,
		.image = b->image,
		.memory_bytes = m->memory_bytes.n ? m->memory_bytes.n : DEFAULT_MEMORY,
		.is_whole = g->workload && str_eq(g->workload, WORKLOAD_APP),
		.scratch_dir = x->scratch_dir,
		.home = x->c->home,
		.cache_dir = x->c->source_cache,
		.timeout_ms = m->test.timeout_ms.n ? m->test.timeout_ms.n : DEFAULT_TIMEOUT_MS,
	};
	for (size_t i = 0; i < m->test.args.len; i++)
		strs_push(a, &ret->args, m->test.args.v[i].s);
	for (size_t i = 0; i < m->test.expect.len; i++)
		expect[i] = m->test.expect.v[i].s;
	ret->expect = expect;
	ret->expect_len = m->test.expect.len;
}

const struct manifest *matrix_manifest(struct arena *a, const struct matrix *x,
				       const struct program *g, const struct variant *v)
{
	struct manifest *own = (void *)arena_memdup(a, g->m, sizeof(*own));

	/* A specification is put on a manifest without keys; none: what the application's asks for. */
	own->harden = x->app->harden;
	if (v->spec)
		own->harden.mechs.len = 0;
	return own;
}

static const char *no_memory(const char *platform)
{
	const struct platform_host *host = run_host(platform);

	return host ? host->no_memory : "nothing here runs its images";
}

static const char *no_instructions(const char *platform)
{
	const struct platform_host *host = run_host(platform);

	if (!host)
		return "nothing here runs its images";
	return host->is_native ? "its images run on the processor itself, which cannot be made to "
				 "count the same twice"
			       : NULL;
}

/* The kinds of figures of a program on a platform. */
static size_t kinds_of(const struct matrix *x, const struct program *g, const char *platform,
		       enum task_kind *ret)
{
	bool is_counted = !no_instructions(platform), is_own = !no_memory(platform);
	size_t n = 0;

	ret[n++] = TASK_SIZE;
	if (g->workload) {
		if (is_counted)
			ret[n++] = TASK_KERNELS;
		return n;
	}
	if (is_counted && wants(x, "boot"))
		ret[n++] = TASK_BOOT;
	if ((is_counted || is_own) && wants(x, "memory"))
		ret[n++] = TASK_MEMORY;
	if (is_own && wants(x, "minmem")) {
		ret[n++] = TASK_MICROVM;
		ret[n++] = TASK_Q35;
	}
	return n;
}

static void progress(struct matrix *x, const char *variant, const struct program *g,
		     const char *step)
{
	/* Points of a design are not foreseen. */
	if (++x->done > x->total)
		x->total = x->done;
	log_progress(x->done, x->total, "MEASURE %s: %s%s%s", variant,
		     g->workload ? g->workload : "", g->workload ? " " : "", step);
}

/* What can be different beyond image, seeds and arguments. */
static const char *method_of(struct matrix *x, const char *platform)
{
	const struct platform_host *host = run_host(platform);
	struct run_opts o = {.home = x->c->home, .cache_dir = x->c->source_cache};
	const char *rig = NULL;
	struct diags ignored; /* the runs say it again */

	diags_init(&ignored, x->c->a);
	if (host && host->prepare && host->prepare(x->c->a, &o, false, &rig, &ignored))
		rig = NULL;
	return arena_printf(x->c->a, "%s; %s", measure_emulator(x->c->a),
			    rig ? path_base(rig) : "no rig");
}

/* A failure is a problem of the variant, and of the workload when it is about one. */
static void keep_problem(struct matrix *x, struct variant_cost *v, const char *workload,
			 const struct diags *d)
{
	const struct diag *error = diags_first_error(d);
	struct arena *a = x->c->a;

	if (!error)
		return;
	if (!x->cause)
		x->cause = error;
	if (workload)
		task_workload(a, v, workload)->problem = error->text;
	if (!v->problem)
		v->problem = workload ? arena_printf(a, "workload %s: %s", workload, error->text)
				      : error->text;
}

/* With a full disk everything fails, and no mechanism is to blame. */
static int check_room(const struct matrix *x)
{
	return compile_check_room(x->c->out_dir, x->c->d)
		       ? diag_hint(x->c->d, "what was measured is kept: it goes on from there")
		       : 0;
}

/* One program in one variant: built, and its tasks begun. */
static int begin_cell(struct matrix *x, const struct variant *v, const char *platform,
		      const char *method, const struct program *g, struct variant_cost *to)
{
	static const char *const steps[] = {
		[TASK_SIZE] = "size",     [TASK_BOOT] = "instructions",
		[TASK_MEMORY] = "memory", [TASK_MICROVM] = "microvm",
		[TASK_Q35] = "q35",       [TASK_KERNELS] = "kernels",
	};
	enum task_kind kinds[TASK_KERNELS + 1];
	size_t n = kinds_of(x, g, platform, kinds);
	struct ctx own = *x->c;
	struct built b;
	struct diags d;

	diags_init(&d, own.a);
	own.d = &d;
	progress(x, v->name, g, "build");
	if (build_image(&own, matrix_manifest(own.a, x, g, v), platform, v->spec, &b)) {
		keep_problem(x, to, g->workload, &d);
		x->done += n;
		return check_room(x);
	}
	for (size_t i = 0; i < n; i++) {
		struct task *t = arena_alloc(own.a, sizeof(*t));

		*t = (struct task){.kind = kinds[i], .workload = g->workload, .built = b, .to = to};
		make_probe(x, g, &b, &t->probe);
		task_name(t, x->results_dir, method);
		progress(x, v->name, g, steps[kinds[i]]);
		vec_push(own.a, &x->tasks, t);
		if (!task_is_kept(t) && pool_start(x->pool, task_run, t, x->c->d))
			return -1;
	}
	return 0;
}

static int collect(struct matrix *x)
{
	struct arena *a = x->c->a;
	bool is_missing = false;

	pool_finish(x->pool);
	for (size_t i = 0; i < x->tasks.len; i++) {
		const struct task *t = x->tasks.v[i];
		struct diags own;

		diags_init(&own, a);
		if (task_collect(t, &own)) {
			keep_problem(x, t->to, t->workload, &own);
			is_missing = true;
		}
	}
	x->tasks.len = 0;
	return is_missing ? check_room(x) : 0;
}

bool matrix_is_mine(const struct matrix *x, size_t cell)
{
	return !x->opts->shards || cell % x->opts->shards == x->opts->shard - 1;
}

int matrix_measure(struct matrix *x, const struct variants *variants, const char *platform,
		   struct variant_costs *ret)
{
	const char *method = method_of(x, platform);
	struct arena *a = x->c->a;

	ret->v = arena_array(a, variants->len, sizeof(*ret->v)); /* tasks point into it */
	ret->len = ret->cap = variants->len;
	for (size_t i = 0; i < variants->len; i++) {
		const struct variant *v = &variants->v[i];

		ret->v[i] = (struct variant_cost){
			.name = v->name, .spec = v->spec ? v->spec : "", .stops = v->stops};
		for (size_t k = 0; k < x->programs.len; k++)
			if (matrix_is_mine(x, x->cells++) &&
			    begin_cell(x, v, platform, method, &x->programs.v[k], &ret->v[i]))
				return -1;
	}
	return collect(x);
}

/* What has not changed keeps its time, so that the images are current. */
static int copy_files(struct ctx *c, const char *from, const char *to, unsigned depth)
{
	struct strs names = {0};

	if (file_list(c->a, from, &names, c->d))
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *source = path_join(c->a, from, names.v[i]);
		const char *copy = path_join(c->a, to, names.v[i]);
		size_t len;
		char *text;

		if (!file_is_dir(source)) {
			if (file_read(c->a, source, TEMPLATE_MAX_BYTES, &text, &len, c->d) ||
			    file_write_if_changed(copy, text, len, NULL, c->d))
				return -1;
		} else if (depth && !str_eq(names.v[i], "out") &&
			   copy_files(c, source, copy, depth - 1)) {
			return -1;
		}
	}
	return 0;
}

/* A copy below out/: the installed template may not be writable, and a build keeps its lock there. */
static const struct manifest *copy_template(struct ctx *c, const char *name)
{
	const char *from = arena_printf(c->a, "%s/templates/app/%s", c->home, name);
	const char *to = arena_printf(c->a, "%s/measure/%s", c->out_dir, name);

	if (!file_is_dir(from)) {
		diag_fail(c->d, DIAG_USAGE, "there is no template '%s' here to measure", name);
		return NULL;
	}
	if (copy_files(c, from, to, TEMPLATE_DEPTH))
		return NULL;
	return manifest_load(c->a, path_join(c->a, to, "ukbuild.yaml"), c->d);
}

static int add_program(struct matrix *x, const char *workload)
{
	struct program g = {.workload = workload};
	struct manifest *own;

	for (size_t i = 0; i < x->programs.len; i++)
		if (x->programs.v[i].workload == workload)
			return 0;
	if (!workload) {
		g.m = x->app;
	} else if (str_eq(workload, WORKLOAD_APP)) {
		own = (void *)arena_memdup(x->c->a, x->app, sizeof(*own));
		own->test = x->app->workload;
		g.m = own;
	} else {
		g.m = copy_template(x->c, workload);
		if (!g.m)
			return -1;
	}
	vec_push(x->c->a, &x->programs, g);
	return 0;
}

static int add_programs(struct matrix *x)
{
	if (add_program(x, NULL))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(workload_table); i++) {
		const char *program = workload_table[i].program;

		if (!program || !wants(x, workload_table[i].name) ||
		    (str_eq(program, WORKLOAD_APP) && !x->app->workload.is_set))
			continue;
		if (add_program(x, program))
			return -1;
	}
	/* Time without anything named is the bench's. */
	return wants(x, "native") && x->programs.len == 1 ? add_program(x, WORKLOAD_BENCH) : 0;
}

/* Only where images run on the processor itself; else a fact says that they do not. */
static int add_native(struct matrix *x, const struct variants *variants, struct cost *ret)
{
	const char *platform = measure_native_platform(x->tree);
	struct arena *a = x->c->a;

	if (!platform) {
		measure_fact(a, ret, "native time", "not measured: no platform runs natively here");
		return 0;
	}
	measure_fact(
		a, ret, "native time",
		arena_printf(
			a,
			"platform %s, processor %d, %d links of each variant, %d runs of each, "
			"in turn; ratios paired by link and run, 95 %% intervals over links",
			platform, native_processor(), NATIVE_LAYOUTS, NATIVE_ROUNDS));
	for (size_t i = 0; i < x->programs.len; i++) {
		const struct program *g = &x->programs.v[i];
		struct built b = {.platform = platform};
		struct probe p;

		/* Whole or not at all: what is compared must have run in turn on one machine. */
		if (!g->workload || !matrix_is_mine(x, x->cells++))
			continue;
		make_probe(x, g, &b, &p);
		if (measure_native(x, g, variants, &p, ret))
			return -1;
	}
	return 0;
}

/* Of the application alone and of the bench, whatever else is measured. */
static int add_interactions(struct matrix *x, struct cost *cost)
{
	const struct programs all = x->programs;
	struct strs boot = {0};
	struct measure_opts opts = *x->opts;
	const struct measure_opts *asked = x->opts;
	int err;

	if (cost->no_instructions) {
		measure_fact(x->c->a, cost, "interactions",
			     arena_printf(x->c->a, "not measured: %s", cost->no_instructions));
		return 0;
	}
	strs_push(x->c->a, &boot, "boot");
	opts.workloads = boot;
	x->opts = &opts;
	x->programs = (struct programs){0};
	err = add_program(x, NULL) || add_program(x, WORKLOAD_BENCH) || design_measure(x, cost);
	x->programs = all;
	x->opts = asked;
	return err ? -1 : 0;
}

static size_t steps(const struct matrix *x, size_t variants)
{
	enum task_kind kinds[TASK_KERNELS + 1];
	size_t n = 0;

	for (size_t i = 0; i < x->app->platforms.len; i++)
		for (size_t k = 0; k < x->programs.len; k++)
			n += variants *
			     (1 + kinds_of(x, &x->programs.v[k], x->app->platforms.v[i].s, kinds));
	return x->opts->shards ? n / x->opts->shards : n;
}

/* All variants on one platform. facts: where it says how. */
static int measure_platform(struct matrix *x, const struct variants *variants, size_t index,
			    struct cost *facts, struct cost *ret)
{
	const struct platform_host *host;

	ret->name = x->app->name.s;
	ret->platform = x->app->platforms.v[index].s;
	ret->no_instructions = no_instructions(ret->platform);
	ret->no_memory = no_memory(ret->platform);
	host = run_host(ret->platform);
	if (host && host->icount_shift)
		measure_fact(x->c->a, facts, arena_printf(x->c->a, "counting on %s", ret->platform),
			     arena_printf(x->c->a,
					  "-icount shift=%u,sleep=off: the counter advances by %u "
					  "an "
					  "instruction, and figures are divided by that",
					  host->icount_shift, 1u << host->icount_shift));
	return matrix_measure(x, variants, ret->platform, &ret->variants);
}

static int check_any(const struct matrix *x, const struct cost *cost)
{
	for (size_t i = 0; i < cost->variants.len; i++)
		if (!cost->variants.v[i].problem)
			return 0;
	if (x->cause)
		return diag_because(x->c->d, x->cause, "no variant could be measured; '%s'",
				    cost->variants.v[0].name);
	return diag_fail(x->c->d, DIAG_CHECK, "no variant could be measured; '%s': %s",
			 cost->variants.v[0].name, cost->variants.v[0].problem);
}

static int begin(struct matrix *x)
{
	struct ctx *c = x->c;

	x->scratch_dir = path_join(c->a, c->out_dir, "measure");
	x->results_dir = path_join(c->a, x->scratch_dir, "results");
	if (x->opts->is_fresh && file_remove_tree(x->results_dir, c->d))
		return -1;
	if (file_mkdirs(x->results_dir, c->d) || add_programs(x))
		return -1;
	probe_sweep(c->a, x->scratch_dir);
	x->pool = pool_new(c->a, c->jobs);
	return 0;
}

int measure_cost(struct ctx *c, const struct manifest *m, const struct measure_opts *opts,
		 struct cost *ret)
{
	struct matrix x = {.c = c, .app = m, .opts = opts};
	struct variants variants = {0};

	if (check_workloads(c->a, m, &opts->workloads, c->d))
		return -1;
	x.tree = tree_load(c->a, c->home, c->d);
	if (!x.tree || variants_of(c->a, x.tree, m, &opts->variants, &variants, c->d) || begin(&x))
		return -1;
	*ret = (struct cost){0};
	measure_facts(c, m->memory_bytes.n ? m->memory_bytes.n : DEFAULT_MEMORY, ret);
	x.total = steps(&x, variants.len);
	for (size_t i = 0; i < m->platforms.len; i++) {
		struct cost other = {0};

		if (measure_platform(&x, &variants, i, ret, i ? &other : ret))
			return -1;
		if (i)
			vec_push(c->a, &ret->others, other);
	}
	log_progress_end();
	if (wants(&x, "native") && add_native(&x, &variants, ret))
		return -1;
	if (opts->is_designed && add_interactions(&x, ret))
		return -1;
	if (opts->shards && measure_piece(&x, &variants, ret))
		return -1;
	log_progress_end();
	/* Runs of a measurement that was interrupted just before this one may still have been ending then. */
	probe_sweep(c->a, x.scratch_dir);
	/* Further platforms keep their reasons when nothing there can be measured. */
	return check_any(&x, ret);
}
