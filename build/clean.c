/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild clean`, and the mark that tells a folder of products from any other. */
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd.h"

/* Cache Directory Tagging Specification (bford.info/cachedir): backup programs know it too. */
#define TAG_NAME "CACHEDIR.TAG"
static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
			  "# Products of ukbuild: 'ukbuild clean' removes this folder.\n";

int ctx_make_out(struct ctx *c)
{
	if (file_exists(c->out_dir))
		return 0;
	return file_write(path_join(c->a, c->out_dir, TAG_NAME), tag, sizeof(tag) - 1, c->d);
}

int cmd_clean(struct ctx *c)
{
	struct strs names;

	if (!file_exists(c->out_dir)) {
		log_info("there is nothing to remove");
		return 0;
	}
	/* -o may name any folder: only one that was made by ctx_make_out() is removed. */
	if (!file_exists(path_join(c->a, c->out_dir, TAG_NAME))) {
		(void)diag_error(c->d, (struct loc){c->out_dir, 0, 0},
				 "is not a folder that ukbuild made: it has no " TAG_NAME);
		return diag_hint(c->d, "remove it yourself if you are sure");
	}
	if (file_list(c->a, c->out_dir, &names, c->d) != 0)
		return -1;
	if (c->dry_run) {
		for (size_t i = 0; i < names.len; i++)
			printf("%s\n", path_join(c->a, c->out_dir, names.v[i]));
		return 0;
	}
	/* The mark goes last, so that an interrupted removal can be repeated. */
	for (size_t i = 0; i < names.len; i++) {
		if (!str_eq(names.v[i], TAG_NAME) &&
		    file_remove_tree(path_join(c->a, c->out_dir, names.v[i]), c->d) != 0)
			return -1;
	}
	return file_remove_tree(c->out_dir, c->d);
}
