/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild explain`: why a unit, symbol, object or option is in the image, or why it is not. */
#include "cmd.h"

#include <stdio.h>

#include "base/json.h"
#include "build.h"
#include "explain.h"
#include "kconf.h"
#include "manifest.h"

static void print_answer(struct ctx *c, const struct explanation *e)
{
	json_t *o;

	if (!c->json) {
		for (size_t i = 0; i < e->lines.len; i++)
			printf("%s\n", e->lines.v[i]);
		return;
	}
	o = json_object();
	json_object_set_new(o, "subject", json_string(e->subject));
	json_object_set_new(o, "kind", json_string(e->kind));
	json_object_set_new(o, "is_in", json_boolean(e->is_in));
	json_object_set_new(o, "lines", json_strs(&e->lines));
	json_print(o, stdout);
	json_decref(o);
}

int cmd_explain(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	struct pipeline p = {0};
	struct explain_in in;
	struct explanation e;
	const char *platform = m ? ctx_one_platform(c, m) : NULL;
	struct kconf *k;

	if (!platform || build_plan(c, m, platform, NULL, &p))
		return -1;
	k = kconf_read(c->a, p.tree, &p.tools, c->d);
	if (!k)
		return -1;
	in = (struct explain_in){
		.tree = p.tree,
		.manifest = p.manifest,
		.scan = &p.scan,
		.sel = &p.sel,
		.plan = &p.plan,
		.kconf = k,
	};
	if (c->is_not ? explain_not(c->a, &in, c->args.v[0], &e, c->d)
		      : explain(c->a, &in, c->args.v[0], &e, c->d))
		return -1;
	print_answer(c, &e);
	return 0;
}
