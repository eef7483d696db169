/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild run`: builds the manifest's image (or takes the one named), boots it, says how it ended. */
#include "cmd.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "build.h"
#include "inspect.h"
#include "manifest.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>

/* Of an image whose sidecar is not there to say. */
#define DEFAULT_PLATFORM "kvm"
/* Guest memory when neither manifest nor --memory says: as manifest.h. */
#define DEFAULT_MEMORY (32u << 20)

/* As run.h. */
#define DEFAULT_TIMEOUT_MS 60000

/* What is run, and what its test expects. */
struct target {
	const struct manifest *manifest; /* NULL: an image was named */
	const char *image, *platform;
};

static int find_target(struct ctx *c, struct target *ret)
{
	struct built b;

	*ret = (struct target){0};
	if (c->args.len) {
		if (c->test)
			return diag_fail(c->d, DIAG_USAGE,
					 "--test needs the manifest, not an image");
		ret->image = path_absolute(c->a, c->args.v[0]);
		ret->platform = c->platform ? c->platform : image_platform(c->a, ret->image);
		if (!ret->platform)
			ret->platform = DEFAULT_PLATFORM;
		return 0;
	}
	ret->manifest = ctx_manifest(c);
	if (!ret->manifest)
		return -1;
	if (c->test && !ret->manifest->test.is_set)
		return diag_error(c->d, (struct loc){ret->manifest->path, 0, 0},
				  "there is no 'test' to run in the manifest");
	ret->platform = ctx_one_platform(c, ret->manifest);
	if (!ret->platform || build_image(c, ret->manifest, ret->platform, NULL, &b))
		return -1;
	ret->image = b.image;
	return 0;
}

static void push_mstrs(struct arena *a, struct strs *l, const struct mstrs *more)
{
	size_t i;

	for (i = 0; i < more->len; i++)
		strs_push(a, l, more->v[i].s);
}

static enum run_accel accel_named(const char *name)
{
	if (name && str_eq(name, "kvm"))
		return RUN_ACCEL_KVM;
	if (name && str_eq(name, "tcg"))
		return RUN_ACCEL_TCG;
	return RUN_ACCEL_AUTO;
}

static void fill_opts(struct ctx *c, const struct target *t, struct run_opts *ret)
{
	const struct manifest *m = t->manifest;

	*ret = (struct run_opts){
		.image = t->image,
		.machine = c->machine,
		.cpu = c->cpu,
		.memory_bytes = m && m->memory_bytes.n ? m->memory_bytes.n : DEFAULT_MEMORY,
		.accel = accel_named(c->accel),
		.icount = c->icount,
		.timeout_ms = c->timeout_ms,
		.memory_file = c->memory_file,
		.keeps_memory = true,
		.seed = c->entropy,
		.echo = !c->json,
		.scratch_dir = path_join(c->a, c->out_dir, "run"),
		.home = c->home,
		.cache_dir = c->source_cache,
	};
	if (c->memory_bytes)
		ret->memory_bytes = c->memory_bytes;
	if (m && c->test) {
		push_mstrs(c->a, &ret->args, &m->test.args);
		if (!ret->timeout_ms)
			ret->timeout_ms = m->test.timeout_ms.n;
	}
	strs_concat(c->a, &ret->args, &c->guest_args);
	if (c->icount) {
		strs_push(c->a, &ret->boot_opts, "ukbuild.trace=1");
		strs_push(c->a, &ret->boot_opts, "ukbuild.stats=1");
	}
}

/* Says which accelerator runs the guest and why, when that was left to us. */
static void announce(struct ctx *c, const struct target *t, const struct run_opts *o)
{
	const struct platform_host *host = run_host(t->platform);
	const char *why;

	if (!host || o->icount || o->accel != RUN_ACCEL_AUTO)
		return;
	log_verbose("accelerator: %s (%s)", host->accel(c->a, &why), why);
}

static int dry_run(struct ctx *c, const struct target *t, const struct run_opts *o)
{
	struct strs argv = {0};
	size_t i;

	if (run_command(c->a, t->platform, o, &argv, NULL, c->d))
		return -1;
	for (i = 0; i < argv.len; i++)
		printf("%s%s", i ? " " : "", str_shell_quote(c->a, argv.v[i]));
	putchar('\n');
	return 0;
}

/* "1500 ms", "90 s": in the largest unit that loses nothing. */
static const char *duration(struct arena *a, uint64_t ms)
{
	return ms % 1000 ? arena_printf(a, "%" PRIu64 " ms", ms)
			 : arena_printf(a, "%" PRIu64 " s", ms / 1000);
}

/* How the guest ended, as a diagnostic; 0 when it ended well. */
static int verdict(struct ctx *c, const struct run *r, const struct run_opts *o)
{
	switch (r->end) {
	case RUN_EXITED:
		if (!r->status)
			return 0;
		return diag_fail(c->d, DIAG_GUEST, "the guest exited with status %d", r->status);
	case RUN_TRAPPED:
		return diag_fail(c->d, DIAG_GUEST, "the guest was stopped by '%s'", r->mechanism);
	case RUN_TIMEOUT:
		return diag_fail(
			c->d, DIAG_GUEST, "the guest did not end within %s",
			duration(c->a, o->timeout_ms ? o->timeout_ms : DEFAULT_TIMEOUT_MS));
	case RUN_NO_TRAILER:
		break;
	}
	diag_fail(c->d, DIAG_GUEST, "the guest ended without saying how");
	if (r->why)
		return diag_hint(c->d, "%s", r->why);
	return diag_hint(c->d, "it crashed before it could report: try more --memory");
}

/* The manifest's test: its texts, in their order. */
static int check_expected(struct ctx *c, const struct manifest *m, const struct run *r)
{
	const char **expect = arena_array(c->a, m->test.expect.len, sizeof(*expect));
	const char *missing;
	size_t i;

	for (i = 0; i < m->test.expect.len; i++)
		expect[i] = m->test.expect.v[i].s;
	if (run_has_output(r, expect, m->test.expect.len, &missing)) {
		log_info("test passed: %s", m->name.s);
		return 0;
	}
	for (i = 0; expect[i] != missing; i++)
		;
	return diag_fail_at(c->d, DIAG_CHECK, m->test.expect.v[i].loc,
			    "the guest did not print '%s'%s", missing,
			    i ? " after the texts before it" : "");
}

static const char *end_name(enum run_end end)
{
	static const char *const names[] = {
		[RUN_EXITED] = "exited",
		[RUN_TRAPPED] = "trapped",
		[RUN_NO_TRAILER] = "vanished",
		[RUN_TIMEOUT] = "timeout",
	};

	return names[end];
}

static json_t *values_json(const struct run_values *l)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < l->len; i++)
		json_object_set_new(o, l->v[i].name, json_integer((json_int_t)l->v[i].val));
	return o;
}

static json_t *frame_json(const struct trap_frame *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "offset", json_integer((json_int_t)f->offset));
	json_object_set_new(o, "symbol", f->symbol ? json_string(f->symbol) : json_null());
	json_object_set_new(o, "file", f->file ? json_string(f->file) : json_null());
	json_object_set_new(o, "line", json_integer(f->line));
	return o;
}

static void print_json(const struct run *r)
{
	json_t *o = json_object(), *frames = json_array(), *console;
	size_t i;

	for (i = 0; i < r->frames_len; i++)
		json_array_append_new(frames, frame_json(&r->frames[i]));
	/* A guest may print anything: what is no UTF-8 has no place in JSON. */
	console = json_stringn(r->console, r->console_len);
	json_object_set_new(o, "end", json_string(end_name(r->end)));
	json_object_set_new(o, "status", json_integer(r->status));
	json_object_set_new(o, "mechanism", r->mechanism ? json_string(r->mechanism) : json_null());
	json_object_set_new(o, "console", console ? console : json_null());
	json_object_set_new(o, "frames", frames);
	json_object_set_new(o, "accelerator", json_string(r->accel));
	json_object_set_new(o, "wall_ns", json_integer((json_int_t)r->wall_ns));
	json_object_set_new(o, "cpu_ns", json_integer((json_int_t)r->cpu_ns));
	json_object_set_new(o, "phases", values_json(&r->phases));
	json_object_set_new(o, "stats", values_json(&r->stats));
	json_print(o, stdout);
	json_decref(o);
}

/* The boot trace of --icount as instructions since the image's first one. */
static void print_phases(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->phases.len; i++)
		fprintf(stderr, "%-10s %12" PRIu64 "\n", r->phases.v[i].name,
			r->phases.v[i].val - r->phases.v[0].val);
}

int cmd_run(struct ctx *c)
{
	struct target t;
	struct run_opts o;
	struct run r;
	int err;

	if (find_target(c, &t))
		return -1;
	fill_opts(c, &t, &o);
	announce(c, &t, &o);
	if (c->dry_run)
		return dry_run(c, &t, &o);
	log_progress_end();
	if (run_image(c->a, t.platform, &o, &r, c->d))
		return -1;
	if (run_symbolise(c->a, t.image, &r, c->d))
		return -1;
	if (c->json)
		print_json(&r);
	else if (r.end != RUN_EXITED)
		run_print_trap(c->a, &r, stderr);
	if (c->icount && !c->json)
		print_phases(&r);
	err = verdict(c, &r, &o);
	return err || !c->test ? err : check_expected(c, t.manifest, &r);
}
