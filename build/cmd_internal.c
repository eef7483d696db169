/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that the makefile of a build calls back; not for people. */
#include "cmd.h"

#include "image.h"
#include "lock.h"
#include "order.h"

/* TEMPLATE SEED OBJECTS.rsp NM OUT */
int cmd_internal_order(struct ctx *c)
{
	const char **v = c->args.v;
	uint8_t seed[ORDER_SEED_BYTES];

	if (c->args.len != 5)
		return diag_fail(c->d, DIAG_USAGE, "'internal-order' takes 5 arguments");
	return lock_read_seed(c->a, v[1], seed, c->d) ||
			       order_write(c->a, v[0], seed, v[2], v[3], v[4], c->d)
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
