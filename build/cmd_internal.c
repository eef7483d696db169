/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that the makefile of a build calls back; not for people. */
#include "cmd.h"

#include <string.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "image.h"
#include "lock.h"
#include "lto.h"
#include "order.h"
#include "relink.h"

/* A list of objects is never larger. */
#define RSP_MAX_BYTES (16u << 20)

/* TEMPLATE SEED OBJECTS.rsp OUT */
int cmd_internal_order(struct ctx *c)
{
	const char **v = c->args.v;
	uint8_t seed[ORDER_SEED_BYTES];

	if (c->args.len != 4)
		return diag_fail(c->d, DIAG_USAGE, "'internal-order' takes 4 arguments");
	return lock_read_seed(c->a, v[1], seed, c->d) ||
			       order_write(c->a, v[0], seed, v[2], NULL, v[3], c->d)
		       ? -1
		       : 0;
}

/* LINKED MAP RECORD OUT */
int cmd_internal_image(struct ctx *c)
{
	const char **v = c->args.v;

	if (c->args.len != 4)
		return diag_fail(c->d, DIAG_USAGE, "'internal-image' takes 4 arguments");
	return image_finish(c->a, v[0], v[1], v[2], v[3], c->d);
}

/* TEMPLATE BITCODE.rsp OUT OBJECTS.rsp -- LINKER FLAG...: OBJECTS.rsp is written, with OUT in it */
int cmd_internal_lto(struct ctx *c)
{
	const char **v = c->args.v, *text;
	struct strs objects = {0}, linked;
	size_t len;
	char *list;

	if (c->args.len != 4 || c->guest_args.len == 0)
		return diag_fail(c->d, DIAG_USAGE,
				 "'internal-lto' takes 4 arguments and a command");
	if (file_read(c->a, v[1], RSP_MAX_BYTES, &list, &len, c->d))
		return -1;
	strs_from_response(c->a, &objects, list);
	if (lto_generate(c->a, &(struct lto_in){proc_argv(c->a, &c->guest_args), v[0], v[1], v[2]},
			 c->d) ||
	    lto_replace(c->a, &objects, v[2], &linked, c->d))
		return -1;
	text = strs_to_response(c->a, &linked);
	return file_write(v[3], text, strlen(text), c->d);
}

/* TEMPLATE SEED|- OBJECTS.rsp BITCODE.rsp|- SCRIPT MAP LINKED COMMANDS PASSRUN -- LINKER FLAG... */
int cmd_internal_relink(struct ctx *c)
{
	const char **v = c->args.v;
	bool has_seed = c->args.len > 1 && !str_eq(v[1], "-");
	uint8_t seed[ORDER_SEED_BYTES];

	if (c->args.len != 9 || c->guest_args.len == 0)
		return diag_fail(c->d, DIAG_USAGE,
				 "'internal-relink' takes 9 arguments and a command");
	if (has_seed && lock_read_seed(c->a, v[1], seed, c->d))
		return -1;
	return relink(
		c->a,
		&(struct relink_in){
			.template_path = v[0],
			.seed = has_seed ? seed : NULL,
			.rsp_path = v[2],
			.bitcode_rsp = str_eq(v[3], "-") ? NULL : v[3],
			.script_path = v[4],
			.map_path = v[5],
			.linked_path = v[6],
			.linker = proc_argv(c->a, &c->guest_args),
			.reword = {v[7], v[8], path_join(c->a, path_dir(c->a, v[2]), "reworded")},
		},
		c->d);
}
