/* SPDX-License-Identifier: BSD-2-Clause */
#include "passes.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "flags.h"
#include "lock.h"
#include "manifest.h"
#include "plan.h"
#include "resolve.h"
#include "tool.h"
#include "tree.h"

static bool has_pass(const struct mech_level *m)
{
	return m->mech->pass.len && !str_eq(m->level, "off");
}

/* PASS := name seeded */
static bool is_seeded(const struct mech_level *m)
{
	return m->mech->pass.len > 1;
}

static int missing(const struct plan_in *in, const char *program, const char *mechanism,
		   struct diags *d)
{
	(void)diag_fail(d, DIAG_TOOL, "'%s' is a pass of the compiler, and there is no '%s'",
			mechanism, program);
	return diag_hint(d, "install the package llvm-%u-dev and run 'make' in the source tree",
			 in->tools->cc_major);
}

const char *passes_program(struct arena *a, const struct plan_in *in)
{
	return path_join(a, path_dir(a, in->self),
			 arena_printf(a, "passrun-%u", in->tools->cc_major));
}

int passes_find(struct arena *a, const struct plan_in *in, const char *seed_hex,
		const struct pass_tool **ret, struct diags *d)
{
	struct pass_tool *t = arena_alloc(a, sizeof(*t));
	bool needs_seed = false, is_any = false;
	const char *seed_file;
	char *hex;

	t->program = passes_program(a, in);
	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];

		if (!has_pass(m))
			continue;
		if (!file_exists(t->program))
			return missing(in, path_base(t->program), m->mech->name, d);
		is_any = true;
		needs_seed |= is_seeded(m);
	}
	*ret = is_any ? t : NULL;
	if (!is_any)
		return 0;
	hex = arena_alloc(a, HASH_HEX);
	if (hash_file(t->program, hex, d))
		return -1;
	t->identity = hex;
	if (!needs_seed)
		return 0;
	return lock_seed(a, in->manifest, seed_hex, in->variant_dir, &seed_file, d) ||
			       lock_read_seed(a, seed_file, t->seed, d)
		       ? -1
		       : 0;
}

/* What passrun is told: "chaff=few", or the name alone where there is but one level. */
static const char *pass_word(struct arena *a, const struct mech_level *m)
{
	const char *name = m->mech->pass.v[0].s;

	return str_eq(m->level, "on") ? name : arena_printf(a, "%s=%s", name, m->level);
}

/* One object's seed tells nothing about the others'. */
static const char *object_seed(struct arena *a, const struct plan_in *in, const char *label)
{
	const char *const words[] = {"pass", in->manifest->name.s, label, NULL};

	return lock_derive(a, in->passes->seed, words);
}

static bool makes_bitcode(const struct flags *argv)
{
	for (size_t i = 0; i < argv->len; i++)
		if (str_starts(argv->v[i].s, "-flto"))
			return true;
	return false;
}

void passes_of(struct arena *a, const struct plan_in *in, const struct unit *unit,
	       const char *label, const struct flags *argv, struct pass_use *ret)
{
	struct strs names = {0}, levels = {0};

	*ret = (struct pass_use){0};
	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];

		if (!has_pass(m) || flags_is_exempt(unit, label, m->mech->name))
			continue;
		strs_push(a, &names, pass_word(a, m));
		strs_pushf(a, &levels, "%s=%s", m->mech->name, m->level);
		if (is_seeded(m))
			ret->seed_hex = object_seed(a, in, label);
	}
	if (!names.len) {
		ret->names = makes_bitcode(argv) ? "" : NULL;
		return;
	}
	ret->names = strs_join(a, &names, ",");
	ret->origin = arena_printf(a, "hardening %s", strs_join(a, &levels, ", "));
}

void passes_add(struct arena *a, const struct plan_in *in, const struct pass_use *use,
		const char *base, const char *object, struct edge *e)
{
	const bool is_last = makes_bitcode(&e->argv);
	const char *in_bc = arena_printf(a, "%s.in.bc", base);
	const char *out_bc = is_last ? object : arena_printf(a, "%s.bc", base);
	struct flags run = {0}, generate = {0};
	const char *const words[] = {
		/* Flags of the language and the preprocessor: said again, and of no use. */
		"-Wno-unused-command-line-argument",
		"-Xclang",
		"-disable-llvm-passes",
		"-x",
		"ir",
		"-c",
		out_bc,
		"-o",
		object,
	};

	flag_push(a, &run, in->passes->program, use->origin);
	flag_push(a, &run, use->names, use->origin);
	if (use->seed_hex) {
		flag_push(a, &run, "--seed", use->origin);
		flag_push(a, &run, use->seed_hex, use->origin);
	}
	flag_push(a, &run, in_bc, NULL);
	flag_push(a, &run, out_bc, NULL);
	vec_push(a, &e->then, run);
	e->made = in_bc;
	if (is_last)
		return;
	for (size_t i = 0; i < e->argv.len; i++)
		flag_push(a, &generate, e->argv.v[i].s, e->argv.v[i].origin);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		flag_push(a, &generate, words[i], NULL);
	vec_push(a, &e->then, generate);
}
