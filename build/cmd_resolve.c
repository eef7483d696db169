/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild resolve`: units, files and options of each image, with their reasons. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
#include "build.h"
#include "explain.h"
#include "manifest.h"
#include "tree.h"

static json_t *image_json(struct ctx *c, const char *platform, const struct selection *sel)
{
	json_t *o = json_object(), *units = json_array(), *files = json_array();
	json_t *config = json_object(), *levels = json_object();

	for (size_t i = 0; i < sel->units_len; i++) {
		json_t *u = json_object();

		json_object_set_new(u, "name", json_string(sel->units[i]->name));
		json_object_set_new(u, "kind", json_string(unit_kind_name(sel->units[i]->kind)));
		json_object_set_new(u, "why", json_string(explain_chain(c->a, &sel->units_why[i])));
		json_array_append_new(units, u);
	}
	for (size_t i = 0; i < sel->files_len; i++) {
		json_t *f = json_object();

		json_object_set_new(f, "label", json_string(sel->files[i]->label));
		json_object_set_new(f, "why",
				    json_string(explain_chain(c->a, &sel->files[i]->why)));
		json_array_append_new(files, f);
	}
	for (size_t i = 0; i < sel->config_len; i++)
		json_object_set_new(config, sel->config[i].name, json_string(sel->config[i].val));
	for (size_t i = 0; i < sel->mechs_len; i++)
		json_object_set_new(levels, sel->mechs[i].mech->name,
				    json_string(sel->mechs[i].level));
	json_object_set_new(o, "platform", json_string(platform));
	json_object_set_new(o, "levels", levels);
	json_object_set_new(o, "units", units);
	json_object_set_new(o, "files", files);
	json_object_set_new(o, "config", config);
	json_object_set_new(o, "missing", json_strs(&sel->missing));
	return o;
}

static void print_text(struct ctx *c, const char *platform, const struct selection *sel)
{
	printf("image for %s\nunits:\n", platform);
	for (size_t i = 0; i < sel->units_len; i++)
		printf("  %s: %s\n", sel->units[i]->rel, explain_chain(c->a, &sel->units_why[i]));
	printf("files:\n");
	for (size_t i = 0; i < sel->files_len; i++)
		printf("  %s\n", sel->files[i]->label);
	printf("options:\n");
	for (size_t i = 0; i < sel->config_len; i++)
		printf("  %s=%s\n", sel->config[i].name, sel->config[i].val);
	for (size_t i = 0; i < sel->missing.len; i++)
		printf("missing system call: %s (answers ENOSYS)\n", sel->missing.v[i]);
}

static void show(struct ctx *c, const struct manifest *m, const struct pipeline *p,
		 const char *platform, json_t *images)
{
	(void)m;
	if (c->json)
		json_array_append_new(images, image_json(c, platform, &p->sel));
	else
		print_text(c, platform, &p->sel);
}

int cmd_resolve(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	json_t *o, *images;
	int err;

	if (!m)
		return -1;
	images = json_array();
	err = build_each(c, m, build_resolve, show, images);
	o = json_object();
	json_object_set_new(o, "images", images);
	if (c->json && !err)
		json_print(o, stdout);
	json_decref(o);
	return err;
}
