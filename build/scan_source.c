/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places and reasons from the application's sources: runs ukbuild-scan for the C sources whose answer is
 * not in the cache, and reads assembly itself (scan_asm.c). An answer holds as long as the size and time of every file that was read are the
 * same and the flags and the program too.
 */
#include "scan.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/proc.h"
#include "resolve.h"
#include "tool.h"

#define ANSWER_MAX_BYTES (64u << 20)
/* A source that takes longer to parse than this is not one a person wrote. */
#define SCAN_TIMEOUT_MS 300000

struct job {
	const struct scan_source *source;
	const char *cache; /* path of its answer */
	json_t *answer;    /* NULL = not known yet */
};

static const char *find_program(struct arena *a, const char *self, struct diags *d)
{
	const char *path = path_join(a, path_dir(a, self), "ukbuild-scan");

	if (file_exists(path))
		return path;
	path = proc_which(a, "ukbuild-scan");
	if (!path) {
		(void)diag_fail(d, DIAG_TOOL, "there is no 'ukbuild-scan' beside '%s'", self);
		(void)diag_hint(d, "`make` builds it (package libclang-19-dev)");
	}
	return path;
}

static const char *file_stamp(struct arena *a, const char *path)
{
	uint64_t size;
	int64_t mtime;

	if (file_stat(path, &size, &mtime))
		return "gone";
	return arena_printf(a, "%" PRIu64 " %" PRId64, size, mtime);
}

static const char *answer_path(struct arena *a, const char *cache_dir, const char *program,
			       const struct scan_source *s)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, program);
	hash_add_str(&h, file_stamp(a, program));
	hash_add_str(&h, s->path);
	for (size_t i = 0; i < s->flags.len; i++)
		hash_add_str(&h, s->flags.v[i]);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_printf(a, "%s/scan/%.32s.json", cache_dir, hex);
}

/* The stored answer if all files are as they were; anything wrong with it means: ask again. */
static json_t *read_answer(struct arena *a, const char *path)
{
	const json_t *files, *item;
	struct diags ignored;
	json_t *o;
	size_t i;

	diags_init(&ignored, a);
	if (!file_exists(path))
		return NULL;
	o = json_read(a, path, ANSWER_MAX_BYTES, &ignored);
	files = json_object_get(o, "stamps");
	if (!json_is_array(files) || json_array_size(files) == 0)
		goto out_bad;
	json_array_foreach(files, i, item)
	{
		const char *file = json_string_value(json_array_get(item, 0));
		const char *was = json_string_value(json_array_get(item, 1));

		if (!file || !was || !str_eq(was, file_stamp(a, file)))
			goto out_bad;
	}
	return o;
out_bad:
	json_decref(o);
	return NULL;
}

static int write_answer(struct arena *a, const char *path, json_t *answer, struct diags *d)
{
	const json_t *files = json_object_get(answer, "files"), *item;
	json_t *stamps = json_array();
	const char *text;
	size_t i;

	json_array_foreach(files, i, item)
	{
		const char *file = json_string_value(item);
		json_t *pair = json_array();

		json_array_append_new(pair, json_string(file));
		json_array_append_new(pair, json_string(file ? file_stamp(a, file) : "gone"));
		json_array_append_new(stamps, pair);
	}
	json_object_set_new(answer, "stamps", stamps);
	text = json_text(a, answer);
	return file_write(path, text, strlen(text), d);
}

/* What the program reads: the sources that have no answer. */
static const char *question(struct arena *a, const struct job *jobs, size_t len)
{
	json_t *list = json_array();
	const char *text;

	for (size_t i = 0; i < len; i++) {
		json_t *o, *flags;

		if (jobs[i].answer)
			continue;
		o = json_object();
		flags = json_strs(&jobs[i].source->flags);
		json_object_set_new(o, "path", json_string(jobs[i].source->path));
		json_object_set_new(o, "flags", flags);
		json_array_append_new(list, o);
	}
	text = json_text(a, list);
	json_decref(list);
	return text;
}

/* Hands the answers to the jobs that wait for them, in order. */
static int take_answers(struct arena *a, json_t *list, struct job *jobs, size_t len,
			struct diags *d)
{
	size_t next = 0;

	for (size_t i = 0; i < len; i++) {
		const char *path, *error;

		if (jobs[i].answer)
			continue;
		jobs[i].answer = json_incref(json_array_get(list, next++));
		path = json_string_value(json_object_get(jobs[i].answer, "path"));
		if (!path || !str_eq(path, jobs[i].source->path))
			return diag_fail(d, DIAG_BUG, "ukbuild-scan gave no answer for '%s'",
					 jobs[i].source->path);
		error = json_string_value(json_object_get(jobs[i].answer, "error"));
		if (error)
			return diag_error(d, (struct loc){jobs[i].source->path, 0, 0},
					  "libclang: %s", error);
		if (write_answer(a, jobs[i].cache, jobs[i].answer, d))
			return -1;
	}
	return 0;
}

static int ask(struct arena *a, const char *program, struct job *jobs, size_t len, struct diags *d)
{
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR,
		.timeout_ms = SCAN_TIMEOUT_MS,
		.input = question(a, jobs, len),
	};
	struct proc_result r;
	json_t *list;
	int result;

	if (proc_check(a, (const char *const[]){program, NULL}, &opts, &r, d))
		return -1;
	list = json_parse("ukbuild-scan", r.out, r.out_len, d);
	if (!list)
		return -1;
	result = take_answers(a, list, jobs, len, d);
	json_decref(list);
	return result;
}

static const char *get_text(struct arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && *s ? arena_strdup(a, s) : NULL;
}

/* Below the current folder a path is shown relative to it, as compilers do. */
static const char *shown_path(struct arena *a, const char *path)
{
	const char *rel = path ? path_relative(a, path, ".") : NULL;

	return rel && !str_starts(rel, "../") ? rel : path;
}

static struct loc get_loc(struct arena *a, const json_t *o)
{
	return (struct loc){
		shown_path(a, get_text(a, o, "path")),
		(unsigned)json_integer_value(json_object_get(o, "line")),
		(unsigned)json_integer_value(json_object_get(o, "col")),
	};
}

static void add_answer(struct arena *a, const json_t *answer, struct scan *ret)
{
	const json_t *uses = json_object_get(answer, "uses"), *use;
	const json_t *main_decl = json_object_get(answer, "main");
	size_t i;

	json_array_foreach(uses, i, use)
	{
		struct scan_use u = {get_text(a, use, "symbol"), get_loc(a, use),
				     get_text(a, use, "header")};

		if (!u.symbol)
			continue;
		ret->uses =
			vec_grow(a, ret->uses, ret->uses_len, &ret->uses_cap, sizeof(*ret->uses));
		ret->uses[ret->uses_len++] = u;
	}
	if (json_is_object(main_decl)) {
		ret->main_proto = get_text(a, main_decl, "proto");
		ret->main_loc = get_loc(a, main_decl);
	}
}

int scan_sources(struct arena *a, const char *self, const char *cache_dir,
		 const struct scan_source *sources, size_t len, struct scan *ret, struct diags *d)
{
	const char *program = find_program(a, self, d);
	struct job *jobs = arena_array(a, len, sizeof(*jobs));
	bool is_missing = false;
	size_t asked = 0;
	int result = 0;

	if (!program)
		return -1;
	for (size_t i = 0; i < len; i++) {
		struct job *job = &jobs[asked];

		if (path_is_assembly(sources[i].path))
			continue;
		job->source = &sources[i];
		job->cache = answer_path(a, cache_dir, program, job->source);
		job->answer = read_answer(a, job->cache);
		is_missing = is_missing || !job->answer;
		asked++;
	}
	if (is_missing)
		result = ask(a, program, jobs, asked, d);
	for (size_t i = 0; i < asked; i++) {
		if (result == 0)
			add_answer(a, jobs[i].answer, ret);
		json_decref(jobs[i].answer);
	}
	for (size_t i = 0; i < len && result == 0; i++)
		if (path_is_assembly(sources[i].path))
			result = scan_assembly(a, sources[i].path, shown_path(a, sources[i].path),
					       ret, d);
	return result;
}

const struct scan_use *scan_place(const struct scan *s, const char *symbol)
{
	/* What clang makes of the calls people write (LLVM: SimplifyLibCalls.cpp, MemCpyOpt). */
	static const char *const rewritten[][2] = {
		{"puts", "printf"},    {"putchar", "printf"},  {"fwrite", "fprintf"},
		{"fputc", "fprintf"},  {"fputs", "fprintf"},   {"fwrite", "fputs"},
		{"memcpy", "strcpy"},  {"memcpy", "sprintf"},  {"strcpy", "sprintf"},
		{"bcmp", "memcmp"},    {"stpcpy", "strcpy"},   {"memchr", "strchr"},
		{"strlen", "sprintf"}, {"memset", "calloc"},   {"calloc", "malloc"},
		{"stpcpy", "sprintf"}, {"strnlen", "strndup"}, {"memcpy", "strncpy"},
	};

	for (size_t i = 0; i < s->uses_len; i++)
		if (str_eq(s->uses[i].symbol, symbol))
			return &s->uses[i];
	for (size_t r = 0; r < ARRAY_LEN(rewritten); r++)
		for (size_t i = 0; str_eq(rewritten[r][0], symbol) && i < s->uses_len; i++)
			if (str_eq(s->uses[i].symbol, rewritten[r][1]))
				return &s->uses[i];
	return NULL;
}
