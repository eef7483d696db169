/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts of a twin side by side, each in a child of its own (base/pool.h). See attack_replay.h. */
#include "attack_replay.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "cmd.h"
#include "manifest.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Guest memory, unless the manifest says; an attack that hangs is over after this time. */
#define DEFAULT_MEMORY (32u << 20)
#define NATIVE_TIMEOUT_MS 3000
#define EMULATED_TIMEOUT_MS 60000
/* What a machine takes beside its guest's memory: the emulator with its translated code, Xen. */
#define EMULATOR_BYTES (384u << 20)
/* A line for each would be hundreds. */
#define PROGRESS_STEP 50
/* QEMU's model of the first x86-64 processors: neither RDRAND nor RDSEED. */
#define CPU_WITHOUT_GENERATOR "qemu64"
/* A console without end is cut by run_image(). */
#define KEPT_MAX_BYTES (64u << 20)

/* A start and where its child leaves what came of it; no file: it came to nothing. */
struct start {
	const struct attack_session *s;
	const struct attack_twin *twin;
	const struct strs *args;
	const struct attack_def *again; /* of attack_start_all() */
	const char *path;
};

/* In the file before the mechanism's name and the console. */
struct kept {
	enum run_end end;
	int status;
	size_t mechanism_bytes, console_bytes;
};

static bool is_native(const struct attack_session *s)
{
	const struct platform_host *host = run_host(s->platform);

	return host && host->is_native;
}

static uint64_t guest_bytes(const struct attack_session *s)
{
	return s->manifest->memory_bytes.n ? s->manifest->memory_bytes.n : DEFAULT_MEMORY;
}

/* As many as memory has room for; one where nobody says how much there is. */
static unsigned side_by_side(const struct attack_session *s)
{
	const uint64_t each = guest_bytes(s) + (is_native(s) ? 0 : EMULATOR_BYTES);
	const uint64_t room = attack_memory_available(s->c->a) / each;

	return room < 1 ? 1 : room < s->c->jobs ? (unsigned)room : s->c->jobs;
}

uint64_t attack_memory_available(struct arena *a)
{
	static const char key[] = "\nMemAvailable:";
	struct diags ignored;
	const char *line;
	char *text;
	size_t len;

	diags_init(&ignored, a);
	if (file_read(a, "/proc/meminfo", 1 << 16, &text, &len, &ignored))
		return 0;
	line = strstr(text, key);
	return line ? strtoull(line + strlen(key), NULL, 10) << 10 : 0; /* in KiB: proc(5) */
}

/* second: this is the second start of that attack, else NULL. */
static int run_once(const struct start *t, const char *memory_file, const struct attack_def *second,
		    struct diags *d, struct run *ret)
{
	static const uint8_t zeros[RUN_SEED_BYTES];
	const struct ctx *c = t->s->c;
	struct run_opts o = {
		.image = t->twin->built.image,
		.memory_bytes = guest_bytes(t->s),
		.timeout_ms = is_native(t->s) ? NATIVE_TIMEOUT_MS : EMULATED_TIMEOUT_MS,
		.home = c->home,
		.cache_dir = c->source_cache,
		.scratch_dir = path_join(c->a, c->out_dir, "attack"),
		.memory_file = memory_file,
		.keeps_memory = true,
	};

	strs_push(c->a, &o.args, "ukbuild-attack");
	strs_concat(c->a, &o.args, t->args);
	if (second)
		strs_push(c->a, &o.args, second->again);
	if (second && second->again_is_stuck) {
		o.seed = zeros;
		o.cpu = CPU_WITHOUT_GENERATOR;
	}
	return run_image(c->a, t->s->platform, &o, ret, d);
}

static const char *error_path(const struct start *t)
{
	return arena_printf(t->s->c->a, "%s.error", t->path);
}

static int run_one(const struct start *t, struct diags *d, struct run *ret)
{
	struct arena *a = t->s->c->a;
	const char *memory = t->again ? arena_printf(a, "%s.memory", t->path) : NULL;
	int err;

	if (memory && file_mkdirs(path_dir(a, memory), d))
		return -1;
	err = run_once(t, memory, NULL, d, ret);
	if (memory && !err && strstr(ret->console, ATTACK_SAYS_CONTROL)) {
		const char *first = ret->console;

		err = run_once(t, memory, t->again, d, ret);
		ret->console = arena_printf(a, "%s%s", first, err ? "" : ret->console);
		ret->console_len = strlen(ret->console);
	}
	return err;
}

/* In a child: what it has to say is in the file, or in its error where it could not start. */
static void start_work(void *arg)
{
	const struct start *t = arg;
	struct arena *a = t->s->c->a;
	struct kept k = {0};
	struct diags d;
	struct run r;
	struct sb out;

	diags_init(&d, a);
	sb_init(&out, a);
	if (run_one(t, &d, &r)) {
		pool_leave_error(error_path(t), &d);
		return;
	}
	k.end = r.end;
	k.status = r.status;
	k.mechanism_bytes = r.mechanism ? strlen(r.mechanism) : 0;
	k.console_bytes = r.console_len;
	sb_putn(&out, (const char *)&k, sizeof(k));
	if (r.mechanism)
		sb_put(&out, r.mechanism);
	sb_putn(&out, r.console, r.console_len);
	(void)file_write(t->path, out.v, out.len, &d); /* missed by who collects */
}

static int collect(const struct start *t, struct run *ret)
{
	struct arena *a = t->s->c->a;
	struct diags *d = t->s->c->d;
	struct kept k;
	char *text;
	size_t len;

	if (pool_take_error(error_path(t), d))
		return -1;
	if (!file_exists(t->path))
		return diag_fail(d, DIAG_TOOL, "a start of '%s' was ended from outside",
				 t->twin->built.image);
	if (file_read(a, t->path, KEPT_MAX_BYTES, &text, &len, d))
		return -1;
	memcpy(&k, text, sizeof(k));
	*ret = (struct run){.end = k.end, .status = k.status, .console_len = k.console_bytes};
	text += sizeof(k);
	if (k.mechanism_bytes)
		ret->mechanism = arena_memdup(a, text, k.mechanism_bytes);
	ret->console = arena_memdup(a, text + k.mechanism_bytes, k.console_bytes);
	return 0;
}

static int start_and_collect(struct attack_session *s, const char *what, struct start *starts,
			     size_t n, struct run *ret)
{
	struct pool *pool = pool_new(s->c->a, side_by_side(s));

	for (size_t i = 0; i < n; i++) {
		if (s->done++ % PROGRESS_STEP == 0)
			log_progress(s->done, s->total, "ATTACK %s", what);
		if (pool_start(pool, start_work, &starts[i], s->c->d)) {
			pool_finish(pool);
			return -1;
		}
	}
	pool_finish(pool);
	for (size_t i = 0; i < n; i++)
		if (collect(&starts[i], &ret[i]))
			return -1;
	return 0;
}

int attack_start_all(struct attack_session *s, const struct attack_twin *twin, const char *what,
		     const struct strs *args, const struct attack_def *const *again, size_t n,
		     struct run *ret)
{
	struct arena *a = s->c->a;
	const char *dir = arena_printf(a, "%s/attack/starts-%d", s->c->out_dir, (int)getpid());
	struct start *starts = arena_array(a, n + 1, sizeof(*starts));
	int result;

	for (size_t i = 0; i < n; i++)
		starts[i] = (struct start){s, twin, &args[i], again ? again[i] : NULL,
					   arena_printf(a, "%s/%zu", dir, i)};
	result = start_and_collect(s, what, starts, n, ret);
	return file_remove_tree(dir, s->c->d) ? -1 : result;
}
