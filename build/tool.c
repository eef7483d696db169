/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the tools of a build and what the compiler can do. The answer is kept in a cache file
 * that is valid while PATH, the overriding variables and each tool's size and time are the same, so
 * that a build with nothing to do starts no compiler.
 */
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/proc.h"

/* Oldest LLVM for hardened images: 14 lacks kcfi and capped auto-init. */
#define LLVM_MAJOR_MIN 19
/* Version of the cache file: raise it when its fields or the probes change. */
#define CACHE_VERSION 1
#define CACHE_MAX_BYTES (1u << 20)
/* A compiler that does not answer within this is broken. */
#define PROBE_TIMEOUT_MS 60000

enum tool_id {
	TOOL_CC,
	TOOL_LD,
	TOOL_NM,
	TOOL_SYMBOLIZER,
	TOOL_COUNT,
};

static const struct {
	const char *key, *variable, *base, *package;
} tool_info[TOOL_COUNT] = {
	[TOOL_CC] = {"cc", "UKBUILD_CC", "clang", "clang-19"},
	[TOOL_LD] = {"ld", "UKBUILD_LD", "ld.lld", "lld-19"},
	[TOOL_NM] = {"nm", "UKBUILD_NM", "llvm-nm", "llvm-19"},
	[TOOL_SYMBOLIZER] = {"symbolizer", "UKBUILD_SYMBOLIZER", "llvm-symbolizer", "llvm-19"},
};

/* Name suffixes in order of preference: the reference version, the other tested ones, any. */
static const char *const suffixes[] = {"-19", "-22", "-21", "-20", ""};

static const struct {
	const char *feature;
	const char *flags[5];
} probes[] = {
	{"KCFI", {"-fsanitize=kcfi"}},
	{"CFI_ICALL",
	 {"-flto=full", "-fvisibility=hidden", "-fsanitize=cfi-icall", "-fsanitize-trap=cfi-icall",
	  "-fno-sanitize-ignorelist"}},
	{"LTO", {"-flto=full"}},
	{"STACK_CLASH", {"-fstack-clash-protection"}},
	{"STACK_PROTECTOR", {"-fstack-protector-strong"}},
	{"AUTO_VAR_INIT", {"-ftrivial-auto-var-init=zero"}},
	{"ZERO_CALL_USED_REGS", {"-fzero-call-used-regs=used-gpr"}},
	{"CF_PROTECTION", {"-fcf-protection=branch"}},
	{"BOUNDS", {"-fsanitize=array-bounds", "-fsanitize-trap=array-bounds"}},
	{"LAYOUT_SEED", {"-frandomize-layout-seed=01"}},
	{"UBSAN",
	 {"-fsanitize=signed-integer-overflow,shift-exponent", "-fsanitize-trap=undefined"}},
};

static const char *paths_of(const struct tools *t, enum tool_id id)
{
	const char *const all[TOOL_COUNT] = {
		[TOOL_CC] = t->cc,
		[TOOL_LD] = t->ld,
		[TOOL_NM] = t->nm,
		[TOOL_SYMBOLIZER] = t->symbolizer,
	};

	return all[id];
}

static void set_path(struct tools *t, enum tool_id id, const char *path)
{
	const char **const all[TOOL_COUNT] = {
		[TOOL_CC] = &t->cc,
		[TOOL_LD] = &t->ld,
		[TOOL_NM] = &t->nm,
		[TOOL_SYMBOLIZER] = &t->symbolizer,
	};

	*all[id] = path;
}

/* What decides which tools are found: a change makes the cache void. */
static const char *search_key(struct arena *a)
{
	struct sb b;
	const char *path = getenv("PATH");

	sb_init(&b, a);
	sb_putf(&b, "PATH=%s", path ? path : "");
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		const char *val = getenv(tool_info[i].variable);

		sb_putf(&b, "\n%s=%s", tool_info[i].variable, val ? val : "");
	}
	/* What an older ukbuild has not asked for, it did not find. */
	for (size_t i = 0; i < ARRAY_LEN(probes); i++)
		sb_putf(&b, "\n%s", probes[i].feature);
	return sb_str(&b);
}

/* "path size mtime" of a tool, or NULL when it cannot be stat'ed. */
static const char *stamp(struct arena *a, const char *path)
{
	uint64_t size;
	int64_t mtime;

	if (file_stat(path, &size, &mtime))
		return NULL;
	return arena_printf(a, "%s %" PRIu64 " %" PRId64, path, size, mtime);
}

static const char *get_text(struct arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? arena_strdup(a, s) : NULL;
}

static bool read_fields(struct arena *a, const json_t *o, const char *key, struct tools *ret)
{
	struct tools t = {0};
	const char *s = json_string_value(json_object_get(o, "key"));
	const json_t *list = json_object_get(o, "features"), *item;
	size_t i;

	if (json_integer_value(json_object_get(o, "version")) != CACHE_VERSION || !s ||
	    !str_eq(s, key))
		return false;
	for (i = 0; i < TOOL_COUNT; i++) {
		const json_t *entry = json_object_get(o, tool_info[i].key);
		const char *path = get_text(a, entry, "path");
		const char *was = get_text(a, entry, "stamp");
		const char *is = path ? stamp(a, path) : NULL;

		if (!was || !is || !str_eq(was, is))
			return false;
		set_path(&t, (enum tool_id)i, path);
	}
	t.cc_version = get_text(a, o, "cc_version");
	t.cc_include = get_text(a, o, "cc_include");
	t.identity = get_text(a, o, "identity");
	t.cc_major = (unsigned)json_integer_value(json_object_get(o, "cc_major"));
	if (!t.cc_version || !t.cc_include || !t.identity || !json_is_array(list))
		return false;
	json_array_foreach(list, i, item) if (json_string_value(item))
		strs_push(a, &t.features, arena_strdup(a, json_string_value(item)));
	*ret = t;
	return true;
}

/* A cache that is missing, broken or old is no error: the tools are looked for again. */
static bool read_cache(struct arena *a, const char *path, const char *key, struct tools *ret)
{
	struct diags ignored;
	json_t *o;
	bool ok;

	if (!file_exists(path))
		return false;
	diags_init(&ignored, a);
	o = json_read(a, path, CACHE_MAX_BYTES, &ignored);
	if (!o)
		return false;
	ok = read_fields(a, o, key, ret);
	json_decref(o);
	return ok;
}

static int write_cache(struct arena *a, const char *path, const char *key, const struct tools *t,
		       struct diags *d)
{
	json_t *o = json_object();
	const char *text;

	json_object_set_new(o, "version", json_integer(CACHE_VERSION));
	json_object_set_new(o, "key", json_string(key));
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		const char *tool = paths_of(t, (enum tool_id)i);
		json_t *entry = json_object();

		json_object_set_new(entry, "path", json_string(tool));
		json_object_set_new(entry, "stamp", json_string(stamp(a, tool)));
		json_object_set_new(o, tool_info[i].key, entry);
	}
	json_object_set_new(o, "cc_version", json_string(t->cc_version));
	json_object_set_new(o, "cc_major", json_integer(t->cc_major));
	json_object_set_new(o, "cc_include", json_string(t->cc_include));
	json_object_set_new(o, "identity", json_string(t->identity));
	json_object_set_new(o, "features", json_strs(&t->features));
	text = json_text(a, o);
	json_decref(o);
	return file_write(path, text, strlen(text), d);
}

static int missing(enum tool_id id, const char *name, struct diags *d)
{
	(void)diag_fail(d, DIAG_TOOL, "there is no '%s' in PATH", name);
	return diag_hint(d, "install the package %s, or name the program in %s",
			 tool_info[id].package, tool_info[id].variable);
}

static int find_one(struct arena *a, enum tool_id id, const char *suffix, struct tools *t,
		    struct diags *d)
{
	const char *asked = getenv(tool_info[id].variable);
	const char *name =
		asked && *asked ? asked : arena_printf(a, "%s%s", tool_info[id].base, suffix);
	const char *path = proc_which(a, name);

	if (!path)
		return missing(id, name, d);
	set_path(t, id, path);
	return 0;
}

/* The suffix of the clang asked for, or of the first there is: the other tools come from the same LLVM. */
static const char *choose_suffix(struct arena *a)
{
	const char *asked = getenv(tool_info[TOOL_CC].variable);

	if (asked && str_starts(path_base(asked), "clang-"))
		return path_base(asked) + strlen("clang");
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (proc_which(a, arena_printf(a, "clang%s", suffixes[i])))
			return suffixes[i];
	return suffixes[0];
}

static const char *first_line(struct arena *a, const char *text)
{
	return arena_memdup(a, text, strcspn(text, "\n"));
}

static int ask(struct arena *a, const char *program, const char *option, const char **ret_line,
	       struct diags *d)
{
	const char *const argv[] = {program, option, NULL};
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = PROBE_TIMEOUT_MS,
	};
	struct proc_result r;

	if (proc_check(a, argv, &opts, &r, d))
		return -1;
	*ret_line = first_line(a, r.out);
	return 0;
}

static int parse_major(const char *version, unsigned *ret)
{
	const char *s = strstr(version, "version ");
	char *end;
	unsigned long n;

	if (!strstr(version, "clang") || !s)
		return -1;
	n = strtoul(s + strlen("version "), &end, 10);
	if (end == s + strlen("version ") || *end != '.' || n > 1000)
		return -1;
	*ret = (unsigned)n;
	return 0;
}

static int check_compiler(struct arena *a, struct tools *t, struct diags *d)
{
	const char *dir;

	if (ask(a, t->cc, "--version", &t->cc_version, d))
		return -1;
	if (parse_major(t->cc_version, &t->cc_major))
		return diag_fail(d, DIAG_TOOL, "'%s' is not a clang: it says '%s'", t->cc,
				 t->cc_version);
	if (t->cc_major < LLVM_MAJOR_MIN) {
		(void)diag_fail(d, DIAG_TOOL, "'%s' is clang %u, and %d or later is needed", t->cc,
				t->cc_major, LLVM_MAJOR_MIN);
		return diag_hint(d, "install the package clang-%d", LLVM_MAJOR_MIN);
	}
	if (ask(a, t->cc, "-print-resource-dir", &dir, d))
		return -1;
	t->cc_include = path_join(a, dir, "include");
	if (!file_is_dir(t->cc_include))
		return diag_fail(d, DIAG_TOOL, "'%s' has no headers of its own in '%s'", t->cc,
				 t->cc_include);
	return 0;
}

/* Whether the compiler takes the flags for an empty file without a word. */
static int try_flags(struct arena *a, const struct tools *t, const struct strs *flags, bool *ret_ok,
		     struct diags *d)
{
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = PROBE_TIMEOUT_MS,
	};
	struct proc_result r;
	struct strs argv = {0};

	strs_push(a, &argv, t->cc);
	strs_push(a, &argv, "--target=x86_64-unknown-linux-gnu");
	strs_push(a, &argv, "-Werror");
	strs_concat(a, &argv, flags);
	strs_split(a, &argv, "-fsyntax-only -x c -");
	if (proc_run(a, proc_argv(a, &argv), &opts, &r, d))
		return -1;
	*ret_ok = r.status == 0;
	return 0;
}

static int probe(struct arena *a, struct tools *t, struct diags *d)
{
	for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
		struct strs flags = {0};
		bool ok;

		for (size_t k = 0; k < ARRAY_LEN(probes[i].flags) && probes[i].flags[k]; k++)
			strs_push(a, &flags, probes[i].flags[k]);
		if (try_flags(a, t, &flags, &ok, d))
			return -1;
		if (ok)
			strs_push(a, &t->features, probes[i].feature);
	}
	strs_sort(&t->features);
	return 0;
}

static int make_identity(struct arena *a, struct tools *t, struct diags *d)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;
	const char *ld_version;

	if (ask(a, t->ld, "--version", &ld_version, d))
		return -1;
	hash_init(&h);
	hash_add_str(&h, t->cc_version);
	hash_add_str(&h, ld_version);
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		const char *s = stamp(a, paths_of(t, (enum tool_id)i));

		if (!s)
			return diag_fail(d, DIAG_TOOL, "'%s' has gone",
					 paths_of(t, (enum tool_id)i));
		hash_add_str(&h, s);
	}
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	t->identity = arena_strdup(a, hex);
	return 0;
}

static const char *system_include(void)
{
	const char *set = getenv("UKBUILD_SYSTEM_INCLUDE");

	return set && *set ? set : "/usr/include";
}

int tools_find(struct arena *a, const char *cache_dir, struct tools *ret, struct diags *d)
{
	const char *path = path_join(a, cache_dir, "tools.json");
	const char *key = search_key(a), *suffix;
	struct tools t = {0};

	if (read_cache(a, path, key, ret)) {
		ret->system_include = system_include();
		return 0;
	}
	suffix = choose_suffix(a);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		if (find_one(a, (enum tool_id)i, suffix, &t, d))
			return -1;
	if (check_compiler(a, &t, d) || probe(a, &t, d) || make_identity(a, &t, d) ||
	    write_cache(a, path, key, &t, d))
		return -1;
	t.system_include = system_include();
	*ret = t;
	return 0;
}
