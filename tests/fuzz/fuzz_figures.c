/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A result that somebody hands to `compare`: its first line is the conditions, the rest the file. It is compared with
 * itself in all formats; and what is written of it and read again is the same.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "compare.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_cost(struct arena *a, const struct cost *cost, struct diags *d)
{
	json_t *first = cost_to_json(cost), *second;
	struct cost again;

	if (cost_from_json(a, "again", first, &again, d))
		abort();
	second = cost_to_json(&again);
	if (!json_equal(first, second))
		abort();
	json_decref(first);
	json_decref(second);
}

static void check_attack(struct arena *a, const struct attack_table *attack, struct diags *d)
{
	json_t *first = attack_to_json(attack), *second;
	struct attack_table again;

	if (attack_from_json(a, "again", first, &again, d))
		abort();
	second = attack_to_json(&again);
	if (!json_equal(first, second))
		abort();
	json_decref(first);
	json_decref(second);
}

static void compare(struct arena *a, const struct compare_side *side, const char *conditions,
		    struct diags *d)
{
	struct compare_conditions wanted = {0};
	struct compare_judgements judgements = {0};
	struct tables tables = {0};
	struct strs judged = {0};
	struct comparison c;
	FILE *to;

	if (compare_parse(a, conditions, &wanted, d) ||
	    compare_sides(a, side, side, &judged, &c, d))
		return;
	for (size_t i = 0; i < wanted.len; i++)
		vec_push(a, &judgements, compare_judge(&c, &wanted.v[i]));
	to = fopen("/dev/null", "we");
	if (!to)
		abort();
	compare_tables(a, &c, &judgements, &tables);
	tables_text(a, &tables, to);
	tables_markdown(&tables, to);
	fclose(to);
	json_decref(compare_json(a, &c, &judgements));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const uint8_t *line_end = len ? memchr(data, '\n', len) : NULL;
	const size_t used = line_end ? (size_t)(line_end - data) + 1 : len;
	const char *conditions = arena_memdup(a, data, line_end ? used - 1 : used);
	struct compare_side side = {.path = "x.json", .name = "x"};
	struct diags d;
	json_t *j;

	diags_init(&d, a);
	j = json_parse("x.json", (const char *)data + used, len - used, &d);
	side.has_cost = j && !cost_from_json(a, "x.json", j, &side.cost, &d);
	side.has_attack = j && !attack_from_json(a, "x.json",
						 side.has_cost ? json_object_get(j, "attack") : j,
						 &side.attack, &d);
	json_decref(j);
	if (side.has_cost)
		check_cost(a, &side.cost, &d);
	if (side.has_attack)
		check_attack(a, &side.attack, &d);
	if (side.has_cost || side.has_attack)
		compare(a, &side, conditions, &d);
	arena_free(a);
	return 0;
}
