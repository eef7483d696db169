/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild inspect IMAGE`: what is in a finished image and which mechanisms it really has. */
#include "cmd.h"

#include "base/json.h"
#include "inspect.h"

int cmd_inspect(struct ctx *c)
{
	struct inspection in;

	if (inspect_image(c->a, c->args.v[0], &in, c->d) != 0)
		return -1;
	if (c->json) {
		json_t *j = inspect_json(&in);

		json_print(j, stdout);
		json_decref(j);
	} else {
		inspect_print(&in, stdout);
	}
	return c->d->errors ? -1 : 0;
}
