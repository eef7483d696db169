/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "build.h"
#include "cmd.h"
#include "elf.h"
#include "inspect.h"
#include "manifest.h"
#include "measure_native.h"
#include "native.h"
#include "probe.h"
#include "tool.h"
#include "tree.h"
#include "variants.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* The template whose image carries the kernels. */
#define BENCH_TEMPLATE "templates/app/bench"
/* Guest memory of measured runs, unless the manifest says. */
#define DEFAULT_MEMORY (32u << 20)
#define DEFAULT_TIMEOUT_MS 20000

static const char *const machine_names[MEASURE_MACHINES] = {"microvm", "q35"};
static const char *const workload_names[] = {"boot", "memory", "minmem", "kernels", "native"};

/* One measurement of a whole matrix. */
struct session {
	struct ctx *c;
	const struct manifest *app, *bench; /* bench NULL: neither kernels nor native time */
	const struct measure_opts *opts;
	const char *scratch_dir;
	size_t done, total;
	uint64_t guess[MEASURE_MACHINES]; /* smallest memory of the variant before */
};

static bool wants(const struct session *s, const char *workload)
{
	return !s->opts->workloads.len || strs_has(&s->opts->workloads, workload);
}

static void progress(struct session *s, const char *variant, const char *step)
{
	log_progress(++s->done, s->total, "MEASURE %s: %s", variant, step);
}

static int check_workloads(const struct strs *names, struct diags *d)
{
	size_t i, k;

	for (i = 0; i < names->len; i++) {
		for (k = 0; k < ARRAY_LEN(workload_names); k++)
			if (str_eq(names->v[i], workload_names[k]))
				break;
		if (k == ARRAY_LEN(workload_names)) {
			diag_fail(d, DIAG_USAGE, "there is no workload '%s'", names->v[i]);
			return diag_hint(d, "workloads: boot, memory, minmem, kernels, native");
		}
	}
	return 0;
}

/* Bytes of memory by kind, from the sections of the unstripped image. */
static int section_bytes(struct arena *a, const char *sidecar, struct variant_cost *ret,
			 struct diags *d)
{
	/* sh_flags and sh_type: gabi, "Sections" */
	enum {
		WRITE = 1,
		ALLOC = 2,
		EXEC = 4,
		NOBITS = 8
	};
	struct elf e;
	size_t i;

	if (elf_load(a, sidecar, &e, d))
		return -1;
	for (i = 0; i < e.sections_len; i++) {
		const struct elf_section *s = &e.sections[i];

		if (!(s->flags & ALLOC))
			continue;
		if (s->type == NOBITS)
			ret->bss += s->size;
		else if (s->flags & EXEC)
			ret->text += s->size;
		else if (s->flags & WRITE)
			ret->data += s->size;
		else
			ret->rodata += s->size;
	}
	return 0;
}

static int measure_size(struct ctx *c, const struct built *b, struct variant_cost *ret)
{
	struct inspection in;
	size_t i;

	ret->file_bytes = b->bytes;
	memcpy(ret->sha256, b->sha256, sizeof(ret->sha256));
	if (section_bytes(c->a, b->sidecar, ret, c->d) || inspect_image(c->a, b->image, &in, c->d))
		return -1;
	for (i = 0; i < in.units_len; i++) {
		const struct unit_bytes *u = &in.units[i];
		struct unit_cost uc = {u->unit, u->text, u->rodata, u->data, u->bss, u->file};

		vec_push(c->a, &ret->units, uc);
	}
	return 0;
}

static void make_probe(struct session *s, const struct manifest *m, const struct built *b,
		       struct probe *ret)
{
	struct arena *a = s->c->a;
	const char **expect = arena_array(a, m->test.expect.len, sizeof(*expect));
	size_t i;

	*ret = (struct probe){
		.arena = a,
		.platform = b->platform,
		.image = b->image,
		.memory_bytes = m->memory_bytes.n ? m->memory_bytes.n : DEFAULT_MEMORY,
		.scratch_dir = s->scratch_dir,
		.home = s->c->home,
		.cache_dir = s->c->source_cache,
		.timeout_ms = m->test.timeout_ms.n ? m->test.timeout_ms.n : DEFAULT_TIMEOUT_MS,
	};
	for (i = 0; i < m->test.args.len; i++)
		strs_push(a, &ret->args, m->test.args.v[i].s);
	for (i = 0; i < m->test.expect.len; i++)
		expect[i] = m->test.expect.v[i].s;
	ret->expect = expect;
	ret->expect_len = m->test.expect.len;
}

/* The manifest with no hardening keys of its own: what a variant's spec is put on. */
static int build_variant(struct ctx *c, const struct manifest *m, const char *platform,
			 const struct variant *v, struct built *ret)
{
	struct manifest plain = *m;

	if (v->spec) {
		plain.harden.mechs.len = 0;
		m = &plain;
	}
	return build_image(c, m, platform, v->spec, ret);
}

/*
 * Where to look for the smallest memory first. microvm: above 1 MiB there must be room for the image
 * alone. q35: SeaBIOS needs most of 1,200 KiB before any image is loaded.
 */
static void first_guesses(const struct variant_cost *v, uint64_t guess[MEASURE_MACHINES])
{
	guess[MEASURE_MICROVM] = (1u << 20) + v->text + v->rodata + v->data + v->bss;
	guess[MEASURE_Q35] = 1200u << 10;
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

static int measure_app(struct session *s, struct ctx *c, const struct variant *v,
		       const char *platform, struct variant_cost *ret)
{
	struct probe p;
	struct built b;
	int i;

	progress(s, v->name, "build");
	if (build_variant(c, s->app, platform, v, &b) || measure_size(c, &b, ret))
		return -1;
	make_probe(s, s->app, &b, &p);
	if (!s->guess[0])
		first_guesses(ret, s->guess);
	if (wants(s, "boot") && !no_instructions(platform)) {
		progress(s, v->name, "instructions");
		if (probe_boot(&p, ret, c->d))
			return -1;
	}
	if (wants(s, "memory") && !(no_memory(platform) && no_instructions(platform))) {
		progress(s, v->name, "memory");
		if (no_memory(platform) ? probe_marks(&p, ret, c->d) : probe_memory(&p, ret, c->d))
			return -1;
	}
	for (i = 0; wants(s, "minmem") && !no_memory(platform) && i < MEASURE_MACHINES; i++) {
		progress(s, v->name, machine_names[i]);
		if (probe_min_memory(&p, machine_names[i], s->guess[i], &ret->min_memory[i], c->d))
			return -1;
		if (ret->min_memory[i])
			s->guess[i] = ret->min_memory[i];
	}
	return 0;
}

static int measure_bench(struct session *s, struct ctx *c, const struct variant *v,
			 const char *platform, struct variant_cost *ret)
{
	struct workload_cost w = {.name = WORKLOAD_BENCH};
	struct variant_cost size = {0};
	struct probe p;
	struct built b;

	progress(s, v->name, "kernels");
	if (build_variant(c, s->bench, platform, v, &b) ||
	    section_bytes(c->a, b.sidecar, &size, c->d))
		return -1;
	make_probe(s, s->bench, &b, &p);
	if (probe_kernels(&p, &w.kernels, c->d))
		return -1;
	memcpy(w.sha256, b.sha256, sizeof(w.sha256));
	w.file_bytes = b.bytes;
	w.text = size.text;
	w.rodata = size.rodata;
	w.data = size.data;
	w.bss = size.bss;
	vec_push(c->a, &ret->workloads, w);
	return 0;
}

/* A variant that fails keeps its reason and does not stop the others. */
static void measure_variant(struct session *s, const struct variant *v, const char *platform,
			    struct variant_cost *ret)
{
	struct ctx c = *s->c;
	struct diags own;
	size_t i;

	diags_init(&own, c.a);
	c.d = &own;
	*ret = (struct variant_cost){
		.name = v->name, .spec = v->spec ? v->spec : "", .stops = v->stops};
	if (!measure_app(s, &c, v, platform, ret) && wants(s, "kernels") &&
	    !no_instructions(platform) && str_eq(platform, s->app->platforms.v[0].s))
		(void)measure_bench(s, &c, v, platform, ret); /* its reason is in own */
	for (i = 0; i < own.len; i++)
		if (own.v[i].severity == DIAG_ERROR && !ret->problem)
			ret->problem = own.v[i].text;
}

static void add_fact(struct arena *a, struct cost *cost, const char *name, const char *value)
{
	struct fact f = {name, value};

	vec_push(a, &cost->facts, f);
}

/* The value of "model name" in /proc/cpuinfo. */
static const char *host_cpu(struct arena *a)
{
	struct diags ignored;
	const char *at;
	char *text;
	size_t len;

	diags_init(&ignored, a);
	if (file_read(a, "/proc/cpuinfo", 16u << 20, &text, &len, &ignored))
		return "unknown";
	at = strstr(text, "model name");
	at = at ? strstr(at, ": ") : NULL;
	return at ? arena_memdup(a, at + 2, strcspn(at + 2, "\n")) : "unknown";
}

static const char *qemu_version(struct arena *a)
{
	struct proc_opts po = {.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result pr;
	struct diags ignored;

	diags_init(&ignored, a);
	if (proc_run(a, (const char *const[]){"qemu-system-x86_64", "--version", NULL}, &po, &pr,
		     &ignored))
		return "unknown";
	return arena_memdup(a, pr.out, strcspn(pr.out, "\n"));
}

static const char *compiler_version(struct ctx *c)
{
	struct tools tools;
	struct diags ignored;

	diags_init(&ignored, c->a);
	if (tools_find(c->a, c->source_cache, &tools, &ignored))
		return "unknown"; /* the builds have said why */
	return tools.cc_version;
}

static void add_facts(struct session *s, struct cost *ret)
{
	struct arena *a = s->c->a;
	uint64_t memory = s->app->memory_bytes.n ? s->app->memory_bytes.n : DEFAULT_MEMORY;
	struct utsname u;

	add_fact(a, ret, "compiler", compiler_version(s->c));
	add_fact(a, ret, "emulator", qemu_version(a));
	add_fact(a, ret, "guest",
		 arena_printf(a, "microvm, -cpu max, %" PRIu64 " KiB, one processor",
			      memory / 1024));
	add_fact(a, ret, "counting",
		 arena_printf(a,
			      "-icount shift=0,sleep=off, -seed 1..%d and as many boot seeds, "
			      "median (least to greatest)",
			      PROBE_SEEDS));
	add_fact(a, ret, "host processor", host_cpu(a));
	for (size_t i = 0; i < platform_hosts_len; i++)
		if (platform_hosts[i]->surface)
			add_fact(a, ret, arena_printf(a, "host below %s", platform_hosts[i]->name),
				 platform_hosts[i]->surface);
	if (!uname(&u))
		add_fact(a, ret, "host system",
			 arena_printf(a, "%s %s %s", u.sysname, u.release, u.machine));
}

/* Only where images run on the processor itself; else a fact says that they do not. */
static int add_native(struct session *s, const struct tree *tree, const struct variants *variants,
		      struct cost *ret)
{
	const char *platform = measure_native_platform(tree);
	struct arena *a = s->c->a;
	struct built b = {.platform = platform};
	struct probe p;

	if (!platform) {
		add_fact(a, ret, "native time", "not measured: no platform runs natively here");
		return 0;
	}
	make_probe(s, s->bench, &b, &p);
	add_fact(a, ret, "native time",
		 arena_printf(
			 a,
			 "platform %s, processor %d, %d links of each variant, %d runs of each, "
			 "in turn; ratios paired by link and run, 95 %% intervals over links",
			 platform, native_processor(), NATIVE_LAYOUTS, NATIVE_ROUNDS));
	return measure_native(s->c, s->bench, platform, variants, &p, ret);
}

/* A copy below out/: the installed template may not be writable, and a build keeps its lock there. */
static const struct manifest *copy_bench(struct ctx *c)
{
	const char *from = path_join(c->a, c->home, BENCH_TEMPLATE);
	const char *to = path_join(c->a, c->out_dir, "measure/bench");
	struct strs names = {0};
	size_t i;

	if (file_list(c->a, from, &names, c->d) || file_mkdirs(to, c->d))
		return NULL;
	for (i = 0; i < names.len; i++) {
		const char *source = path_join(c->a, from, names.v[i]);

		if (!file_is_dir(source) &&
		    file_copy(source, path_join(c->a, to, names.v[i]), c->d))
			return NULL;
	}
	return manifest_load(c->a, path_join(c->a, to, "ukbuild.yaml"), c->d);
}

static size_t steps(const struct session *s)
{
	return 1 + wants(s, "boot") + wants(s, "memory") +
	       (wants(s, "minmem") ? MEASURE_MACHINES : 0) + wants(s, "kernels");
}

/* All variants on one platform; the number of those that could be measured. facts: where it says how. */
static size_t measure_platform(struct session *s, const struct variants *variants, size_t index,
			       struct cost *facts, struct cost *ret)
{
	const struct mstrs *platforms = &s->app->platforms;
	size_t i, good = 0;

	ret->name = s->app->name.s;
	ret->platform = platforms->v[index].s;
	ret->no_instructions = no_instructions(ret->platform);
	ret->no_memory = no_memory(ret->platform);
	if (run_host(ret->platform) && run_host(ret->platform)->icount_shift)
		add_fact(s->c->a, facts, arena_printf(s->c->a, "counting on %s", ret->platform),
			 arena_printf(s->c->a,
				      "-icount shift=%u,sleep=off: the counter advances by %u an "
				      "instruction, and figures are divided by that",
				      run_host(ret->platform)->icount_shift,
				      1u << run_host(ret->platform)->icount_shift));
	for (i = 0; i < variants->len; i++) {
		struct variant_cost v;

		s->total = platforms->len * variants->len * steps(s);
		s->done = (index * variants->len + i) * steps(s);
		measure_variant(s, &variants->v[i], ret->platform, &v);
		vec_push(s->c->a, &ret->variants, v);
		good += !v.problem;
	}
	return good;
}

int measure_cost(struct ctx *c, const struct manifest *m, const struct measure_opts *opts,
		 struct cost *ret)
{
	struct session s = {.c = c, .app = m, .opts = opts};
	struct variants variants = {0};
	const struct tree *tree;
	size_t i, good;

	if (check_workloads(&opts->workloads, c->d))
		return -1;
	tree = tree_load(c->a, c->home, c->d);
	if (!tree || variants_of(c->a, tree, m, &opts->variants, &variants, c->d))
		return -1;
	s.scratch_dir = path_join(c->a, c->out_dir, "measure");
	if (file_mkdirs(s.scratch_dir, c->d))
		return -1;
	if (wants(&s, "kernels") || wants(&s, "native")) {
		s.bench = copy_bench(c);
		if (!s.bench)
			return -1;
	}
	*ret = (struct cost){0};
	add_facts(&s, ret);
	good = measure_platform(&s, &variants, 0, ret, ret);
	for (i = 1; i < m->platforms.len; i++) {
		struct cost other = {0};

		/* Its variants keep the reasons when nothing there can be measured. */
		(void)measure_platform(&s, &variants, i, ret, &other);
		vec_push(c->a, &ret->others, other);
	}
	if (good && wants(&s, "native") && add_native(&s, tree, &variants, ret))
		return -1;
	log_progress_end();
	if (!good)
		return diag_fail(c->d, DIAG_CHECK, "no variant could be measured; '%s': %s",
				 ret->variants.v[0].name, ret->variants.v[0].problem);
	return 0;
}
