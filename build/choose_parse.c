/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of `harden` that are small languages: --budget and --weights. */
#include "choose_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/units.h"

#define WORD_MAX 63

static const char *const metric_names[CHOOSE_METRICS] = {
	[CHOOSE_OVERHEAD] = "overhead",
	[CHOOSE_IMAGE] = "image",
	[CHOOSE_MEMORY] = "memory",
	[CHOOSE_BOOT] = "boot",
};

const char *choose_metric_name(enum choose_metric m)
{
	return metric_names[m];
}

/* One "NAME=VALUE" of a list, and where each stands in the text. */
struct word {
	char name[WORD_MAX + 1], value[WORD_MAX + 1];
	size_t name_at, value_at;
};

static int next_word(const char *option, const char *text, size_t *at, struct word *ret,
		     struct diags *d)
{
	size_t name = strcspn(text + *at, "=,"), value;

	ret->name_at = *at;
	ret->value_at = *at + name + 1;
	if (!name || text[*at + name] != '=') {
		(void)diag_option(d, option, text, *at + (name ? name : 0),
				  name ? "'=' and a value are missing" : "a name is missing");
		return -1;
	}
	value = strcspn(text + ret->value_at, ",");
	if (!value)
		return diag_option(d, option, text, ret->value_at, "a value is missing");
	if (name > WORD_MAX || value > WORD_MAX)
		return diag_option(d, option, text, name > WORD_MAX ? *at : ret->value_at,
				   "no name and no value has more than %d characters", WORD_MAX);
	memcpy(ret->name, text + *at, name);
	ret->name[name] = '\0';
	memcpy(ret->value, text + ret->value_at, value);
	ret->value[value] = '\0';
	*at = ret->value_at + value;
	if (text[*at] == ',' && !text[*at + 1])
		return diag_option(d, option, text, *at + 1, "a name is missing");
	*at += text[*at] == ',';
	return 0;
}

static int unknown_name(const char *option, const char *text, const struct word *w,
			const char *const *names, size_t len, struct diags *d)
{
	const char *nearest = str_suggest(w->name, names, len);
	struct strs all = {0};

	for (size_t i = 0; i < len; i++)
		strs_push(d->arena, &all, names[i]);
	(void)diag_option(d, option, text, w->name_at, "there is no '%s'", w->name);
	return nearest ? diag_hint(d, "did you mean '%s'?", nearest)
		       : diag_hint(d, "names: %s", strs_join(d->arena, &all, ", "));
}

static int bad_value(const char *text, const struct word *w, enum choose_metric m, struct diags *d)
{
	static const char *const examples[CHOOSE_METRICS] = {"5% or 2.5%", "+20%, +8KiB or 64KiB",
							     "+20%, +64KiB or 2MiB",
							     "+100%, +50000 or 200000"};

	(void)diag_option(d, "--budget", text, w->value_at, "'%s' is no limit of '%s'", w->value,
			  w->name);
	return diag_hint(d, "for example %s=%s", w->name, examples[m]);
}

static int take_limit(const char *text, const struct word *w, enum choose_metric m,
		      struct choose_budget *ret, struct diags *d)
{
	bool has_sign = w->value[0] == '+';
	const char *s = w->value + has_sign;
	uint64_t n;

	ret->is_limited[m] = true;
	ret->is_change[m] = has_sign;
	if (units_permille(s, &n)) {
		/* Overhead is a share over none as it stands. */
		ret->is_share[m] = m != CHOOSE_OVERHEAD;
		ret->value[m] = (double)n / 10;
		if (m == CHOOSE_OVERHEAD || has_sign)
			return 0;
		(void)diag_option(d, "--budget", text, w->value_at,
				  "a share is one of the image with profile none: it needs a '+'");
		return diag_hint(d, "%s=+%s", w->name, s);
	}
	if (m == CHOOSE_OVERHEAD || (m == CHOOSE_BOOT ? !units_count(s, &n) : !units_bytes(s, &n)))
		return bad_value(text, w, m, d);
	ret->value[m] = (double)n;
	return 0;
}

int choose_parse_budget(const char *text, struct choose_budget *ret, struct diags *d)
{
	for (size_t at = 0; text[at];) {
		struct word w;
		size_t m = 0;

		if (next_word("--budget", text, &at, &w, d))
			return -1;
		while (m < CHOOSE_METRICS && !str_eq(w.name, metric_names[m]))
			m++;
		if (m == CHOOSE_METRICS)
			return unknown_name("--budget", text, &w, metric_names, CHOOSE_METRICS, d);
		if (ret->is_limited[m])
			return diag_option(d, "--budget", text, w.name_at, "'%s' stands twice",
					   w.name);
		if (take_limit(text, &w, (enum choose_metric)m, ret, d))
			return -1;
	}
	return 0;
}

int choose_parse_weights(const char *text, double ret[CHOOSE_ADVERSARIES], struct diags *d)
{
	static const char *const names[CHOOSE_ADVERSARIES] = {"A1", "A2", "A3"};
	bool seen[CHOOSE_ADVERSARIES] = {false};

	for (size_t i = 0; i < CHOOSE_ADVERSARIES; i++)
		ret[i] = 0;
	for (size_t at = 0; text[at];) {
		struct word w;
		size_t i = 0;
		uint64_t n;

		if (next_word("--weights", text, &at, &w, d))
			return -1;
		while (i < CHOOSE_ADVERSARIES && !str_eq(w.name, names[i]))
			i++;
		if (i == CHOOSE_ADVERSARIES)
			return unknown_name("--weights", text, &w, names, CHOOSE_ADVERSARIES, d);
		if (seen[i])
			return diag_option(d, "--weights", text, w.name_at, "'%s' stands twice",
					   w.name);
		if (!units_count(w.value, &n)) {
			(void)diag_option(d, "--weights", text, w.value_at,
					  "'%s' is no whole number", w.value);
			return diag_hint(d, "for example A1=3,A2=2,A3=1");
		}
		seen[i] = true;
		ret[i] = (double)n;
	}
	return 0;
}
