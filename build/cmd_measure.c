/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild measure`: the matrix of variants and workloads, kept for `ukbuild report`. */
#include "cmd.h"

#include "base/file.h"
#include "base/json.h"
#include "base/units.h"
#include "cmd_report.h"
#include "manifest.h"
#include "measure.h"
#include "measure_merge.h"
#include "tree.h"
#include "variants.h"

#include <stdio.h>
#include <string.h>

#define SHARDS_MAX 10000

/* "2/5" */
static int read_shard(struct ctx *c, struct measure_opts *ret)
{
	const char *text = c->shard, *slash = text ? strchr(text, '/') : NULL;
	uint64_t shard, shards;

	if (!text)
		return 0;
	if (!slash || !units_count(arena_memdup(c->a, text, (size_t)(slash - text)), &shard) ||
	    !units_count(slash + 1, &shards) || !shard || shard > shards || shards > SHARDS_MAX)
		return diag_fail(c->d, DIAG_USAGE,
				 "--shard takes a piece and their number such as 1/3, not '%s'",
				 text);
	ret->shard = shard;
	ret->shards = shards;
	return 0;
}

/* A piece is no report yet: its figures are the answer. */
static int show_piece(struct ctx *c, const struct cost *cost)
{
	json_t *j = cost_to_json(cost);
	const char *text = json_text(c->a, j);
	int err = 0;

	if (c->output)
		err = file_write(c->output, text, strlen(text), c->d);
	else if (c->json)
		json_print(j, stdout);
	json_decref(j);
	return err;
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
	opts.is_designed = c->is_designed;
	if (read_shard(c, &opts))
		return -1;
	if (c->dry_run)
		return list_variants(c, m, &opts.variants);
	if (measure_cost(c, m, &opts, &cost) || measure_keep(c, &cost))
		return -1;
	if (opts.shards)
		return show_piece(c, &cost);
	return report_cost(c, m, &cost);
}
