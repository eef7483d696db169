/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild report`: what was measured and what the finished image proves, in one document. */
#include "cmd.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "build.h"
#include "cmd_report.h"
#include "inspect.h"
#include "manifest.h"
#include "measure.h"
#include "measure_merge.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The variant that the manifest asks for, among those measured. */
static const struct variant_cost *shown_variant(const struct manifest *m, const struct cost *cost)
{
	const char *wanted = m->harden.mechs.len ? "manifest" : m->harden.profile.s;
	const struct variant_cost *v = cost_variant(cost, wanted);

	return v ? v : &cost->variants.v[cost->variants.len - 1];
}

/* Builds the image shown (nothing happens when it is there) and looks for its mechanisms. */
static int find_proofs(struct ctx *c, const struct manifest *m, const char *platform,
		       const struct variant_cost *v, struct proofs *ret)
{
	struct manifest plain = *m;
	struct inspection in;
	struct built b;
	size_t i;

	if (*v->spec)
		plain.harden.mechs.len = 0;
	if (build_image(c, &plain, platform, *v->spec ? v->spec : NULL, &b))
		return -1;
	if (*v->size.sha256 && !str_eq(b.sha256, v->size.sha256))
		diag_warn(c->d, loc_none,
			  "the figures are of an older image: run 'ukbuild measure' again");
	if (inspect_image(c->a, b.image, &in, c->d))
		return -1;
	for (i = 0; i < in.mechs_len; i++) {
		const struct mech_report *r = &in.mechs[i];
		struct proof p = {
			.mechanism = r->name,
			.asked = r->left_out ? r->left_out : r->asked,
			.state = verdict_state_name(r->verdict.state),
			.covered = r->verdict.covered,
			.total = r->verdict.total,
			.what = r->verdict.what,
			.exempt = r->verdict.exempt,
			.status = r->status,
			.reason = r->reason,
		};

		vec_push(c->a, ret, p);
	}
	return 0;
}

static void print_report(struct ctx *c, const struct report *r, FILE *to)
{
	const char *format = c->format ? c->format : c->json ? "json" : "text";
	json_t *j;

	if (str_eq(format, "json")) {
		j = report_json(r);
		json_print(j, to);
		json_decref(j);
	} else if (str_eq(format, "markdown")) {
		report_markdown(c->a, r, to);
	} else if (str_eq(format, "html")) {
		report_html(c->a, r, to);
	} else {
		report_text(c->a, r, to);
	}
}

/* To a file, whole or not at all. */
static int print_to_file(struct ctx *c, const struct report *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int err;

	if (!to)
		return diag_fail(c->d, DIAG_TOOL, "no memory for the report");
	print_report(c, r, to);
	err = fclose(to) ? diag_fail(c->d, DIAG_TOOL, "no memory for the report")
			 : file_write(c->output, text, len, c->d);
	free(text);
	if (!err)
		log_info("written to %s", c->output);
	return err;
}

/* Where a platform cannot be asked for a figure, a limit on it is not that platform's. */
static void keep_measurable(struct report *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->budget.len; i++)
		if (r->budget.v[i].is_measured ||
		    (!r->cost->no_instructions && !r->cost->no_memory))
			r->budget.v[kept++] = r->budget.v[i];
	r->budget.len = kept;
}

/* The same of each further platform. */
static int add_others(struct ctx *c, const struct manifest *m, struct report *r)
{
	for (size_t i = 0; i < r->cost->others.len; i++) {
		const struct cost *cost = &r->cost->others.v[i];
		struct report o = {.cost = cost, .attack = r->attack, .is_one_of_several = true};

		o.shown = shown_variant(m, cost);
		if (!r->shown->problem && !o.shown->problem &&
		    find_proofs(c, m, cost->platform, o.shown, &o.proofs))
			return -1;
		budget_lines(c->a, m, cost, o.shown, &o.budget);
		keep_measurable(&o);
		vec_push(c->a, &r->others, o);
	}
	r->is_one_of_several = r->others.len > 0;
	return 0;
}

static int check_budgets(struct ctx *c, const struct report *r)
{
	int err = budget_check(&r->budget, c->d);

	for (size_t i = 0; i < r->others.len; i++)
		err = budget_check(&r->others.v[i].budget, c->d) || err ? -1 : 0;
	return err;
}

int report_cost(struct ctx *c, const struct manifest *m, const struct cost *cost)
{
	struct report r = {.cost = cost, .shown = shown_variant(m, cost)};
	const char *attacks = attack_path(c->a, c->out_dir, m->name.s);
	struct attack_table attack;

	if (file_exists(attacks)) {
		if (attack_load(c->a, attacks, &attack, c->d))
			return -1;
		r.attack = &attack;
	}
	if (!r.shown->problem && find_proofs(c, m, cost->platform, r.shown, &r.proofs))
		return -1;
	budget_lines(c->a, m, cost, r.shown, &r.budget);
	if (add_others(c, m, &r))
		return -1;
	log_progress_end();
	if (!c->output)
		print_report(c, &r, stdout);
	else if (print_to_file(c, &r))
		return -1;
	if (r.shown->problem)
		return diag_fail(c->d, DIAG_CHECK, "'%s' could not be measured: %s", r.shown->name,
				 r.shown->problem);
	return check_budgets(c, &r);
}

/* Without a measurement: the image asked for against none, in a few seconds. */
static int measure_briefly(struct ctx *c, const struct manifest *m, struct cost *ret)
{
	struct measure_opts opts = {0};
	const char *own = m->harden.mechs.len ? "manifest" : m->harden.profile.s;

	log_info("not measured yet: measuring none and %s ('ukbuild measure' does all)", own);
	strs_add(c->a, &opts.variants, "none");
	strs_add(c->a, &opts.variants, own);
	strs_push(c->a, &opts.workloads, "boot");
	strs_push(c->a, &opts.workloads, "memory");
	if (m->budget.memory_bytes.is_set)
		strs_push(c->a, &opts.workloads, "minmem");
	return measure_cost(c, m, &opts, ret);
}

/* Of what was measured the platforms asked for, the first of them in full. */
static int choose_platforms(struct ctx *c, const struct manifest *m, const struct cost *all,
			    struct cost *ret)
{
	struct costs others = {0};

	for (size_t i = 0; i < m->platforms.len; i++) {
		const struct mstr *p = &m->platforms.v[i];
		const struct cost *found = cost_platform(all, p->s);

		if (!found) {
			(void)diag_fail_at(c->d, c->platform ? DIAG_USAGE : DIAG_INPUT, p->loc,
					   "nothing was measured on platform '%s'", p->s);
			return diag_hint(c->d, "run 'ukbuild measure' again");
		}
		if (i == 0)
			*ret = *found;
		else
			vec_push(c->a, &others, *found);
	}
	ret->facts = all->facts;
	ret->others = others;
	for (size_t i = 0; i < others.len; i++)
		others.v[i].others = (struct costs){0};
	return 0;
}

/* The pieces become the measurement that is kept. */
static int merge_pieces(struct ctx *c, const struct manifest *m)
{
	struct cost cost;

	if (measure_merge(c, &c->args, &cost))
		return -1;
	if (!str_eq(cost.name, m->name.s))
		return diag_fail(c->d, DIAG_INPUT,
				 "the pieces are of '%s', the manifest is of '%s'", cost.name,
				 m->name.s);
	return measure_keep(c, &cost);
}

int cmd_report(struct ctx *c)
{
	const struct manifest *m = ctx_manifest(c);
	const char *path;
	struct cost all, cost;

	if (!m)
		return -1;
	if (c->is_merge ? merge_pieces(c, m) : c->args.len != 0)
		return c->is_merge ? -1
				   : diag_fail(c->d, DIAG_USAGE,
					       "'ukbuild report' takes files with --merge only");
	path = measure_path(c->a, c->out_dir, m->name.s);
	if (!file_exists(path))
		return measure_briefly(c, m, &cost) || report_cost(c, m, &cost) ? -1 : 0;
	if (cost_load(c->a, path, &all, c->d) || choose_platforms(c, m, &all, &cost))
		return -1;
	return report_cost(c, m, &cost);
}
