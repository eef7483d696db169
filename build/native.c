/* SPDX-License-Identifier: BSD-2-Clause */
#include "native.h"

#include <math.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/log.h"
#include "measure.h"

/* How long the time stamp counter is compared with the clock: a ten-thousandth of it is 2 us. */
#define CALIBRATION_NS 20000000.0

static double clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &t); /* it exists since Linux 2.6.28 */
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Kernels count ticks of the time stamp counter, which runs at one rate on every current processor. */
static double ns_per_tick(void)
{
	double start = clock_ns(), now;
	uint64_t ticks = __rdtsc();

	do
		now = clock_ns();
	while (now - start < CALIBRATION_NS);
	return (now - start) / (double)(__rdtsc() - ticks);
}

int native_processor(void)
{
	cpu_set_t set;
	int last = -1;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -1;
	/* The last one: interrupts and everybody's first thread prefer the first. */
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			last = i;
	return last;
}

/* Children inherit it. */
static void pin(cpu_set_t *ret_before)
{
	int processor = native_processor();
	cpu_set_t one;

	CPU_ZERO(ret_before);
	if (processor < 0 || sched_getaffinity(0, sizeof(*ret_before), ret_before))
		return;
	CPU_ZERO(&one);
	CPU_SET(processor, &one);
	(void)sched_setaffinity(0, sizeof(one), &one); /* unpinned runs are noisier, not wrong */
}

static void unpin(const cpu_set_t *before)
{
	if (CPU_COUNT(before))
		(void)sched_setaffinity(0, sizeof(*before), before); /* as in pin() */
}

static size_t place(const struct native *n, size_t variant, size_t layout, size_t round)
{
	return (variant * n->layouts + layout) * n->rounds + round;
}

static struct native_samples *find_kernel(struct arena *a, struct native *n, const char *name)
{
	struct native_samples s = {.name = name};

	for (size_t i = 0; i < n->len; i++)
		if (str_eq(n->v[i].name, name))
			return &n->v[i];
	s.ns = arena_array(a, n->variants * n->layouts * n->rounds, sizeof(*s.ns));
	vec_push(a, n, s);
	return &n->v[n->len - 1];
}

static int run_once(const struct probe *p, const char *image, double scale, struct native *n,
		    size_t at, struct diags *d)
{
	struct probe one = *p;
	struct run_values ticks = {0};
	struct run r;

	one.image = image;
	if (probe_run(&one, &r, d))
		return -1;
	probe_ticks(p, &r, &ticks);
	if (!ticks.len)
		return diag_fail(d, DIAG_GUEST, "the workload prints no 'bench:' lines");
	for (size_t i = 0; i < ticks.len; i++)
		find_kernel(p->arena, n, ticks.v[i].name)->ns[at] = (double)ticks.v[i].val * scale;
	return 0;
}

int native_run(const struct probe *p, const char *const *images, size_t variants, size_t layouts,
	       size_t rounds, struct native *ret, struct diags *d)
{
	const double scale = ns_per_tick();
	size_t cells = layouts * rounds, done = 0;
	cpu_set_t before;
	int err = 0;

	*ret = (struct native){.variants = variants, .layouts = layouts, .rounds = rounds};
	pin(&before);
	for (size_t cell = 0; cell < cells && !err; cell++) {
		size_t layout = cell % layouts, round = cell / layouts;

		/* Neighbours in time are compared; who is first changes, so that drift favours nobody. */
		for (size_t i = 0; i < variants && !err; i++) {
			size_t variant = (cell % 2 ? variants - 1 - i : i);

			variant = (variant + cell / 2) % variants;
			log_progress(++done, cells * variants, "MEASURE native time");
			err = run_once(p, images[variant * layouts + layout], scale, ret,
				       place(ret, variant, layout, round), d);
		}
	}
	log_progress_end();
	unpin(&before);
	return err;
}

/* The median over the rounds of what a layout's runs took, compared with variant 0's in the same round. */
static double layout_ratio(struct arena *a, const struct native *n, const struct native_samples *s,
			   size_t variant, size_t layout)
{
	double *ratios = arena_array(a, n->rounds, sizeof(*ratios));
	size_t len = 0;

	for (size_t round = 0; round < n->rounds; round++) {
		double base = s->ns[place(n, 0, layout, round)];
		double own = s->ns[place(n, variant, layout, round)];

		if (base > 0 && own > 0)
			ratios[len++] = own / base;
	}
	return stats_median(ratios, len);
}

void native_kernel_of(struct arena *a, const struct native *n, size_t kernel, size_t variant,
		      struct native_cost *ret)
{
	const struct native_samples *s = &n->v[kernel];
	uint64_t *all = arena_array(a, n->layouts * n->rounds, sizeof(*all));
	double *ratios = arena_array(a, n->layouts, sizeof(*ratios));
	size_t len = 0, known = 0;

	for (size_t i = 0; i < n->layouts * n->rounds; i++) {
		double ns = s->ns[place(n, variant, 0, 0) + i];

		if (ns > 0)
			all[len++] = (uint64_t)(ns + 0.5);
	}
	for (size_t layout = 0; layout < n->layouts; layout++) {
		double r = layout_ratio(a, n, s, variant, layout);

		if (r > 0)
			ratios[known++] = r;
	}
	ret->name = s->name;
	ret->ns = spread_of(all, len);
	ret->ratio = stats_mean(ratios, known);
}

struct estimate native_overall(struct arena *a, const struct native *n, size_t variant)
{
	double *means = arena_array(a, n->layouts, sizeof(*means));
	size_t known = 0;

	for (size_t layout = 0; layout < n->layouts; layout++) {
		double logs = 0;
		size_t len = 0;

		for (size_t k = 0; k < n->len; k++) {
			double r = layout_ratio(a, n, &n->v[k], variant, layout);

			if (cost_is_churn(n->v[k].name) || r <= 0)
				continue;
			logs += log(r);
			len++;
		}
		if (len)
			means[known++] = exp(logs / (double)len);
	}
	return stats_mean(means, known);
}
