/* SPDX-License-Identifier: BSD-2-Clause */
/* arena, str, map, units, hash, json, diag. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "base/units.h"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void arena_zeroes_and_aligns(void **state)
{
	struct arena *a = *state;

	for (size_t size = 0; size < 100000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void vec_keeps_values(void **state)
{
	struct arena *a = *state;
	struct {
		size_t *v;
		size_t len, cap;
	} vec = {0};

	for (size_t i = 0; i < 1000; i++)
		vec_push(a, &vec, i);
	assert_int_equal(vec.len, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(vec.v[i], i);
}

static void lists(void **state)
{
	struct arena *a = *state;
	struct strs l = {0};

	strs_split(a, &l, "  b a\tc\nb ");
	assert_int_equal(l.len, 4);
	assert_string_equal(strs_join(a, &l, "|"), "b|a|c|b");
	strs_sort_uniq(&l);
	assert_string_equal(strs_join(a, &l, "|"), "a|b|c");
	assert_false(strs_add(a, &l, "b"));
	assert_true(strs_add(a, &l, "d"));
	strs_pushf(a, &l, "%s-%d", "e", 5);
	assert_string_equal(l.v[4], "e-5");
	l.len = 0;
	assert_string_equal(strs_join(a, &l, "|"), "");
}

static void predicates(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "ab"));
	assert_false(str_starts("a", "ab"));
	assert_true(str_ends("abc", "bc"));
	assert_true(str_ends("abc", ""));
	assert_false(str_ends("c", "bc"));
}

static void suggestions(void **state)
{
	static const char *const keys[] = {"sources", "memory", "env", "args"};

	(void)state;
	assert_string_equal(str_suggest("source", keys, 4), "sources");
	assert_string_equal(str_suggest("memroy", keys, 4), "memory");
	assert_string_equal(str_suggest("agrs", keys, 4), "args");
	assert_null(str_suggest("zzzz", keys, 4));
	assert_null(str_suggest("", keys, 4));
	assert_null(str_suggest(
		"a-very-long-word-that-is-longer-than-any-key-could-ever-be-in-here", keys, 4));
}

static void shell_quoting(void **state)
{
	struct arena *a = *state;

	assert_string_equal(str_shell_quote(a, "plain-1.c"), "plain-1.c");
	assert_string_equal(str_shell_quote(a, ""), "''");
	assert_string_equal(str_shell_quote(a, "a b"), "'a b'");
	assert_string_equal(str_shell_quote(a, "it's"), "'it'\\''s'");
	assert_string_equal(str_shell_quote(a, "$x"), "'$x'");
}

static void response_files(void **state)
{
	static const char *const words[] = {"plain.o", "a b", "q\"uote", "back\\slash", "$#'"};
	struct arena *a = *state;
	struct strs l = {0}, back = {0};
	const char *text;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strs_push(a, &l, words[i]);
	text = strs_to_response(a, &l);
	assert_non_null(strstr(text, "\"a b\"\n\"q\\\"uote\"\n"));
	strs_from_response(a, &back, text);
	assert_int_equal(back.len, l.len);
	for (size_t i = 0; i < l.len; i++)
		assert_string_equal(back.v[i], words[i]);
	strs_from_response(a, &back, "\"open \\");
	assert_int_equal(back.len, l.len + 1);
}

static void maps(void **state)
{
	struct arena *a = *state;
	struct map *m = map_new(a);
	bool found;

	for (size_t i = 0; i < 5000; i++)
		map_put(m, arena_printf(a, "key%zu", i), (void *)(i + 1));
	map_put(m, "key7", NULL);
	for (size_t i = 0; i < 5000; i++) {
		uintptr_t want = i == 7 ? 0 : i + 1;

		assert_int_equal((uintptr_t)map_get(m, arena_printf(a, "key%zu", i), &found), want);
		assert_true(found);
	}
	assert_null(map_get(m, "absent", &found));
	assert_false(found);
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"0", 0},        {"4096", 4096},    {"512K", 512 << 10}, {"28KiB", 28 << 10},
		{"8M", 8 << 20}, {"8MiB", 8 << 20}, {"1G", 1 << 30},     {"7B", 7},
	};
	static const char *const bad[] = {"",
					  "K",
					  "8 M",
					  "-1",
					  "8MB",
					  "8m",
					  "1.5M",
					  "0x10",
					  "8M ",
					  "99999999999999999999",
					  "18446744073709551615K"};
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(units_bytes(good[i].text, &n));
		assert_int_equal(n, good[i].bytes);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(units_bytes(bad[i], &n));
}

static void shares_times_counts(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(units_permille("3%", &n) && n == 30);
	assert_true(units_permille("2.5%", &n) && n == 25);
	assert_false(units_permille("3", &n));
	assert_false(units_permille("2.55%", &n));
	assert_false(units_permille(".5%", &n));
	assert_true(units_ms("10s", &n) && n == 10000);
	assert_true(units_ms("10", &n) && n == 10000);
	assert_true(units_ms("250ms", &n) && n == 250);
	assert_true(units_ms("2m", &n) && n == 120000);
	assert_false(units_ms("2h", &n));
	assert_true(units_count("30_000", &n) && n == 30000);
	assert_false(units_count("30_", &n));
	assert_false(units_count("_3", &n));
}

/* FIPS 180-4 example "abc" (NIST CSRC, SHA256.pdf). */
static void sha256(void **state)
{
	char hex[HASH_HEX];
	uint8_t sum[HASH_BYTES];
	struct hash h;

	(void)state;
	hash_init(&h);
	hash_add(&h, "a", 1);
	hash_add(&h, "bc", 2);
	hash_end(&h, sum);
	hash_hex(sum, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void strings_do_not_run_together(void **state)
{
	uint8_t one[HASH_BYTES], two[HASH_BYTES];
	struct hash h;

	(void)state;
	hash_init(&h);
	hash_add_str(&h, "a");
	hash_add_str(&h, "b");
	hash_end(&h, one);
	hash_init(&h);
	hash_add_str(&h, "ab");
	hash_add_str(&h, "");
	hash_end(&h, two);
	assert_memory_not_equal(one, two, HASH_BYTES);
}

static void streams_repeat_and_are_uniform(void **state)
{
	uint8_t seed[32] = {1}, x[100], y[100];
	unsigned counts[7] = {0};
	struct stream s, t;

	(void)state;
	stream_init(&s, seed, "label");
	stream_init(&t, seed, "label");
	stream_bytes(&s, x, 100);
	stream_bytes(&t, y, 33);
	stream_bytes(&t, y + 33, 67);
	assert_memory_equal(x, y, 100);
	stream_init(&t, seed, "lobel");
	stream_bytes(&t, y, 100);
	assert_memory_not_equal(x, y, 100);
	for (unsigned i = 0; i < 70000; i++)
		counts[stream_below(&s, 7)]++;
	for (unsigned i = 0; i < 7; i++)
		assert_in_range(counts[i], 9600, 10400); /* more than four standard deviations */
	assert_int_equal(stream_below(&s, 1), 0);
}

static void errors_decide_the_exit_code(void **state)
{
	struct diags d;

	diags_init(&d, *state);
	diag_warn(&d, loc_none, "careful");
	assert_int_equal(diags_exit_code(&d), 0);
	assert_int_equal(diag_fail(&d, DIAG_GUEST, "it crashed"), -1);
	assert_int_equal(diag_error(&d, loc_none, "also"), -1);
	assert_int_equal(diags_exit_code(&d), 5);
}

static char *printed(struct arena *a, const struct diags *d)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);
	char *copy;

	diags_print(d, f, false);
	fclose(f);
	copy = arena_memdup(a, buf, len);
	free(buf);
	return copy;
}

static void diagnostics_show_the_line(void **state)
{
	struct arena *a = *state;
	FILE *f = fopen("diag.txt", "w");
	struct diags d;

	assert_non_null(f);
	fputs("first\n\tkey: \xc3\xa4\trger\n", f);
	fclose(f);
	diags_init(&d, a);
	(void)diag_error(&d, (struct loc){"diag.txt", 2, 7}, "bad '%s'", "value");
	(void)diag_hint(&d, "good");
	diag_note(&d, (struct loc){"diag.txt", 2, 9}, "esc \033[31m");
	(void)diag_error(&d, (struct loc){"diag.txt", 99, 1}, "past the end");
	assert_string_equal(printed(a, &d), "diag.txt:2:7: error: bad 'value'\n"
					    "    2 | \tkey: \xc3\xa4\trger\n"
					    "      | \t     ^\n"
					    "hint: good\n"
					    "diag.txt:2:9: note: esc ?[31m\n"
					    "    2 | \tkey: \xc3\xa4\trger\n"
					    "      | \t      \t^\n"
					    "diag.txt:99:1: error: past the end\n");
}

static void errors_are_limited(void **state)
{
	struct arena *a = *state;
	struct diags d;

	diags_init(&d, a);
	for (int i = 0; i < 50; i++) {
		(void)diag_error(&d, loc_none, "number %d", i);
		(void)diag_hint(&d, "hint %d", i);
	}
	assert_int_equal(d.errors, 50);
	assert_int_equal(d.len, DIAG_MAX_ERRORS);
	assert_string_equal(d.v[19].hint, "hint 19");
	assert_non_null(strstr(printed(a, &d), "30 more errors are not shown"));
}

static void json_errors_have_places(void **state)
{
	struct diags d;
	json_t *j;

	diags_init(&d, *state);
	j = json_parse("x.json", "{\"a\":\n 1", 8, &d);
	assert_null(j);
	assert_int_equal(d.v[0].loc.line, 2);
	j = json_parse("x.json", "[1, \"b\"]", 8, &d);
	assert_non_null(j);
	assert_string_equal(json_text(*state, j), "[\n  1,\n  \"b\"\n]\n");
	json_decref(j);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(arena_zeroes_and_aligns),
		T(vec_keeps_values),
		T(lists),
		T(predicates),
		T(suggestions),
		T(shell_quoting),
		T(response_files),
		T(maps),
		T(sizes),
		T(shares_times_counts),
		T(sha256),
		T(strings_do_not_run_together),
		T(streams_repeat_and_are_uniform),
		T(errors_decide_the_exit_code),
		T(diagnostics_show_the_line),
		T(errors_are_limited),
		T(json_errors_have_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
