/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times starts of programs, taken in turn on one processor: from before the program is started to its first
 * byte of output and to its end. Medians with quartiles, and the ratio to the first program's.
 *   start ROUNDS NAME EVERY PROGRAM ARG... [-- NAME EVERY PROGRAM ARG...]...
 * EVERY: taken in every so manieth round only.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PROGRAMS_MAX = 8,
};

struct program {
	const char *name;
	int every;
	char **argv;
	double *first, *end; /* microseconds */
	int len;
};

static double now_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t))
		abort();
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fail(const char *what)
{
	fprintf(stderr, "start: %s\n", what);
	exit(1);
}

static void run(struct program *p)
{
	static char *const environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	double start, first = 0;
	char text[4096];
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) || posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_adddup2(&actions, ends[1], 1))
		fail("no pipe");
	start = now_us();
	if (posix_spawnp(&pid, p->argv[0], &actions, NULL, p->argv, environment))
		fail(p->argv[0]);
	(void)close(ends[1]); /* the child's end is its own */
	while (read(ends[0], text, sizeof(text)) > 0)
		if (first == 0)
			first = now_us() - start;
	if (waitpid(pid, &status, 0) != pid)
		fail("no child");
	p->end[p->len] = now_us() - start;
	p->first[p->len++] = first;
	/* isa-debug-exit ends QEMU with 1 when the guest ended well. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		fail(p->name);
	(void)close(ends[0]);                             /* only read */
	(void)posix_spawn_file_actions_destroy(&actions); /* never fails (glibc) */
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(const double *sorted, int len, double q)
{
	return sorted[(int)(q * (len - 1) + 0.5)];
}

static double median(const double *sorted, int len)
{
	return quantile(sorted, len, 0.5);
}

/* Ratios round by round cancel what slows both. */
static void print_ratio(const struct program *p, const struct program *base)
{
	double *ratio = calloc((size_t)p->len, sizeof(*ratio));

	if (!ratio)
		fail("no memory");
	for (int i = 0; i < p->len; i++)
		ratio[i] = p->end[i] / base->end[i * p->every];
	qsort(ratio, (size_t)p->len, sizeof(*ratio), compare);
	printf("  %6.2f (%.2f-%.2f)\n", median(ratio, p->len), quantile(ratio, p->len, 0.25),
	       quantile(ratio, p->len, 0.75));
	free(ratio);
}

int main(int argc, char **argv)
{
	struct program programs[PROGRAMS_MAX] = {{0}};
	int len = 0, rounds = argc > 1 ? atoi(argv[1]) : 0;
	cpu_set_t cpu;

	for (int i = 2; i + 2 < argc && len < PROGRAMS_MAX; len++) {
		struct program *p = &programs[len];

		p->name = argv[i];
		p->every = atoi(argv[i + 1]);
		p->argv = argv + i + 2;
		p->first = calloc((size_t)rounds, sizeof(double));
		p->end = calloc((size_t)rounds, sizeof(double));
		for (i += 2; i < argc && strcmp(argv[i], "--") != 0; i++)
			;
		if (i < argc)
			argv[i++] = NULL;
		if (p->every < 1 || !p->first || !p->end)
			fail("no such round");
	}
	if (rounds < 1 || len < 1)
		fail("usage: start ROUNDS NAME EVERY PROGRAM ARG... [-- NAME EVERY PROGRAM "
		     "ARG...]...");
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		fail("cannot stay on one processor");
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < len; i++)
			if (round % programs[i].every == 0)
				run(&programs[i]);
	printf("%-28s %8s %22s %22s %8s\n", "us: median (quartiles)", "runs", "exec to first byte",
	       "exec to exit", "ratio");
	for (int i = len - 1; i >= 0; i--) {
		struct program *p = &programs[i];

		/* Ratios first: they need the rounds in their order. */
		printf("%-28s %8d", p->name, p->len);
		for (int k = 0; k < 2; k++) {
			double *v = calloc((size_t)p->len, sizeof(*v));

			if (!v)
				fail("no memory");
			memcpy(v, k ? p->end : p->first, (size_t)p->len * sizeof(*v));
			qsort(v, (size_t)p->len, sizeof(*v), compare);
			printf(" %8.0f (%5.0f-%6.0f)", median(v, p->len), quantile(v, p->len, 0.25),
			       quantile(v, p->len, 0.75));
			free(v);
		}
		print_ratio(p, &programs[0]);
	}
	return 0;
}
