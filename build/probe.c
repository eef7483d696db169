/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pages of guest memory: what st_blocks of a tmpfs file grows by. */
#define PAGE_BYTES 4096u
/* Where guest memory is backed for counting: tmpfs, whose files have no blocks until touched. */
#define MEMORY_FILE_DIR "/dev/shm"
/* A guest with too little memory often hangs; one that passes needs a fraction of a second. */
#define MIN_MEMORY_LIMIT_MS 3000
/* No image can be loaded below 1 MiB. */
#define MIN_MEMORY_START (1024u << 10)

/*
 * True of one that has ended and only waits for its parent too: in a container the first process often takes long
 * to ask, or never does. Without a program there is no link to it (proc_pid_exe(5)).
 */
static bool is_gone(pid_t pid)
{
	char path[64], target[1];

	if (kill(pid, 0) && errno == ESRCH)
		return true;
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return !access("/proc/self/exe", F_OK) && readlink(path, target, sizeof(target)) < 0 &&
	       errno == ENOENT;
}

/* True when name ends in "-PID" or "-PID.memory" of a process that is gone. */
static bool is_left_behind(const char *name)
{
	const char *digits = strrchr(name, '-');
	char *end;
	long pid;

	if (!digits)
		return false;
	pid = strtol(digits + 1, &end, 10);
	if (end == digits + 1 || pid <= 0 || (*end && !str_eq(end, ".memory")))
		return false;
	return is_gone((pid_t)pid);
}

static void sweep(struct arena *a, const char *dir, const char *pattern)
{
	struct diags ignored; /* who removes it first does not matter */
	struct strs names = {0};

	diags_init(&ignored, a);
	if (file_glob(a, dir, pattern, &names, &ignored))
		return;
	for (size_t i = 0; i < names.len; i++)
		if (is_left_behind(names.v[i]))
			(void)file_remove_tree(path_join(a, dir, names.v[i]), &ignored);
}

void probe_sweep(struct arena *a, const char *scratch_dir)
{
	sweep(a, MEMORY_FILE_DIR, "ukbuild-*.memory");
	sweep(a, scratch_dir, "seed-*");
	sweep(a, scratch_dir, "run-*");
	sweep(a, scratch_dir, "floor-*");
}

struct seed {
	uint8_t bytes[HASH_BYTES];
};

static void make_seed(unsigned n, struct seed *ret)
{
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, "ukbuild measure");
	hash_add(&h, &n, sizeof(n));
	hash_end(&h, ret->bytes);
}

/* On a machine that is the guest's alone: microvm; else the platform's own. */
static struct run_opts opts_of(const struct probe *p)
{
	const struct platform_host *host = run_host(p->platform);
	bool is_own = !host || !host->no_memory;

	return (struct run_opts){
		.image = p->image,
		.machine = is_own ? "microvm" : NULL,
		.cpu = is_own ? "max" : NULL,
		.memory_bytes = p->memory_bytes,
		.accel = RUN_ACCEL_TCG,
		.args = p->args,
		.timeout_ms = p->timeout_ms,
		.scratch_dir = p->scratch_dir,
		.home = p->home,
		.cache_dir = p->cache_dir,
	};
}

static bool has_passed(const struct probe *p, const struct run *r)
{
	const char *missing;

	return r->end == RUN_EXITED && !r->status &&
	       run_has_output(r, p->expect, p->expect_len, &missing);
}

/* Runs the guest; that it does not pass its test is an error, for a figure of it would mean nothing. */
static int run_passing(const struct probe *p, const struct run_opts *o, struct run *ret,
		       struct diags *d)
{
	if (run_image(p->arena, p->platform, o, ret, d))
		return -1;
	if (has_passed(p, ret))
		return 0;
	if (ret->end == RUN_TRAPPED)
		return diag_fail(d, DIAG_GUEST, "the guest was stopped by '%s': %s", ret->mechanism,
				 ret->trap_line ? ret->trap_line : "");
	if (ret->end == RUN_TIMEOUT)
		return diag_fail(d, DIAG_GUEST, "the guest did not end in time");
	return diag_fail(d, DIAG_GUEST, "the guest did not pass its test (status %d)", ret->status);
}

int probe_run(const struct probe *p, struct run *ret, struct diags *d)
{
	struct run_opts o = opts_of(p);

	o.machine = o.cpu = NULL;
	o.accel = RUN_ACCEL_AUTO;
	if (p->is_whole)
		strs_push(p->arena, &o.boot_opts, "ukbuild.trace=1");
	return run_passing(p, &o, ret, d);
}

/* One run under icount, with the seed of that number. */
static int run_counted(const struct probe *p, unsigned n, const char *option, struct run *ret,
		       struct diags *d)
{
	struct run_opts o = opts_of(p);
	struct seed seed;

	make_seed(n, &seed);
	o.icount = true;
	o.icount_seed = n + 1;
	o.seed = seed.bytes;
	if (option)
		strs_push(p->arena, &o.boot_opts, option);
	return run_passing(p, &o, ret, d);
}

/* The trace as instructions from one point to the next, each under the later one's name. */
static void phases_of(struct arena *a, const struct run *r, struct run_values *ret)
{
	size_t i;

	ret->len = 0;
	for (i = 1; i < r->phases.len; i++) {
		struct run_value v = {r->phases.v[i].name,
				      r->phases.v[i].val - r->phases.v[i - 1].val};

		if (str_eq(r->phases.v[i].name, "exit"))
			break;
		vec_push(a, ret, v);
	}
}

int probe_boot(const struct probe *p, struct variant_cost *ret, struct diags *d)
{
	uint64_t to_main[PROBE_SEEDS], work[PROBE_SEEDS], sorted[PROBE_SEEDS];
	struct run runs[PROBE_SEEDS];
	unsigned i;

	for (i = 0; i < PROBE_SEEDS; i++) {
		uint64_t entry, at_main, at_exit;

		if (run_counted(p, i, "ukbuild.trace=1", &runs[i], d))
			return -1;
		entry = run_value(&runs[i].phases, "entry", 0);
		at_main = run_value(&runs[i].phases, "main", 0);
		at_exit = run_value(&runs[i].phases, "exit", 0);
		if (!entry || at_main < entry || at_exit < at_main)
			return diag_fail(d, DIAG_GUEST, "the image prints no boot trace");
		to_main[i] = at_main - entry;
		work[i] = at_exit - at_main;
	}
	memcpy(sorted, to_main, sizeof(sorted));
	ret->to_main = spread_of(sorted, PROBE_SEEDS);
	ret->work = spread_of(work, PROBE_SEEDS);
	for (i = 0; i < PROBE_SEEDS; i++)
		if (to_main[i] == ret->to_main.median)
			phases_of(p->arena, &runs[i], &ret->phases);
	return 0;
}

/* Runs o with its memory in a file. */
static int run_touching(const struct probe *p, struct run_opts *o, struct run *ret, struct diags *d)
{
	int err;

	o->memory_file =
		arena_printf(p->arena, MEMORY_FILE_DIR "/ukbuild-%d.memory", (int)getpid());
	err = run_image(p->arena, p->platform, o, ret, d);
	(void)unlink(o->memory_file); /* absent when the launcher did not start */
	return err;
}

/*
 * What the launcher makes present without any image: firmware, tables, boot module. Measured with the
 * guest of one instruction, less the one page that is that guest.
 */
static int floor_touched(const struct probe *p, uint64_t *ret, struct diags *d)
{
	const char *path = path_join(p->arena, p->scratch_dir,
				     arena_printf(p->arena, "floor-%d", (int)getpid()));
	struct run_opts o = opts_of(p);
	struct run r;
	int err;

	o.image = path;
	if (run_write_floor_guest(path, d))
		return -1;
	err = run_touching(p, &o, &r, d);
	(void)unlink(path); /* only in our scratch folder */
	if (err)
		return -1;
	if (r.touched_bytes < PAGE_BYTES)
		return diag_fail(d, DIAG_TOOL,
				 "guest memory in " MEMORY_FILE_DIR " shows no touched pages");
	*ret = r.touched_bytes - PAGE_BYTES;
	return 0;
}

static uint64_t beyond(uint64_t n, uint64_t floor)
{
	return n > floor ? n - floor : 0;
}

int probe_marks(const struct probe *p, struct variant_cost *ret, struct diags *d)
{
	struct run r;

	if (run_counted(p, 0, "ukbuild.stats=1", &r, d))
		return -1;
	ret->heap_peak = run_value(&r.stats, "heap_peak", 0);
	ret->stack_peak = run_value(&r.stats, "stack_peak", 0);
	ret->page_tables = run_value(&r.stats, "pt_pages", 0) * PAGE_BYTES;
	ret->has_memory = true;
	return 0;
}

/*
 * Two runs: the figures that the guest keeps come from one in which it fills its stack with a pattern,
 * so touched pages are counted in another.
 */
int probe_memory(const struct probe *p, struct variant_cost *ret, struct diags *d)
{
	struct run_opts o = opts_of(p);
	uint64_t floor = 0;
	struct seed seed;
	struct run r;

	if (probe_marks(p, ret, d))
		return -1;
	make_seed(0, &seed);
	o.seed = seed.bytes;
	if (floor_touched(p, &floor, d) || run_touching(p, &o, &r, d))
		return -1;
	if (!has_passed(p, &r))
		return diag_fail(d, DIAG_GUEST, "the guest did not pass its test");
	ret->touched_end = beyond(r.touched_bytes, floor);
	ret->touched_boot = r.touched_first ? beyond(r.touched_first, floor) : ret->touched_end;
	return 0;
}

/* Whether one size passes; remembered, for windows overlap. */
static bool passes(struct arena *a, struct probe_search *s, uint64_t size)
{
	struct probe_try t = {.size = size};
	size_t i;

	if (size >= s->max)
		return true;
	for (i = 0; i < s->tried.len; i++)
		if (s->tried.v[i].size == size)
			return s->tried.v[i].is_ok;
	t.is_ok = s->is_ok(s->arg, size);
	vec_push(a, &s->tried, t);
	return t.is_ok;
}

/* Whether size and its neighbours above pass. */
static bool holds(struct arena *a, struct probe_search *s, uint64_t size)
{
	unsigned i;

	for (i = 0; i < PROBE_WINDOW; i++)
		if (!passes(a, s, size + i * s->step))
			return false;
	return true;
}

uint64_t probe_search(struct arena *a, struct probe_search *s, uint64_t guess)
{
	uint64_t bad = 0, good = s->max, stride = s->step;

	guess -= guess % s->step;
	if (guess && guess < s->max) {
		if (holds(a, s, guess)) {
			good = guess;
			while (good > stride && holds(a, s, good - stride)) {
				good -= stride;
				stride *= 2;
			}
			bad = good > stride ? good - stride : 0;
		} else {
			bad = guess;
			while (bad + stride < s->max && !holds(a, s, bad + stride)) {
				bad += stride;
				stride *= 2;
			}
			if (bad + stride < s->max)
				good = bad + stride;
		}
	}
	while (good - bad > s->step) {
		uint64_t mid = bad + (good - bad) / 2;

		mid -= mid % s->step;
		if (mid == bad)
			break;
		if (holds(a, s, mid))
			good = mid;
		else
			bad = mid;
	}
	return good;
}

struct min_memory {
	const struct probe *p;
	const char *machine;
	struct diags *d;
	bool is_broken; /* the launcher itself failed */
};

static bool passes_with(void *arg, uint64_t bytes)
{
	struct min_memory *s = arg;
	struct run_opts o = opts_of(s->p);
	struct run r;

	if (s->is_broken || bytes < MIN_MEMORY_START)
		return false;
	o.machine = s->machine;
	o.memory_bytes = bytes;
	o.timeout_ms = MIN_MEMORY_LIMIT_MS;
	if (run_image(s->p->arena, s->p->platform, &o, &r, s->d)) {
		s->is_broken = true;
		return false;
	}
	return has_passed(s->p, &r);
}

int probe_min_memory(const struct probe *p, const char *machine, uint64_t guess, uint64_t *ret,
		     struct diags *d)
{
	struct min_memory m = {.p = p, .machine = machine, .d = d};
	struct probe_search s = {
		.max = p->memory_bytes,
		.step = PROBE_STEP,
		.is_ok = passes_with,
		.arg = &m,
	};

	*ret = 0;
	if (passes_with(&m, p->memory_bytes))
		*ret = probe_search(p->arena, &s, guess);
	return m.is_broken ? -1 : 0;
}

/* "bench: NAME INSTRUCTIONS": a line of the bench template. */
void probe_parse_kernels(struct arena *a, const char *console, struct run_values *ret)
{
	const char *line = console;

	while (*line) {
		const char *eol = line + strcspn(line, "\n"), *name, *number;
		char *end;

		if (str_starts(line, "bench: ")) {
			name = line + strlen("bench: ");
			number = name + strcspn(name, " \n");
			if (number < eol && number > name) {
				struct run_value v = {
					arena_memdup(a, name, (size_t)(number - name)),
					strtoull(number, &end, 10)};

				if (end != number && *end == '\n')
					vec_push(a, ret, v);
			}
		}
		line = *eol ? eol + 1 : eol;
	}
}

void probe_ticks(const struct probe *p, const struct run *r, struct run_values *ret)
{
	uint64_t from = run_value(&r->phases, "main", 0), to = run_value(&r->phases, "exit", 0);
	struct run_value whole = {WORKLOAD_WHOLE, to - from};

	probe_parse_kernels(p->arena, r->console, ret);
	if (p->is_whole && !ret->len && from && to > from)
		vec_push(p->arena, ret, whole);
}

static bool is_same(const struct run_values *a, const struct run_values *b)
{
	size_t i;

	for (i = 0; i < a->len && i < b->len; i++)
		if (a->v[i].val != b->v[i].val)
			return false;
	return a->len == b->len;
}

/* Two seeds that count the same to the last instruction show that nothing depends on them. */
int probe_kernels(const struct probe *p, struct kernel_costs *ret, struct diags *d)
{
	struct run_values found[PROBE_KERNEL_SEEDS] = {{0}};
	unsigned runs = 0, i;
	size_t k;

	while (runs < PROBE_KERNEL_SEEDS) {
		struct run r;

		if (run_counted(p, runs, p->is_whole ? "ukbuild.trace=1" : NULL, &r, d))
			return -1;
		probe_ticks(p, &r, &found[runs]);
		/* The guest reads its time stamp counter: see run.h. The trace is divided already. */
		for (k = 0; k < found[runs].len; k++)
			if (!str_eq(found[runs].v[k].name, WORKLOAD_WHOLE))
				found[runs].v[k].val >>= run_host(p->platform)->icount_shift;
		runs++;
		if (runs == 2 && is_same(&found[0], &found[1]))
			break;
	}
	if (!found[0].len)
		return diag_fail(d, DIAG_GUEST, "the workload prints no 'bench:' lines");
	for (k = 0; k < found[0].len; k++) {
		uint64_t values[PROBE_KERNEL_SEEDS];
		struct kernel_cost kc = {.name = found[0].v[k].name};

		for (i = 0; i < runs; i++)
			values[i] = run_value(&found[i], kc.name, 0);
		kc.instructions = spread_of(values, runs);
		vec_push(p->arena, ret, kc);
	}
	return 0;
}
