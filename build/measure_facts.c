/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands beside every figure: the machine, the programs, the method. */
#include "measure_facts.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "cmd.h"
#include "probe.h"
#include "run.h"
#include "tool.h"

#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

void measure_fact(struct arena *a, struct cost *cost, const char *name, const char *value)
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

const char *measure_emulator(struct arena *a)
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

void measure_facts(struct ctx *c, uint64_t memory, struct cost *ret)
{
	struct arena *a = c->a;
	struct utsname u;

	measure_fact(a, ret, "compiler", compiler_version(c));
	measure_fact(a, ret, "emulator", measure_emulator(a));
	measure_fact(a, ret, "guest",
		     arena_printf(a, "microvm, -cpu max, %" PRIu64 " KiB, one processor",
				  memory / 1024));
	measure_fact(a, ret, "counting",
		     arena_printf(a,
				  "-icount shift=0,sleep=off, -seed 1..%d and as many boot seeds, "
				  "median (least to greatest)",
				  PROBE_SEEDS));
	measure_fact(a, ret, "host processor", host_cpu(a));
	for (size_t i = 0; i < platform_hosts_len; i++)
		if (platform_hosts[i]->surface)
			measure_fact(a, ret,
				     arena_printf(a, "host below %s", platform_hosts[i]->name),
				     platform_hosts[i]->surface);
	if (!uname(&u))
		measure_fact(a, ret, "host system",
			     arena_printf(a, "%s %s %s", u.sysname, u.release, u.machine));
}
