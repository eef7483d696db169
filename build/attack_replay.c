/* SPDX-License-Identifier: BSD-2-Clause */
/* See attack_replay.h. What the guest's side prints and takes is in attacks/replay.c. */
#include "attack_replay.h"

#include "base/arena.h"
#include "base/log.h"
#include "cmd.h"
#include "code.h"
#include "harden.h"
#include "run.h"
#include "stats.h"
#include "variants.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the guest prints: attacks/replay.c. */
#define SAYS_SUCCEEDED "replay: succeeded"
/* Starts that are compared, and builds with other seeds. */
#define NATIVE_BOOTS 20
#define EMULATED_BOOTS 8
#define SEEDS 3

enum {
	SAID_IMAGE,
	SAID_HALF,
	SAID_STACK,
	SAID_HEAP,
	SAID_CANARY,
	SAID_VALUES,
};
static const char *const said_names[SAID_VALUES] = {"image", "half", "stack", "heap", "canary"};

/* What each boot printed: values[what * boots + boot]. */
struct recording {
	uint64_t *values;
	size_t boots;
};

struct attack_entropy attack_entropy_of(const char *what, const uint64_t *values, size_t n)
{
	struct attack_entropy e = {.what = what, .boots = n};
	uint64_t varying = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_new = true;

		varying |= values[i] ^ values[0];
		for (size_t k = 0; k < i; k++)
			is_new = is_new && values[k] != values[i];
		e.distinct += is_new;
	}
	for (unsigned bit = 0; bit < 64; bit++)
		if (varying >> bit & 1) {
			e.lowest_bit = e.varying_bits ? e.lowest_bit : bit;
			e.varying_bits++;
		}
	return e;
}

/* The value of "NAME hex" on the console. */
static bool read_value(const char *console, const char *name, uint64_t *ret)
{
	size_t len = strlen(name);

	for (const char *line = console; *line;) {
		if (str_starts(line, name) && line[len] == ' ') {
			*ret = strtoull(line + len + 1, NULL, 16);
			return true;
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}

static int record(struct attack_session *s, const struct attack_twin *twin, const char *progress,
		  size_t boots, struct recording *ret)
{
	struct strs *args = arena_array(s->c->a, boots, sizeof(*args));
	struct run *runs = arena_array(s->c->a, boots, sizeof(*runs));

	ret->boots = boots;
	ret->values = arena_array(s->c->a, boots * SAID_VALUES, sizeof(*ret->values));
	for (size_t i = 0; i < boots; i++) {
		strs_push(s->c->a, &args[i], "replay");
		strs_push(s->c->a, &args[i], "addresses");
	}
	if (attack_start_all(s, twin, progress, args, NULL, boots, runs))
		return -1;
	for (size_t i = 0; i < boots; i++)
		for (size_t what = 0; what < SAID_VALUES; what++)
			if (!read_value(runs[i].console, said_names[what],
					&ret->values[what * boots + i]))
				return diag_fail(s->c->d, DIAG_GUEST,
						 "the twin does not say where its %s is",
						 said_names[what]);
	return 0;
}

/* Bits that are drawn for each value: the layout functions' and the canary's, tests/unit/test_layout.c. */
static unsigned drawn_bits(const struct attack_session *s, const struct attack_twin *twin, int what)
{
	const char *aslr = attack_twin_level(s->c->a, twin, "aslr");

	if (what == SAID_CANARY)
		return attack_twin_level(s->c->a, twin, "canary") ? ATTACK_CANARY_BITS : 0;
	if (!aslr || str_eq(aslr, "link"))
		return 0;
	return what == SAID_STACK  ? ATTACK_STACK_BITS
	       : what == SAID_HEAP ? ATTACK_HEAP_BITS
				   : ATTACK_IMAGE_BITS;
}

static void add_entropy(const struct attack_session *s, const struct attack_twin *twin,
			const struct recording *r, struct attack_profile *ret)
{
	static const int shown[] = {SAID_IMAGE, SAID_STACK, SAID_HEAP, SAID_CANARY};

	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		struct attack_entropy e = attack_entropy_of(
			said_names[shown[i]], r->values + (size_t)shown[i] * r->boots, r->boots);

		e.drawn_bits = drawn_bits(s, twin, shown[i]);
		vec_push(s->c->a, &ret->entropy, e);
	}
}

/* One of the replays: what was recorded, used in another boot. */
struct replay {
	const char *name, *how;
	int what;
};
static const struct replay replays[] = {
	{"REPLAY_POINTER", "pointer", SAID_IMAGE},
	{"REPLAY_LOW_BYTE", "byte", SAID_HALF},
};

static void push_args(struct arena *a, const struct replay *how, uint64_t value, struct strs *ret)
{
	strs_push(a, ret, "replay");
	strs_push(a, ret, how->how);
	strs_pushf(a, ret, "%" PRIx64, how->what == SAID_HALF ? value & 0xff : value);
}

static void count_run(const struct run *r, struct attack_row *ret)
{
	ret->trials++;
	if (strstr(r->console, SAYS_SUCCEEDED))
		ret->successes++;
	else if (r->end == RUN_TRAPPED && !str_eq(r->mechanism, "fault"))
		ret->by = r->mechanism;
}

static void finish_row(struct attack_row *r)
{
	struct estimate share = stats_share(r->successes, r->trials);

	r->low = share.low;
	r->high = share.high;
	r->outcome = r->successes ? ATTACK_SUCCEEDED : r->by ? ATTACK_STOPPED : ATTACK_FAILED;
	if (r->successes)
		r->by = NULL;
}

/* Replays from one recording against starts of a twin, which may be another. */
static int replay_all(struct attack_session *s, const struct attack_twin *twin,
		      const char *progress, const struct recording *from, size_t starts,
		      struct attack_row *rows)
{
	const size_t n = ARRAY_LEN(replays) * starts;
	struct strs *args = arena_array(s->c->a, n, sizeof(*args));
	struct run *runs = arena_array(s->c->a, n, sizeof(*runs));

	for (size_t i = 0; i < n; i++) {
		const struct replay *how = &replays[i / starts];
		const uint64_t *values = from->values + (size_t)how->what * from->boots;

		push_args(s->c->a, how, values[i % starts % from->boots], &args[i]);
	}
	if (attack_start_all(s, twin, progress, args, NULL, n, runs))
		return -1;
	for (size_t i = 0; i < n; i++)
		count_run(&runs[i], &rows[i / starts]);
	return 0;
}

static void begin_rows(struct arena *a, const char *suffix, struct attack_row *rows)
{
	for (size_t h = 0; h < ARRAY_LEN(replays); h++)
		rows[h] = (struct attack_row){
			.attack = arena_printf(a, "%s_%s", replays[h].name, suffix),
			.group = "replay",
			.adversary = "A2",
		};
}

static void push_rows(struct arena *a, struct attack_row *rows, struct attack_profile *ret)
{
	for (size_t h = 0; h < ARRAY_LEN(replays); h++) {
		finish_row(&rows[h]);
		vec_push(a, &ret->rows, rows[h]);
	}
}

/* The same program built with other seeds: an attacker who has a copy, but not this one. */
static int replay_builds(struct attack_session *s, const struct variant *v, size_t boots,
			 const struct recording *from, struct attack_profile *ret)
{
	struct attack_row rows[ARRAY_LEN(replays)];

	begin_rows(s->c->a, "BUILD", rows);
	for (size_t i = 0; i < SEEDS; i++) {
		const char *seed = arena_printf(s->c->a, "%064zx", i + 1);
		const struct attack_twin_in in = {.manifest = s->manifest,
						  .platform = s->platform,
						  .spec = v->spec,
						  .seed = seed,
						  .defs = &s->defs,
						  .files = &s->files};
		struct attack_twin other;

		if (attack_twin_build(s->c, &in, &other) ||
		    replay_all(s, &other, arena_printf(s->c->a, "%s: another seed", v->name), from,
			       (boots + SEEDS - 1) / SEEDS, rows))
			return -1;
	}
	push_rows(s->c->a, rows, ret);
	return 0;
}

/*
 * Where a changed function pointer can lead: without checks to each byte of text, with them to the functions
 * of one type. A count, no trial.
 */
static int count_targets(const struct attack_session *s, const struct attack_twin *twin,
			 struct attack_profile *ret)
{
	struct attack_row row = {.attack = "CALL_TARGETS",
				 .group = "targets",
				 .adversary = "A2",
				 .outcome = ATTACK_SUCCEEDED};
	uint64_t start, end;
	struct code code;

	if (!image_symbol(twin->image, "__text_start", &start) ||
	    !image_symbol(twin->image, "__text_end", &end))
		return diag_fail(s->c->d, DIAG_BUG, "the twin has no text");
	if (code_open(s->c->a, twin->image, &code, s->c->d))
		return -1;
	row.trials = row.successes = end - start;
	for (size_t i = 0; i < mechanisms_len; i++) {
		struct verdict v = mechanism_verdict(mechanisms[i], &code);

		if (v.largest_class) {
			row.successes = v.largest_class;
			row.outcome = ATTACK_STOPPED;
			row.by = mechanisms[i]->name;
		}
	}
	code_close(&code);
	row.low = row.high = (double)row.successes / (double)row.trials;
	vec_push(s->c->a, &ret->rows, row);
	return 0;
}

static size_t attack_boots(const struct attack_session *s)
{
	const struct platform_host *host = run_host(s->platform);

	return host && host->is_native ? NATIVE_BOOTS : EMULATED_BOOTS;
}

size_t attack_replay_starts(const struct attack_session *s)
{
	const size_t boots = attack_boots(s), each = (boots + SEEDS - 1) / SEEDS;

	return s->has_replay ? boots + ARRAY_LEN(replays) * (boots + SEEDS * each) : 0;
}

int attack_replay(struct attack_session *s, const struct variant *v, const struct attack_twin *twin,
		  struct attack_profile *ret)
{
	size_t boots = attack_boots(s);
	const char *progress = arena_printf(s->c->a, "%s: replays", v->name);
	struct attack_row rows[ARRAY_LEN(replays)];
	struct recording from;

	if (!s->has_replay)
		return 0;
	if (record(s, twin, progress, boots, &from))
		return -1;
	add_entropy(s, twin, &from, ret);
	begin_rows(s->c->a, "BOOT", rows);
	if (replay_all(s, twin, progress, &from, boots, rows))
		return -1;
	push_rows(s->c->a, rows, ret);
	return replay_builds(s, v, boots, &from, ret) || count_targets(s, twin, ret) ? -1 : 0;
}
