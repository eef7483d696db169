/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild inspect [IMAGE]`: what is in a finished image and which mechanisms it really has. */
#include "cmd.h"

#include "base/json.h"
#include "build.h"
#include "inspect.h"
#include "manifest.h"

/* The image named, else the manifest's for its first platform, built first. NULL on error. */
static const char *find_image(struct ctx *c)
{
	struct manifest *m;
	struct built b;

	if (c->args.len)
		return c->args.v[0];
	m = ctx_manifest(c);
	if (!m || build_image(c, m, m->platforms.v[0].s, NULL, &b))
		return NULL;
	return b.image;
}

int cmd_inspect(struct ctx *c)
{
	const char *path = find_image(c);
	struct inspection in;

	if (!path || inspect_image(c->a, path, &in, c->d) != 0)
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
