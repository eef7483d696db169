/* SPDX-License-Identifier: BSD-2-Clause */
#include "lto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "elf.h"

int lto_is_bitcode(struct arena *a, const char *object, bool *ret, struct diags *d)
{
	char *head;
	size_t len;

	if (file_read(a, object, ELF_MAX_BYTES, &head, &len, d))
		return -1;
	/* LLVM bitcode magic: LLVM Language Reference, "Bitcode File Format". */
	*ret = len >= 4 && memcmp(head, "BC\xc0\xde", 4) == 0;
	return 0;
}

int lto_replace(struct arena *a, const struct strs *objects, const char *out_path, struct strs *ret,
		struct diags *d)
{
	*ret = (struct strs){0};
	for (size_t i = 0; i < objects->len; i++) {
		bool is_bitcode;

		if (lto_is_bitcode(a, objects->v[i], &is_bitcode, d))
			return -1;
		if (!is_bitcode)
			strs_push(a, ret, objects->v[i]);
	}
	/* Where the linker itself puts what it has optimised: behind all other objects. */
	strs_push(a, ret, out_path);
	return 0;
}

/* A whole link, of which only the object is kept: the linker has no option to stop behind it. */
static int run_linker(struct arena *a, const struct lto_in *in, const char *made, struct diags *d)
{
	const struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result result;
	struct strs argv = {0};

	for (const char *const *w = in->linker; *w; w++)
		strs_push(a, &argv, *w);
	strs_pushf(a, &argv, "--lto-obj-path=%s", made);
	strs_pushf(a, &argv, "@%s", in->rsp_path);
	strs_push(a, &argv, "-T");
	strs_push(a, &argv, in->template_path);
	strs_push(a, &argv, "-o");
	strs_push(a, &argv, "/dev/null");
	return proc_check(a, proc_argv(a, &argv), &opts, &result, d);
}

int lto_generate(struct arena *a, const struct lto_in *in, struct diags *d)
{
	/* Images that are made side by side may want the same object. */
	const char *made = arena_printf(a, "%s.%ld", in->out_path, (long)getpid());

	int err;

	if (file_mkdirs(path_dir(a, in->out_path), d))
		return -1;
	err = run_linker(a, in, made, d);
	if (!err && rename(made, in->out_path))
		err = diag_fail(d, DIAG_TOOL, "cannot rename '%s': %s", made, strerror(errno));
	if (err)
		(void)unlink(made); /* a link that fails may have got as far as the object */
	return err;
}
