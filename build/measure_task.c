/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure_task.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pool.h"
#include "elf.h"
#include "inspect.h"

#include <inttypes.h>
#include <string.h>

/* Raised when a result would come out differently although its name is the same: a new way of counting. */
#define RESULT_VERSION "1"
#define RESULT_MAX_BYTES (16u << 20)
/* Digits of the hash that names a result: 128 bits, no accidental collision. */
#define NAME_DIGITS 32
/* Above 1 MiB there must be room for the image alone; SeaBIOS needs most of 1,200 KiB before any image. */
#define MICROVM_BASE (1u << 20)
#define Q35_GUESS (1200u << 10)

static const char *const kind_names[] = {
	[TASK_SIZE] = "size",       [TASK_BOOT] = "boot", [TASK_MEMORY] = "memory",
	[TASK_MICROVM] = "microvm", [TASK_Q35] = "q35",   [TASK_KERNELS] = "kernels",
};

const char *task_path(struct arena *a, const char *dir, const char *method,
		      const struct strs *words)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, RESULT_VERSION);
	hash_add_str(&h, method);
	for (size_t i = 0; i < words->len; i++)
		hash_add_str(&h, words->v[i]);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_printf(a, "%s/%.*s.json", dir, NAME_DIGITS, hex);
}

void task_name(struct task *t, const char *dir, const char *method)
{
	struct arena *a = t->probe.arena;
	struct strs words = {0};

	strs_push(a, &words, kind_names[t->kind]);
	strs_push(a, &words, t->workload ? t->workload : "");
	strs_push(a, &words, t->probe.platform);
	strs_push(a, &words, t->built.sha256);
	strs_pushf(a, &words, "%" PRIu64 " bytes, %d and %d seeds, steps of %u",
		   t->probe.memory_bytes, PROBE_SEEDS, PROBE_KERNEL_SEEDS, PROBE_STEP);
	strs_push(a, &words, t->probe.is_whole ? "whole" : "");
	strs_concat(a, &words, &t->probe.args);
	strs_push(a, &words, "prints");
	for (size_t i = 0; i < t->probe.expect_len; i++)
		strs_push(a, &words, t->probe.expect[i]);
	t->path = task_path(a, dir, method, &words);
}

/* What is in memory by kind, from the sections of the unstripped image. */
static int find_size(const struct task *t, struct image_size *ret, struct diags *d)
{
	/* sh_flags and sh_type: gabi, "Sections" */
	enum {
		WRITE = 1,
		ALLOC = 2,
		EXEC = 4,
		NOBITS = 8
	};
	struct image_size size = {.file_bytes = t->built.bytes};
	struct elf e;

	if (elf_load(t->probe.arena, t->built.sidecar, &e, d))
		return -1;
	memcpy(size.sha256, t->built.sha256, sizeof(size.sha256));
	for (size_t i = 0; i < e.sections_len; i++) {
		const struct elf_section *s = &e.sections[i];

		if (!(s->flags & ALLOC))
			continue;
		if (s->type == NOBITS)
			size.bss += s->size;
		else if (s->flags & EXEC)
			size.text += s->size;
		else if (s->flags & WRITE)
			size.data += s->size;
		else
			size.rodata += s->size;
	}
	*ret = size;
	return 0;
}

static int find_units(const struct task *t, struct unit_costs *ret, struct diags *d)
{
	struct arena *a = t->probe.arena;
	struct inspection in;

	if (inspect_image(a, t->built.image, &in, d))
		return -1;
	for (size_t i = 0; i < in.units_len; i++) {
		const struct unit_bytes *u = &in.units[i];
		struct unit_cost uc = {u->unit, u->text, u->rodata, u->data, u->bss, u->file};

		vec_push(a, ret, uc);
	}
	return 0;
}

static int find_least(const struct task *t, struct variant_cost *ret, struct diags *d)
{
	static const char *const machines[] = {[TASK_MICROVM] = "microvm", [TASK_Q35] = "q35"};
	uint64_t guess = Q35_GUESS;
	struct image_size s;

	if (find_size(t, &s, d))
		return -1;
	if (t->kind == TASK_MICROVM)
		guess = MICROVM_BASE + s.text + s.rodata + s.data + s.bss;
	return probe_min_memory(
		&t->probe, machines[t->kind], guess,
		&ret->min_memory[t->kind == TASK_Q35 ? MEASURE_Q35 : MEASURE_MICROVM], d);
}

static int find(const struct task *t, struct variant_cost *ret, struct diags *d)
{
	const struct platform_host *host = run_host(t->probe.platform);
	struct arena *a = t->probe.arena;

	switch (t->kind) {
	case TASK_SIZE:
		if (t->workload)
			return find_size(t, &task_workload(a, ret, t->workload)->size, d);
		return find_size(t, &ret->size, d) || find_units(t, &ret->units, d) ? -1 : 0;
	case TASK_BOOT:
		return probe_boot(&t->probe, ret, d);
	case TASK_MEMORY:
		return host->no_memory ? probe_marks(&t->probe, ret, d)
				       : probe_memory(&t->probe, ret, d);
	case TASK_MICROVM:
	case TASK_Q35:
		return find_least(t, ret, d);
	case TASK_KERNELS:
		break;
	}
	return probe_kernels(&t->probe, &task_workload(a, ret, t->workload)->kernels, d);
}

static const char *failure_path(const struct task *t)
{
	return arena_printf(t->probe.arena, "%s.failed", t->path);
}

bool task_is_kept(const struct task *t)
{
	struct diags ignored;
	json_t *j;

	diags_init(&ignored, t->probe.arena);
	if (!file_exists(t->path))
		return false;
	j = json_read(t->probe.arena, t->path, RESULT_MAX_BYTES, &ignored);
	json_decref(j);
	if (!j)
		(void)file_remove_tree(t->path, &ignored); /* or it would be collected */
	return j != NULL;
}

void task_run(void *task)
{
	const struct task *t = task;
	struct variant_cost found = {.name = "", .spec = "", .stops = ""};
	struct diags own;
	const char *text;
	json_t *j;

	diags_init(&own, t->probe.arena);
	if (find(t, &found, &own)) {
		pool_leave_error(failure_path(t), &own);
		return;
	}
	j = cost_variant_to_json(&found);
	text = json_text(t->probe.arena, j);
	json_decref(j);
	(void)file_write(t->path, text, strlen(text), &own); /* the same */
}

struct workload_cost *task_workload(struct arena *a, struct variant_cost *v, const char *name)
{
	struct workload_cost w = {.name = name};

	for (size_t i = 0; i < v->workloads.len; i++)
		if (str_eq(v->workloads.v[i].name, name))
			return &v->workloads.v[i];
	vec_push(a, &v->workloads, w);
	return &v->workloads.v[v->workloads.len - 1];
}

static void take_workload(struct arena *a, enum task_kind kind, const struct workload_cost *from,
			  struct variant_cost *ret)
{
	struct workload_cost *w = task_workload(a, ret, from->name);
	struct workload_cost before = *w;

	if (kind == TASK_KERNELS) {
		w->kernels = from->kernels;
		return;
	}
	*w = *from;
	w->problem = before.problem;
	w->kernels = before.kernels;
	w->native = before.native;
	w->native_overall = before.native_overall;
}

static void take(struct arena *a, enum task_kind kind, const struct variant_cost *from,
		 struct variant_cost *ret)
{
	for (size_t i = 0; i < from->workloads.len; i++)
		take_workload(a, kind, &from->workloads.v[i], ret);
	if (from->workloads.len)
		return;
	switch (kind) {
	case TASK_SIZE:
		ret->size = from->size;
		ret->units = from->units;
		break;
	case TASK_BOOT:
		ret->to_main = from->to_main;
		ret->work = from->work;
		ret->phases = from->phases;
		break;
	case TASK_MEMORY:
		ret->has_memory = from->has_memory;
		ret->touched_boot = from->touched_boot;
		ret->touched_end = from->touched_end;
		ret->heap_peak = from->heap_peak;
		ret->stack_peak = from->stack_peak;
		ret->page_tables = from->page_tables;
		break;
	case TASK_MICROVM:
		ret->min_memory[MEASURE_MICROVM] = from->min_memory[MEASURE_MICROVM];
		break;
	case TASK_Q35:
		ret->min_memory[MEASURE_Q35] = from->min_memory[MEASURE_Q35];
		break;
	case TASK_KERNELS:
		break;
	}
}

int task_collect(const struct task *t, struct diags *d)
{
	struct arena *a = t->probe.arena;
	struct variant_cost found;
	json_t *j;

	if (!file_exists(t->path))
		return pool_take_error(failure_path(t), d)
			       ? -1
			       : diag_fail(d, DIAG_TOOL, "measuring it ended without a result");
	j = json_read(a, t->path, RESULT_MAX_BYTES, d);
	if (!j)
		return -1;
	found = cost_variant_from_json(a, j);
	json_decref(j);
	take(a, t->kind, &found, t->to);
	return 0;
}
