/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild compare`: what changed between two results, and whether a CI should stop for it. */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "compare.h"

static void print(struct ctx *c, const struct comparison *cmp, const struct compare_judgements *j,
		  FILE *to)
{
	const char *format = c->format ? c->format : c->json ? "json" : "text";
	struct tables tables = {0};
	json_t *o;

	if (str_eq(format, "json")) {
		o = compare_json(c->a, cmp, j);
		json_print(o, to);
		json_decref(o);
		return;
	}
	compare_tables(c->a, cmp, j, &tables);
	if (str_eq(format, "markdown")) {
		fprintf(to, "# %s: before and after\n", cmp->after->name);
		tables_markdown(&tables, to);
	} else {
		fprintf(to, "%s: %s -> %s\n", cmp->after->name, cmp->before->path,
			cmp->after->path);
		tables_text(c->a, &tables, to);
	}
}

static int print_to_file(struct ctx *c, const struct comparison *cmp,
			 const struct compare_judgements *j)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int err;

	if (!to)
		return diag_fail(c->d, DIAG_TOOL, "no memory for the comparison");
	print(c, cmp, j, to);
	err = fclose(to) ? diag_fail(c->d, DIAG_TOOL, "no memory for the comparison")
			 : file_write(c->output, text, len, c->d);
	free(text);
	return err;
}

static int fail_on(struct ctx *c, const struct compare_judgements *l)
{
	int err = 0;

	for (size_t i = 0; i < l->len; i++) {
		const struct compare_judgement *j = &l->v[i];

		if (j->verdict == COMPARE_MET)
			err = diag_fail(c->d, DIAG_CHECK, "condition met: %s", j->condition->text);
		else if (j->verdict == COMPARE_NOT_MEASURED)
			err = diag_fail(
				c->d, DIAG_CHECK,
				"condition '%s' cannot be judged: there are no such figures",
				j->condition->text);
	}
	return err;
}

int cmd_compare(struct ctx *c)
{
	struct compare_conditions conditions = {0};
	struct compare_judgements judgements = {0};
	struct compare_side before, after;
	struct comparison cmp;
	struct strs judged = {0};

	if (c->format && str_eq(c->format, "html"))
		return diag_fail(c->d, DIAG_USAGE, "a comparison has no HTML form");
	strs_split_at(c->a, &judged, c->variants ? c->variants : "", ',');
	/* A mistake in the conditions is said before any file is read. */
	if ((c->fail_on && compare_parse(c->a, c->fail_on, &conditions, c->d)) ||
	    compare_load(c->a, c->args.v[0], &before, c->d) ||
	    compare_load(c->a, c->args.v[1], &after, c->d) ||
	    compare_sides(c->a, &before, &after, &judged, &cmp, c->d))
		return -1;
	for (size_t i = 0; i < conditions.len; i++)
		vec_push(c->a, &judgements, compare_judge(&cmp, &conditions.v[i]));
	if (!c->output)
		print(c, &cmp, &judgements, stdout);
	else if (print_to_file(c, &cmp, &judgements))
		return -1;
	return fail_on(c, &judgements);
}
