/* SPDX-License-Identifier: BSD-2-Clause */
/* Every attack of the list against every profile, each in a start of its own. See attack_run.h. */
#include "attack_run.h"

#include "attack_replay.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd.h"
#include "harden.h"
#include "inspect.h"
#include "manifest.h"
#include "resolve.h"
#include "run.h"
#include "stats.h"
#include "tree.h"
#include "variants.h"

#include <inttypes.h>
#include <string.h>

/* What the attacks print, as ATTACK_SAYS_CONTROL. */
#define SAYS_SUCCEEDED "ATTACK-SUCCEEDED"
#define SAYS_OUT_OF_REACH "attack: out of reach"
static const char *const usual_profiles[] = {"none", "peer", "default", "max"};

/* Whether the platform itself is what stops it, mechanism or not. */
static bool is_inherent(const struct attack_session *s, const struct attack_def *def)
{
	const struct unit *u =
		def->mechanism ? tree_find(s->tree, UNIT_MECHANISM, def->mechanism) : NULL;

	return strs_has(&def->inherent, s->platform) ||
	       (u && mechanism_status(u, s->platform)->standing == STANDS_INHERENT);
}

/* A fault that is no mechanism's names nobody, but where the platform stops the attack. */
static const char *who_stopped(const struct attack_session *s, const struct attack_twin *twin,
			       const struct attack_def *def, const struct run *r)
{
	if (r->end == RUN_TRAPPED && tree_find(s->tree, UNIT_MECHANISM, r->mechanism))
		return r->mechanism;
	if (r->end != RUN_EXITED && is_inherent(s, def))
		return "platform";
	if (r->end == RUN_EXITED && !r->status && def->is_harmless &&
	    attack_twin_level(s->c->a, twin, def->mechanism))
		return def->mechanism;
	/* Whatever it hit, it was not what it was aimed at. */
	if (def->misses && attack_twin_level(s->c->a, twin, def->mechanism))
		return def->mechanism;
	return NULL;
}

/* One start: what came of it. A control access that fails means that the attack does not fit the image. */
static void judge(const struct attack_session *s, const struct attack_twin *twin,
		  const struct attack_def *def, const struct run *r, struct attack_row *ret)
{
	ret->trials = 1;
	ret->by = NULL;
	ret->reason = NULL;
	if (!strstr(r->console, ATTACK_SAYS_CONTROL)) {
		ret->outcome = ATTACK_FAILED;
		ret->reason = "the control access failed";
	} else if (strstr(r->console, SAYS_SUCCEEDED)) {
		ret->outcome = ATTACK_SUCCEEDED;
		ret->successes = 1;
	} else {
		ret->by = who_stopped(s, twin, def, r);
		ret->outcome = ret->by ? ATTACK_STOPPED : ATTACK_FAILED;
		if (strstr(r->console, SAYS_OUT_OF_REACH))
			ret->reason = "the target does not lie behind the buffer";
	}
}

/* Whether one of the mechanisms that have to stop it is on, at a level at which it does. */
static bool is_promised(const struct attack_session *s, const struct attack_twin *twin,
			const struct attack_def *def)
{
	for (size_t i = 0; i < def->stops.len; i++) {
		const char *name = def->stops.v[i];
		const char *level = attack_twin_level(s->c->a, twin, name);
		bool is_own = def->mechanism && str_eq(name, def->mechanism);

		if (!level || (is_own && def->levels.len && !strs_has(&def->levels, level)))
			continue;
		if (attack_effect_of(&s->defs, name, def->adversary) == EFFECT_STOPS)
			return true;
	}
	return false;
}

/* Why it is not tried on this platform, or NULL. */
static const char *why_absent(const struct attack_session *s, const struct attack_def *def)
{
	if (def->platforms.len && !strs_has(&def->platforms, s->platform))
		return arena_printf(s->c->a, "there is nothing like it on %s", s->platform);
	if (def->machine)
		return arena_printf(s->c->a, "it needs the machine '%s'", def->machine);
	if (def->unit && !strs_has(&s->units, def->unit))
		return arena_printf(s->c->a, "the image has no %s", def->unit);
	return NULL;
}

static int push_symbol(const struct attack_session *s, const struct attack_twin *twin,
		       const char *symbol, struct strs *args)
{
	uint64_t value;

	if (!image_symbol(twin->image, symbol, &value))
		return -1;
	strs_pushf(s->c->a, args, "%" PRIx64, value);
	return 0;
}

/* The guest's words for an attack; none, and a reason, where it cannot be made. */
static void say_attack(const struct attack_session *s, const struct attack_twin *twin,
		       const struct attack_def *def, struct attack_row *row, struct strs *ret)
{
	strs_push(s->c->a, ret, def->program);
	if (def->symbol && push_symbol(s, twin, def->symbol, ret)) {
		row->reason = arena_printf(s->c->a, "the image has no '%s'", def->symbol);
		ret->len = 0;
		return;
	}
	strs_concat(s->c->a, ret, &def->args);
	if (def->on_argument && attack_twin_level(s->c->a, twin, def->mechanism))
		strs_push(s->c->a, ret, def->on_argument);
}

/* Whether the build with its mechanism refuses it. */
static bool is_refused(const struct attack_session *s, const struct attack_twin *twin,
		       const struct attack_def *def)
{
	return def->refused && !is_inherent(s, def) &&
	       attack_twin_level(s->c->a, twin, def->mechanism);
}

/* A profile's name as --profile has it: "none+aslr=link" for what is no variant. */
static int add_custom(struct ctx *c, const struct tree *tree, const struct manifest *m,
		      const char *name, struct variants *ret)
{
	char *spec = arena_strdup(c->a, name);
	struct variant v = {.name = name, .spec = spec, .stops = ""};
	struct manifest copy = *m;
	struct selection sel = {0};

	for (; *spec; spec++)
		if (*spec == '+')
			*spec = ',';
	copy.harden.mechs = (struct mpairs){0};
	if (manifest_override_harden(c->a, &copy, "--profile", v.spec, c->d) ||
	    resolve_levels(c->a, tree, &copy, m->platforms.v[0].s, &sel, c->d))
		return -1;
	vec_push(c->a, ret, v);
	return 0;
}

static bool is_all_profiles(const struct strs *names)
{
	return names->len == 1 && str_eq(names->v[0], "all");
}

static int choose_profiles(struct ctx *c, const struct tree *tree, const struct manifest *m,
			   const struct strs *names, struct variants *ret)
{
	struct strs known = {0};
	bool is_all = is_all_profiles(names);

	for (size_t i = 0; i < names->len; i++)
		if (!strpbrk(names->v[i], "+="))
			strs_push(c->a, &known, names->v[i]);
	for (size_t i = 0; !names->len && i < ARRAY_LEN(usual_profiles); i++)
		strs_push(c->a, &known, usual_profiles[i]);
	if (is_all)
		known.len = 0;
	if ((known.len || is_all) && variants_of(c->a, tree, m, &known, ret, c->d))
		return -1;
	for (size_t i = 0; i < names->len; i++)
		if (strpbrk(names->v[i], "+=") && add_custom(c, tree, m, names->v[i], ret))
			return -1;
	return 0;
}

static void describe_twin(const struct attack_session *s, const struct variant *v,
			  struct attack_twin_in *ret)
{
	*ret = (struct attack_twin_in){.manifest = s->manifest,
				       .platform = s->platform,
				       .spec = v->spec,
				       .defs = &s->defs,
				       .files = &s->files};
}

/* The image as users get it, with all its checks, then its twin with the attacks that fit it. */
static int build_both(struct attack_session *s, const struct variant *v, struct attack_twin *ret)
{
	struct manifest plain = *s->manifest;
	struct attack_twin own = {0};
	struct attack_twin_in in;
	struct strs files = {0};
	struct image img;

	if (v->spec)
		plain.harden.mechs.len = 0;
	if (build_image(s->c, &plain, s->platform, v->spec, &own.built) ||
	    image_open(s->c->a, own.built.image, &img, s->c->d))
		return -1;
	s->units = (struct strs){0};
	if (attack_record_list(s->c, &img, "units", &s->units) ||
	    attack_record_list(s->c, &img, "levels", &own.levels))
		return -1;
	strs_concat(s->c->a, &files, &s->files);
	for (size_t i = 0; i < s->defs.len; i++) {
		const struct attack_def *def = &s->defs.v[i];

		if (def->file && !why_absent(s, def) && !is_refused(s, &own, def))
			strs_push(s->c->a, &files, def->file);
	}
	s->files = files;
	describe_twin(s, v, &in);
	return attack_twin_build(s->c, &in, ret);
}

/* No image with such code is built: it is tried, and the error has to be the one that is expected. */
static void attack_refused(const struct attack_session *s, const struct variant *v,
			   const struct attack_def *def, struct attack_row *ret)
{
	struct ctx c = *s->c;
	struct attack_twin twin;
	struct attack_twin_in in;
	struct strs files = {0};
	struct diags d;

	diags_init(&d, c.a);
	c.d = &d;
	strs_push(c.a, &files, def->file);
	describe_twin(s, v, &in);
	in.files = &files;
	in.is_verified = true;
	ret->outcome = ATTACK_SUCCEEDED;
	ret->trials = ret->successes = 1;
	if (!attack_twin_build(&c, &in, &twin))
		return;
	ret->outcome = ATTACK_FAILED;
	ret->successes = 0;
	for (size_t i = 0; i < d.len; i++)
		if (strstr(d.v[i].text, def->refused) ||
		    (d.v[i].hint && strstr(d.v[i].hint, def->refused))) {
			ret->outcome = ATTACK_STOPPED;
			ret->by = def->mechanism;
			ret->reason = "no image with it is built";
			return;
		}
	ret->reason = d.len ? d.v[0].text : NULL;
}

/* What needs no start: the row of an attack that is absent or refused. Else what the guest is to be told. */
static void begin_row(const struct attack_session *s, const struct variant *v,
		      const struct attack_twin *twin, const struct attack_def *def,
		      struct attack_row *ret, struct strs *ret_args)
{
	*ret = (struct attack_row){.attack = def->name,
				   .group = def->group,
				   .adversary = def->adversary,
				   .outcome = ATTACK_ABSENT,
				   .reason = why_absent(s, def)};
	if (ret->reason)
		return;
	ret->is_promised = is_promised(s, twin, def);
	if (is_refused(s, twin, def))
		attack_refused(s, v, def, ret);
	else
		say_attack(s, twin, def, ret, ret_args);
}

/* The attacks of a profile, and what each start is told: of the attacks that have to be started, together. */
struct trial {
	const struct attack_def **defs;
	struct attack_row *rows;
	struct strs *args;
	const struct attack_def **again; /* parallel to args: see attack_start_all() */
	size_t *started;                 /* which row each of args is for */
	size_t len, started_len;
};

static void begin_trial(struct attack_session *s, const struct variant *v,
			const struct attack_twin *twin, struct trial *ret)
{
	struct arena *a = s->c->a;
	const size_t n = s->defs.len + 1;

	*ret = (struct trial){.defs = arena_array(a, n, sizeof(*ret->defs)),
			      .rows = arena_array(a, n, sizeof(*ret->rows)),
			      .args = arena_array(a, n, sizeof(*ret->args)),
			      .again = arena_array(a, n, sizeof(*ret->again)),
			      .started = arena_array(a, n, sizeof(*ret->started))};
	for (size_t i = 0; i < s->defs.len; i++) {
		struct strs *args = &ret->args[ret->started_len];

		if (!s->is_wanted[i])
			continue;
		ret->defs[ret->len] = &s->defs.v[i];
		begin_row(s, v, twin, &s->defs.v[i], &ret->rows[ret->len], args);
		ret->again[ret->started_len] = s->defs.v[i].again ? &s->defs.v[i] : NULL;
		if (args->len)
			ret->started[ret->started_len++] = ret->len;
		else
			s->done++;
		ret->len++;
	}
}

static int attack_profile(struct attack_session *s, const struct variant *v,
			  struct attack_profile *ret)
{
	struct attack_twin twin;
	struct trial t;
	struct run *runs;

	log_progress(s->done, s->total, "ATTACK %s: build", v->name);
	if (build_both(s, v, &twin))
		return -1;
	begin_trial(s, v, &twin, &t);
	runs = arena_array(s->c->a, t.started_len + 1, sizeof(*runs));
	if (attack_start_all(s, &twin, v->name, t.args, t.again, t.started_len, runs))
		return -1;
	for (size_t i = 0; i < t.started_len; i++)
		judge(s, &twin, t.defs[t.started[i]], &runs[i], &t.rows[t.started[i]]);
	for (size_t i = 0; i < t.len; i++) {
		const struct estimate share = stats_share(t.rows[i].successes, t.rows[i].trials);

		t.rows[i].low = share.low;
		t.rows[i].high = share.high;
		vec_push(s->c->a, &ret->rows, t.rows[i]);
	}
	return attack_replay(s, v, &twin, ret);
}

/* One that cannot be built keeps its reason, and the others go on; with a full disk none could. */
static int attack_variant(struct attack_session *s, const struct variant *v,
			  struct attack_profile *ret)
{
	struct attack_session own = *s;
	struct ctx c = *s->c;
	struct diags d;

	diags_init(&d, c.a);
	c.d = &d;
	own.c = &c;
	*ret = (struct attack_profile){.profile = v->name, .spec = v->spec ? v->spec : ""};
	if (run_check_tools(c.a, s->platform, &d) || attack_profile(&own, v, ret))
		ret->problem = "it failed without saying why";
	if (ret->problem && diags_first_error(&d)) {
		ret->problem = diags_first_error(&d)->text;
		if (!s->cause)
			s->cause = diags_first_error(&d);
	}
	s->done = own.done;
	return ret->problem ? compile_check_room(s->c->out_dir, s->c->d) : 0;
}

static bool is_named(const struct strs *only, const char *name)
{
	for (size_t i = 0; i < only->len; i++)
		if (strstr(name, only->v[i]))
			return true;
	return !only->len;
}

#define REPLAYS "REPLAY"

/* A name that is part of no attack's would choose nothing, and nothing would be all that is stopped. */
static int check_names(const struct attack_session *s, const struct strs *only, struct diags *d)
{
	for (size_t i = 0; i < only->len; i++) {
		bool is_known = strstr(REPLAYS, only->v[i]) != NULL;

		for (size_t k = 0; k < s->defs.len && !is_known; k++)
			is_known = strstr(s->defs.v[k].name, only->v[i]) != NULL;
		if (is_known)
			continue;
		(void)diag_fail(d, DIAG_USAGE, "no attack has '%s' in its name", only->v[i]);
		return diag_hint(d, "'ukbuild attack --dry-run' lists them");
	}
	return 0;
}

/* Where a start takes long, of the matrix only the cells that stand for the rest. */
static size_t choose_attacks(struct attack_session *s, const struct attack_opts *o)
{
	const struct platform_host *host = run_host(s->platform);
	bool is_slow = !o->is_all && !(host && host->is_native);
	size_t wanted = 0;

	s->is_wanted = arena_array(s->c->a, s->defs.len + 1, sizeof(*s->is_wanted));
	for (size_t i = 0; i < s->defs.len; i++) {
		s->is_wanted[i] = is_named(&o->only, s->defs.v[i].name) &&
				  (!is_slow || s->defs.v[i].is_quick);
		wanted += s->is_wanted[i];
	}
	s->has_replay = is_named(&o->only, REPLAYS);
	return wanted;
}

static void add_fact(struct arena *a, struct attack_table *t, const char *name, const char *value)
{
	struct attack_fact f = {name, value};

	vec_push(a, &t->method, f);
}

static void add_method(const struct attack_session *s, size_t wanted, bool is_chosen,
		       struct attack_table *ret)
{
	struct arena *a = s->c->a;

	add_fact(a, ret, "image",
		 "a twin of the image: the same objects, options and seed, and the attacks beside "
		 "the program");
	add_fact(a, ret, "start", "a fresh one for each attack");
	add_fact(a, ret, "attacks",
		 wanted == s->defs.len ? arena_printf(a, "all %zu", wanted)
		 : is_chosen           ? arena_printf(a, "%zu of %zu, by name", wanted, s->defs.len)
				       : arena_printf(a, "%zu of %zu; '--all' has the rest", wanted,
						      s->defs.len));
	add_fact(a, ret, "knowledge",
		 "attacks know every address and the image; what not knowing is worth is in the "
		 "replays");
	add_fact(a, ret, "intervals", "95 %, Wilson's score");
}

const char *attack_why_left_out(struct arena *a, const struct tree *t, const char *platform,
				const char *profile)
{
	const struct unit *u = tree_find(t, UNIT_MECHANISM, profile);
	const struct platform_status *s = u ? mechanism_status(u, platform) : NULL;

	return s && s->standing == STANDS_REFUSED
		       ? arena_printf(a, "%s refuses it: %s", platform, s->reason ? s->reason : "")
		       : NULL;
}

/* Adds to *good the profiles that could be attacked. */
static int attack_platform(struct attack_session *s, const struct attack_opts *o,
			   const struct variants *variants, struct attack_table *ret, size_t *good)
{
	size_t wanted = choose_attacks(s, o);

	*ret = (struct attack_table){.name = s->manifest->name.s, .platform = s->platform};
	add_method(s, wanted, o->only.len > 0, ret);
	s->total = (wanted + attack_replay_starts(s)) * variants->len;
	s->done = 0;
	for (size_t i = 0; i < variants->len; i++) {
		const char *why = is_all_profiles(&o->profiles)
					  ? attack_why_left_out(s->c->a, s->tree, s->platform,
								variants->v[i].name)
					  : NULL;
		struct attack_profile p;

		if (why) {
			add_fact(s->c->a, ret,
				 arena_printf(s->c->a, "without %s", variants->v[i].name), why);
			continue;
		}
		if (attack_variant(s, &variants->v[i], &p))
			return -1;
		*good += !p.problem;
		vec_push(s->c->a, &ret->profiles, p);
	}
	log_progress_end();
	return 0;
}

int attack_run(struct ctx *c, const struct manifest *m, const struct attack_opts *o,
	       struct attack_table *ret)
{
	struct attack_session s = {.c = c, .manifest = m};
	struct variants variants = {0};
	size_t good = 0;

	s.tree = tree_load(c->a, c->home, c->d);
	if (!s.tree || attack_list(c->a, s.tree, &s.defs, &s.files, c->d) ||
	    check_names(&s, &o->only, c->d) ||
	    choose_profiles(c, s.tree, m, &o->profiles, &variants))
		return -1;
	for (size_t i = 0; i < m->platforms.len; i++) {
		struct attack_table t;

		s.platform = m->platforms.v[i].s;
		if (attack_platform(&s, o, &variants, &t, &good))
			return -1;
		if (i)
			vec_push(c->a, &ret->others, t);
		else
			*ret = t;
	}
	if (!good && s.cause)
		return diag_because(c->d, s.cause, "no profile could be attacked; '%s'",
				    ret->profiles.v[0].profile);
	if (!good)
		return diag_fail(c->d, DIAG_BUG, "no profile could be attacked; '%s': %s",
				 ret->profiles.v[0].profile, ret->profiles.v[0].problem);
	return 0;
}
