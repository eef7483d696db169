/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of attacks: its JSON form there and back, its sums, files that are none. */
#include "../../libs/plat/include/uk/layout.h"
#include "attack.h"
#include "attack_list.h"
#include "attack_replay.h"
#include "attack_run.h"
#include "base/str.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static void add_row(struct attack_profile *p, const char *attack, enum attack_outcome outcome,
		    const char *by, const char *reason)
{
	struct attack_row r = {
		.attack = attack,
		.group = "lkdtm",
		.adversary = "A1",
		.outcome = outcome,
		.by = by,
		.reason = reason,
		.is_promised = by != NULL,
		.trials = 20,
		.successes = outcome == ATTACK_SUCCEEDED ? 20 : 0,
		.low = 0.25,
		.high = 0.5,
	};

	vec_push(arena, &p->rows, r);
}

static struct attack_table example(void)
{
	struct attack_table t = {.name = "hello", .platform = "process"};
	struct attack_table other = {.name = "hello", .platform = "kvm"};
	struct attack_profile p = {.profile = "default", .spec = "default"};
	struct attack_entropy e = {"stack", 20, 19, 33, 12, 41};
	struct attack_fact f = {"seed", "0"};

	add_row(&p, "WRITE_RO", ATTACK_STOPPED, "wx", NULL);
	add_row(&p, "REPLAY", ATTACK_SUCCEEDED, NULL, NULL);
	add_row(&p, "STACKLEAK", ATTACK_FAILED, NULL, NULL);
	add_row(&p, "DMA", ATTACK_ABSENT, NULL, "no device");
	vec_push(arena, &p.entropy, e);
	vec_push(arena, &t.method, f);
	vec_push(arena, &t.profiles, p);
	vec_push(arena, &other.profiles, p);
	vec_push(arena, &t.others, other);
	return t;
}

static void test_sums(void **state)
{
	struct attack_table t = example();
	const struct attack_profile *p = attack_profile_named(&t, "default");

	(void)state;
	assert_non_null(p);
	assert_null(attack_profile_named(&t, "none"));
	assert_int_equal(attack_tried(p), 3);
	assert_int_equal(attack_succeeded(p), 1);
	assert_string_equal(attack_row_named(p, "WRITE_RO")->by, "wx");
	assert_null(attack_row_named(p, "EXEC_NULL"));
}

static void test_round_trip(void **state)
{
	struct attack_table t = example(), back;
	json_t *j = attack_to_json(&t), *again;
	const struct attack_row *r;

	(void)state;
	assert_int_equal(attack_from_json(arena, "x", j, &back, &diags), 0);
	again = attack_to_json(&back);
	assert_true(json_equal(j, again));
	assert_int_equal(back.others.len, 1);
	r = attack_row_named(&back.profiles.v[0], "DMA");
	assert_int_equal(r->outcome, ATTACK_ABSENT);
	assert_string_equal(r->reason, "no device");
	assert_null(r->by);
	assert_int_equal(back.profiles.v[0].entropy.v[0].drawn_bits, 41);
	json_decref(again);
	json_decref(j);
}

static void test_file(void **state)
{
	struct attack_table t = example(), back;
	const char *path = attack_path(arena, "attack-out", "hello");

	(void)state;
	assert_int_equal(attack_store(arena, path, &t, &diags), 0);
	assert_int_equal(attack_load(arena, path, &back, &diags), 0);
	assert_string_equal(back.platform, "process");
	assert_int_equal(attack_load(arena, "attack-out/none.json", &back, &diags), -1);
}

static void refuse(const char *text)
{
	struct attack_table back;
	json_t *j = json_parse("x", text, strlen(text), &diags);

	assert_non_null(j);
	assert_int_equal(attack_from_json(arena, "x", j, &back, &diags), -1);
	json_decref(j);
}

static void test_refused(void **state)
{
	(void)state;
	refuse("[]");
	refuse("{\"version\": 2, \"profiles\": [{}]}");
	refuse("{\"version\": 1, \"profiles\": []}");
	refuse("{\"version\": 1, \"profiles\": [{}], \"others\": [{}]}");
	assert_non_null(strstr(diags.v[0].text, "no table of attacks"));
}

static void test_entropy(void **state)
{
	const uint64_t values[] = {0x1000, 0x3000, 0x1000, 0x9000}, same[] = {7, 7, 7};
	struct attack_entropy e = attack_entropy_of("image", values, 4);

	(void)state;
	assert_int_equal(e.boots, 4);
	assert_int_equal(e.distinct, 3);
	assert_int_equal(e.varying_bits, 2);
	assert_int_equal(e.lowest_bit, 13);
	e = attack_entropy_of("image", same, 3);
	assert_int_equal(e.distinct, 1);
	assert_int_equal(e.varying_bits, 0);
	assert_int_equal(ATTACK_IMAGE_BITS, UK_LAYOUT_IMAGE_BITS);
	assert_int_equal(ATTACK_STACK_BITS, UK_LAYOUT_STACK_BITS + UK_LAYOUT_OFFSET_BITS);
	assert_in_range(ATTACK_HEAP_BITS, UK_LAYOUT_RAM_BITS, 64);
}

static const struct attack_def *cell(const struct attack_defs *l, const char *name)
{
	for (size_t i = 0; i < l->len; i++)
		if (str_eq(l->v[i].name, name))
			return &l->v[i];
	return NULL;
}

/* Each cell once; what stops it follows from target, technique and payload. */
static void test_matrix(void **state)
{
	struct attack_defs l = {0};
	const struct attack_def *d;

	(void)state;
	attack_matrix(arena, &l);
	for (size_t i = 0; i < l.len; i++)
		assert_ptr_equal(cell(&l, l.v[i].name), &l.v[i]);
	assert_null(cell(&l, "heap/return/direct/function"));
	assert_null(cell(&l, "stack/return/direct/same"));
	assert_null(cell(&l, "stack/local/direct/function"));
	d = cell(&l, "stack/return/direct/fragment");
	assert_string_equal(d->adversary, "A1");
	assert_true(strs_has(&d->stops, "canary") && !strs_has(&d->stops, "cfi"));
	d = cell(&l, "heap/return/indirect/inject");
	assert_string_equal(d->adversary, "A2");
	assert_true(strs_has(&d->stops, "wx") && !strs_has(&d->stops, "canary"));
	d = cell(&l, "bss/jump-bss/leak/fragment");
	assert_string_equal(d->adversary, "A3");
	assert_true(strs_has(&d->stops, "setjmp"));
	d = cell(&l, "data/table-data/direct/same");
	assert_int_equal(d->stops.len, 0);
	d = cell(&l, "data/table-data/direct/other");
	assert_true(strs_has(&d->stops, "cfi"));
	assert_int_equal(attack_effect_of(&l, "cfi", "A3"), EFFECT_STOPS);
	assert_int_equal(attack_effect_of(&l, "canary", "A2"), EFFECT_NOTHING);
	assert_int_equal(attack_effect_of(&l, "aslr", "A2"), EFFECT_COSTS);
}

static void test_directives(void **state)
{
	static const char text[] = "/* SPDX */\n/* attack: EXEC_NULL */\n/* adversary: A3 */\n"
				   "/* levels: a b */\n/* platforms: kvm */\n/* stops: wx */\n"
				   "int main(int argc, char **argv)\n";
	struct attack_def d;

	(void)state;
	assert_true(attack_parse(arena, "x/exec_null.c", "nullpage", text, &d));
	assert_string_equal(d.name, "EXEC_NULL");
	assert_string_equal(d.program, "exec_null");
	assert_string_equal(d.group, "lkdtm");
	assert_string_equal(d.adversary, "A3");
	assert_int_equal(d.levels.len, 2);
	assert_true(strs_has(&d.stops, "nullpage") && strs_has(&d.stops, "wx"));
	assert_true(d.has_arguments);
	assert_true(attack_parse(arena, "x/y.c", NULL, "/* attack: OWN */\nint main(void)\n", &d));
	assert_string_equal(d.group, "mechanism");
	assert_string_equal(d.adversary, "A2");
	assert_int_equal(d.stops.len, 0);
	assert_false(d.has_arguments);
	assert_false(attack_parse(arena, "x/y.c", NULL, "/* a file */\nint main(void)\n", &d));
}

static void check_one(const char *spec, const char *adversary, enum attack_outcome outcome,
		      bool is_promised, int wanted)
{
	struct attack_table t = {.name = "x", .platform = "kvm"};
	struct attack_profile p = {.profile = spec, .spec = spec};
	struct attack_row r = {.attack = "A",
			       .group = "matrix",
			       .adversary = adversary,
			       .outcome = outcome,
			       .is_promised = is_promised};

	vec_push(arena, &p.rows, r);
	vec_push(arena, &t.profiles, p);
	assert_int_equal(attack_check(arena, &t, &diags), wanted);
}

static void test_check(void **state)
{
	(void)state;
	check_one("default", "A1", ATTACK_STOPPED, true, 0);
	check_one("default", "A1", ATTACK_FAILED, true, 0);
	check_one("default", "A2", ATTACK_SUCCEEDED, false, 0);
	check_one("default", "A2", ATTACK_SUCCEEDED, true, -1);
	check_one("none", "A1", ATTACK_SUCCEEDED, false, 0);
	check_one("none", "A1", ATTACK_FAILED, false, -1);
}

/* One line of `expect` speaks for all attacks of the folder, and another for one of them. */
static void test_expected(void **unused)
{
	static const struct {
		const char *attack;
		bool is_harmless;
	} said[] = {{"SLAB_FREE_DOUBLE", false},
		    {"READ_AFTER_FREE", true},
		    {"RNG_BACKTRACK", true},
		    {"RNG_STUCK", false}};
	const struct tree *t = tree_load(arena, getenv("UKB_ROOT"), &diags);
	struct attack_defs defs = {0};
	struct strs files = {0};
	size_t found = 0;

	(void)unused;
	assert_non_null(t);
	assert_int_equal(attack_list(arena, t, &defs, &files, &diags), 0);
	for (size_t i = 0; i < defs.len; i++)
		for (size_t k = 0; k < ARRAY_LEN(said); k++)
			if (str_eq(defs.v[i].name, said[k].attack)) {
				assert_int_equal(defs.v[i].is_harmless, said[k].is_harmless);
				found++;
			}
	assert_int_equal(found, ARRAY_LEN(said));
}

/* "all" has what can be had; what is refused comes with the platform's reason, which is not empty. */
static void test_left_out(void **unused)
{
	const struct tree *t = tree_load(arena, getenv("UKB_ROOT"), &diags);
	const char *why;

	(void)unused;
	assert_non_null(t);
	why = attack_why_left_out(arena, t, "process", "cet");
	assert_non_null(why);
	assert_true(str_starts(why, "process refuses it: ") && why[strlen("process refuses it: ")]);
	assert_null(attack_why_left_out(arena, t, "kvm", "cet"));
	assert_null(attack_why_left_out(arena, t, "process", "wx"));
	assert_null(attack_why_left_out(arena, t, "process", "default"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_sums),
		T(test_round_trip),
		T(test_file),
		T(test_refused),
		cmocka_unit_test(test_entropy),
		T(test_matrix),
		T(test_directives),
		T(test_check),
		T(test_expected),
		T(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
