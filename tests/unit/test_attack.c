/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of attacks: its JSON form there and back, its sums, files that are none. */
#include "attack.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct diags diags;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	diags_init(&diags, arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sums, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
