/* SPDX-License-Identifier: BSD-2-Clause */
#include "reword.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "lto.h"

#define COMMANDS_MAX_BYTES (256u << 20)
/* passrun: nothing in the module is on the list. */
#define STATUS_UNCHANGED 3

/* "/x/ab/cdef.o" without ".o". */
static const char *stem(struct arena *a, const char *object)
{
	return arena_memdup(a, object, strlen(object) - 2);
}

/* The command that makes the object, or its bitcode where passes are run over it, as in the makefile. */
static const json_t *find_command(struct arena *a, const json_t *commands, const char *object)
{
	const char *bitcode = arena_printf(a, "%s.in.bc", stem(a, object));

	for (size_t i = 0; i < json_array_size(commands); i++) {
		const json_t *c = json_array_get(commands, i);
		const char *output = json_string_value(json_object_get(c, "output"));

		if (output && (str_eq(output, object) || str_eq(output, bitcode)))
			return c;
	}
	return NULL;
}

/* Compiler and flags: what stands in front of -c. False when that is no command for a file in C. */
static bool take_flags(struct arena *a, const json_t *command, struct strs *ret,
		       const char **ret_file)
{
	const json_t *words = json_object_get(command, "arguments");

	*ret_file = json_string_value(json_object_get(command, "file"));
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *w = json_string_value(json_array_get(words, i));

		if (!w || str_eq(w, "-c"))
			break;
		strs_push(a, ret, w);
	}
	return ret->len && *ret_file && str_ends(*ret_file, ".c");
}

static int run(struct arena *a, const struct strs *flags, const char *const *more, struct diags *d)
{
	const struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result r;
	struct strs argv = {0};

	strs_concat(a, &argv, flags);
	for (; *more; more++)
		strs_push(a, &argv, *more);
	return proc_check(a, proc_argv(a, &argv), &opts, &r, d);
}

/* *ret_is_changed: `to` was written. */
static int run_pass(struct arena *a, const struct reword_in *in, const char *from, const char *to,
		    const char *changes, bool *ret_is_changed, struct diags *d)
{
	const char *const argv[] = {in->passrun, "privscan", "--change", changes, from, to, NULL};
	const struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result r;

	if (proc_run(a, argv, &opts, &r, d))
		return -1;
	*ret_is_changed = r.status == 0;
	if (r.status == 0 || r.status == STATUS_UNCHANGED)
		return 0;
	return proc_check(a, argv, &opts, &r, d);
}

/* What the pass starts from: bitcode of the object, made by its own command where there is none. */
static int make_bitcode(struct arena *a, const struct strs *flags, const char *file,
			const char *object, const char *base, const char **ret, struct diags *d)
{
	const char *bitcode = arena_printf(a, "%s.bc", stem(a, object));

	*ret = bitcode;
	if (file_exists(bitcode)) /* passes were run over it */
		return 0;
	*ret = arena_printf(a, "%s.in.bc", base);
	return run(a, flags, (const char *const[]){"-c", "-emit-llvm", file, "-o", *ret, NULL}, d);
}

static int generate(struct arena *a, const struct strs *flags, const char *bitcode,
		    const char *object, struct diags *d)
{
	/* As passes_add() has it. */
	return run(a, flags,
		   (const char *const[]){"-Wno-unused-command-line-argument", "-Xclang",
					 "-disable-llvm-passes", "-x", "ir", "-c", bitcode, "-o",
					 object, NULL},
		   d);
}

static int reword_code(struct arena *a, const struct reword_in *in, const char *object,
		       const char *changes, const char *base, const char *out, bool *ret_is_changed,
		       struct diags *d)
{
	const char *changed = arena_printf(a, "%s.bc", base), *file, *bitcode;
	struct strs flags = {0};
	json_t *commands;
	int err = -1;

	*ret_is_changed = false;
	commands = json_read(a, in->commands_path, COMMANDS_MAX_BYTES, d);
	if (!commands)
		return -1;
	if (!take_flags(a, find_command(a, commands, object), &flags, &file)) {
		json_decref(commands);
		return 0;
	}
	if (make_bitcode(a, &flags, file, object, base, &bitcode, d) == 0 &&
	    run_pass(a, in, bitcode, changed, changes, ret_is_changed, d) == 0)
		err = *ret_is_changed ? generate(a, &flags, changed, out, d) : 0;
	json_decref(commands);
	return err;
}

/* Folder of the object as it is now, changed so. */
static int folder_of(struct arena *a, const struct reword_in *in, const char *object,
		     const char *changes, const char **ret, struct diags *d)
{
	char content[HASH_HEX], hex[HASH_HEX];
	uint8_t bytes[HASH_BYTES];
	struct hash h;

	if (hash_file(object, content, d))
		return -1;
	hash_init(&h);
	hash_add_str(&h, content);
	hash_add_str(&h, changes);
	if (hash_file(in->passrun, content, d))
		return -1;
	hash_add_str(&h, content);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	*ret = arena_printf(a, "%s/%.32s", in->dir, hex);
	return 0;
}

/* The place of the object in its folder, and whether it is there. */
static int place_of(struct arena *a, const struct reword_in *in, const char *object,
		    const char *changes, const char **ret, bool *ret_is_there, struct diags *d)
{
	const char *dir;

	if (folder_of(a, in, object, changes, &dir, d))
		return -1;
	*ret = path_join(a, dir, path_base(object) - 3); /* "ab/cdef.o" */
	*ret_is_there = file_exists(*ret);
	return *ret_is_there ? 0 : file_mkdirs(path_dir(a, *ret), d);
}

/* Under a name of its own until it is whole: images that are made side by side may want the same. */
static int finish(const char *from, const char *to, struct diags *d)
{
	return rename(from, to) ? diag_fail(d, DIAG_BUG, "cannot rename '%s'", from) : 0;
}

/* Read and written: the linker takes no objects of which some have a summary and others none. */
static int rewrite(struct arena *a, const struct reword_in *in, const char *object,
		   const char **ret, struct diags *d)
{
	const char *out;
	bool is_there;

	if (place_of(a, in, object, "", ret, &is_there, d) || is_there)
		return is_there ? 0 : -1;
	out = arena_printf(a, "%s.%ld", *ret, (long)getpid());
	return run(a, &(const struct strs){0},
		   (const char *const[]){in->passrun, "privscan", object, out, NULL}, d)
		       ? -1
		       : finish(out, *ret, d);
}

int reword_object(struct arena *a, const struct reword_in *in, const char *object,
		  const char *changes, const char **ret, bool *ret_is_changed, struct diags *d)
{
	const char *made, *base, *out;
	bool is_bitcode, is_there;

	*ret = object;
	*ret_is_changed = false;
	if (!file_exists(in->passrun))
		return 0;
	if (lto_is_bitcode(a, object, &is_bitcode, d) ||
	    place_of(a, in, object, changes, &made, &is_there, d))
		return -1;
	base = arena_printf(a, "%s.%ld", stem(a, made), (long)getpid());
	out = arena_printf(a, "%s.o", base);
	if (is_there)
		*ret_is_changed = true;
	else if (is_bitcode ? run_pass(a, in, object, out, changes, ret_is_changed, d)
			    : reword_code(a, in, object, changes, base, out, ret_is_changed, d))
		return -1;
	if (!*ret_is_changed)
		return is_bitcode ? rewrite(a, in, object, ret, d) : 0;
	*ret = made;
	return is_there ? 0 : finish(out, made, d);
}
