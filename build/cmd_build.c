/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild build`: every platform of the manifest, one image each. */
#include "cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "build.h"
#include "manifest.h"

static json_t *to_json(const struct built *b)
{
	json_t *o = json_object();

	json_object_set_new(o, "platform", json_string(b->platform));
	json_object_set_new(o, "profile", json_string(b->profile));
	json_object_set_new(o, "path", json_string(b->image));
	json_object_set_new(o, "bytes", json_integer((json_int_t)b->bytes));
	json_object_set_new(o, "sha256", json_string(b->sha256));
	json_object_set_new(o, "compiled", json_integer((json_int_t)b->stats.compiled));
	json_object_set_new(o, "left_out", json_strs(&b->left_out));
	json_object_set_new(o, "notes", json_strs(&b->notes));
	json_object_set_new(o, "linked", json_integer((json_int_t)b->stats.linked));
	return o;
}

static void print_command(struct ctx *c, const struct flags *argv)
{
	for (size_t k = 0; k < argv->len; k++)
		printf("%s%s", k ? " " : "", str_shell_quote(c->a, argv->v[k].s));
	putchar('\n');
}

static int dry_run(struct ctx *c, const struct manifest *m, const char *platform, struct built *ret)
{
	struct pipeline p = {0};
	const struct edges *const lists[] = {&p.plan.app, &p.plan.rest};

	if (build_plan(c, m, platform, NULL, &p)) {
		ret->is_app_bad = p.is_app_bad;
		return -1;
	}
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->len; i++) {
			const struct edge *e = lists[l]->v[i];

			if (e->launcher)
				printf("%s ", str_shell_quote(c->a, e->launcher));
			print_command(c, &e->argv);
			for (size_t k = 0; k < e->then.len; k++)
				print_command(c, &e->then.v[k]);
		}
	return 0;
}

/* The one part of the budget that building can judge; `measure` and `report` judge all of it. */
static int check_size(struct ctx *c, const struct manifest *m, const struct built *b)
{
	const struct mnum *limit = &m->budget.image_bytes;

	if (!limit->is_set || b->bytes <= limit->n)
		return 0;
	return diag_fail_at(c->d, DIAG_CHECK, limit->loc,
			    "budget exceeded: the image has %" PRIu64
			    " bytes, allowed are %" PRIu64,
			    b->bytes, limit->n);
}

/* One image, judged and told about. */
static int build_one(struct ctx *c, const struct manifest *m, const char *platform, json_t *images,
		     struct built *ret)
{
	*ret = (struct built){0};
	if (c->dry_run)
		return dry_run(c, m, platform, ret);
	if (build_image(c, m, platform, NULL, ret))
		return -1;
	json_array_append_new(images, to_json(ret));
	if (!c->json)
		printf("%s  %" PRIu64 " bytes  (%s, %s)%s\n", ret->image, ret->bytes, ret->platform,
		       ret->variant, ret->is_current ? "  unchanged" : "");
	for (size_t i = 0; i < ret->left_out.len; i++)
		log_info("left out on %s: %s", platform, ret->left_out.v[i]);
	for (size_t i = 0; i < ret->notes.len; i++)
		log_info("note: %s", ret->notes.v[i]);
	return check_size(c, m, ret);
}

int cmd_build(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	json_t *images, *answer;
	int err = 0;

	if (!m)
		return -1;
	images = json_array();
	for (size_t i = 0; i < m->platforms.len; i++) {
		size_t errors = c->d->errors;
		struct built b;

		/* What fails for one platform does not hide the others' images, or their errors. */
		if (!build_one(c, m, m->platforms.v[i].s, images, &b))
			continue;
		err = -1;
		if (b.is_app_bad)
			break;
		ctx_note_platform(c, m, i, errors);
	}
	answer = json_object();
	json_object_set_new(answer, "images", images);
	if (c->json && !c->dry_run)
		json_print(answer, stdout);
	json_decref(answer);
	return err;
}
