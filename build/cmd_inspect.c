/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild inspect [IMAGE]`: what is in a finished image and which mechanisms it really has. */
#include "cmd.h"

#include "base/json.h"
#include "base/str.h"
#include "build.h"
#include "inspect.h"
#include "manifest.h"

#include <stdio.h>

/* The image named, else the manifest's, built first. What cannot be built is in c->d. */
static int find_images(struct ctx *c, struct strs *ret, bool *ret_several)
{
	struct manifest *m;
	int err = 0;

	if (c->args.len) {
		strs_push(c->a, ret, c->args.v[0]);
		return 0;
	}
	m = ctx_manifest(c);
	if (!m)
		return -1;
	*ret_several = m->platforms.len > 1;
	for (size_t i = 0; i < m->platforms.len; i++) {
		size_t errors = c->d->errors;
		struct built b;

		if (!build_image(c, m, m->platforms.v[i].s, NULL, &b)) {
			strs_push(c->a, ret, b.image);
			continue;
		}
		err = -1;
		if (b.is_app_bad)
			break;
		ctx_note_platform(c, m, i, errors);
	}
	return err;
}

int cmd_inspect(struct ctx *c)
{
	struct strs paths = {0};
	json_t *o, *images;
	bool is_several = false;
	int err = find_images(c, &paths, &is_several);

	images = json_array();
	for (size_t i = 0; i < paths.len; i++) {
		struct inspection in;

		if (inspect_image(c->a, paths.v[i], &in, c->d)) {
			err = -1;
			continue;
		}
		if (c->json) {
			json_array_append_new(images, inspect_json(&in));
			continue;
		}
		if (i)
			putchar('\n');
		inspect_print(&in, stdout);
	}
	o = json_object();
	json_object_set_new(o, "images", images);
	if (c->json && json_array_size(images))
		json_print(is_several ? o : json_array_get(images, 0), stdout);
	json_decref(o);
	return err || c->d->errors ? -1 : 0;
}
