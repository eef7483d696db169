/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild measure`: the matrix of variants and workloads, kept for `ukbuild report`. */
#include "cmd.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd_report.h"
#include "manifest.h"
#include "measure.h"
#include "tree.h"
#include "variants.h"

#include <stdio.h>
#include <string.h>

static int keep_result(struct ctx *c, const struct cost *cost)
{
	json_t *j = cost_to_json(cost);
	const char *text = json_text(c->a, j);
	const char *path = measure_path(c->a, c->out_dir, cost->name);

	json_decref(j);
	if (file_write(path, text, strlen(text), c->d))
		return -1;
	log_info("kept in %s", path);
	return 0;
}

/* --dry-run: the variants, as `ukbuild build --harden` takes them. */
static int list_variants(struct ctx *c, const struct manifest *m, const struct strs *only)
{
	const struct tree *tree = tree_load(c->a, c->home, c->d);
	struct variants l = {0};
	size_t i;

	if (!tree || variants_of(c->a, tree, m, only, &l, c->d))
		return -1;
	for (i = 0; i < l.len; i++)
		printf("%-10s %s\n", l.v[i].name, l.v[i].spec ? l.v[i].spec : "");
	return 0;
}

int cmd_measure(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	struct measure_opts opts = {0};
	struct cost cost;

	if (!m)
		return -1;
	strs_split_at(c->a, &opts.variants, c->variants ? c->variants : "", ',');
	strs_split_at(c->a, &opts.workloads, c->workloads ? c->workloads : "", ',');
	opts.is_fresh = c->is_fresh;
	if (c->dry_run)
		return list_variants(c, m, &opts.variants);
	if (measure_cost(c, m, &opts, &cost) || keep_result(c, &cost))
		return -1;
	return report_cost(c, m, &cost);
}
