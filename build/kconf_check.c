/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explaining Kconfig: turns each request that kconfig-conf dropped in silence into an error at the
 * place that asked, with the reason: an unmet `depends on`, a choice that another option won, a
 * `select`, a range.
 */
#include "kconf_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Nested parentheses in an expression. */
#define EXPR_DEPTH_MAX 64

/* expr := and { || and }; and := not { && not }; not := ! not | ( expr ) | word [(=|!=) word] */
struct expr {
	struct arena *arena;
	const char *p;
	const struct kconf_values *values;
	unsigned depth;
};

static void skip_blanks(struct expr *e)
{
	e->p += strspn(e->p, " \t\r");
}

static bool take(struct expr *e, const char *token)
{
	skip_blanks(e);
	if (!str_starts(e->p, token))
		return false;
	e->p += strlen(token);
	return true;
}

static const char *take_word(struct expr *e)
{
	size_t len = 0;
	const char *s;

	skip_blanks(e);
	if (*e->p == '"') {
		len = strcspn(e->p + 1, "\"");
		s = arena_memdup(e->arena, e->p + 1, len);
		e->p += 1 + len + (e->p[1 + len] == '"');
		return s;
	}
	while (isalnum((unsigned char)e->p[len]) || e->p[len] == '_')
		len++;
	s = arena_memdup(e->arena, e->p, len);
	e->p += len;
	/* Lower-case words and numbers are constants. */
	return isupper((unsigned char)*s) ? kconf_value(e->values, s) : s;
}

static bool eval_or(struct expr *e);

static bool eval_not(struct expr *e)
{
	const char *word;
	bool val;

	if (++e->depth > EXPR_DEPTH_MAX)
		return false;
	skip_blanks(e);
	if (e->p[0] == '!' && e->p[1] != '=') {
		e->p++;
		val = !eval_not(e);
	} else if (take(e, "(")) {
		val = eval_or(e);
		(void)take(e, ")"); /* a missing one is kconfig-conf's to report */
	} else {
		word = take_word(e);
		if (take(e, "!="))
			val = !str_eq(word, take_word(e));
		else if (take(e, "="))
			val = str_eq(word, take_word(e));
		else
			val = str_eq(word, "y");
	}
	e->depth--;
	return val;
}

static bool eval_and(struct expr *e)
{
	bool val = eval_not(e);

	while (take(e, "&&"))
		val = eval_not(e) && val;
	return val;
}

static bool eval_or(struct expr *e)
{
	bool val = eval_and(e);

	while (take(e, "||"))
		val = eval_and(e) || val;
	return val;
}

bool kconf_eval(struct arena *a, const char *expr, const struct kconf_values *values)
{
	struct expr e = {a, expr, values, 0};

	return eval_or(&e);
}

/* "A=n, B=y" for the symbols of an expression. */
static const char *values_of(struct arena *a, const char *expr, const struct kconf_values *values)
{
	struct strs seen = {0}, shown = {0};

	while (*expr) {
		size_t len = 0;
		const char *word;

		while (isalnum((unsigned char)expr[len]) || expr[len] == '_')
			len++;
		word = arena_memdup(a, expr, len);
		if (len && isupper((unsigned char)*expr) && strs_add(a, &seen, word))
			strs_pushf(a, &shown, "%s=%s", word, kconf_value(values, word));
		expr += len ? len : 1;
	}
	return strs_join(a, &shown, ", ");
}

static int unknown_option(struct arena *a, const struct kconf *k, const struct kconf_request *r,
			  struct diags *d)
{
	struct strs known = {0};
	const char *near;

	for (size_t i = 0; i < k->len; i++)
		if (k->v[i].prompt)
			strs_push(a, &known, k->v[i].name);
	near = str_suggest(r->name, known.v, known.len);
	(void)diag_error(d, r->loc, "there is no option '%s'", r->name);
	return near ? diag_hint(d, "did you mean '%s'?", near) : -1;
}

static bool is_number(const char *s, const char *type)
{
	char *end;

	(void)strtoll(s, &end, str_eq(type, "hex") ? 16 : 10);
	return end != s && *end == '\0';
}

static int check_type(const struct kconf_symbol *s, const struct kconf_request *r, struct diags *d)
{
	const char *type = s->type ? s->type : "bool";

	if (strpbrk(r->val, "\"\\\n"))
		return diag_error(d, r->loc, "option '%s' takes no quotes and no backslashes",
				  r->name);
	if (str_eq(type, "bool") && !str_eq(r->val, "y") && !str_eq(r->val, "n"))
		return diag_error(d, r->loc, "option '%s' is y or n, not '%s'", r->name, r->val);
	if ((str_eq(type, "int") || str_eq(type, "hex")) && !is_number(r->val, type))
		return diag_error(d, r->loc, "option '%s' is a number, not '%s'", r->name, r->val);
	return 0;
}

int kconf_check_requests(struct arena *a, const struct kconf *k,
			 const struct kconf_request *requests, size_t len, struct diags *d)
{
	size_t errors = d->errors;

	for (size_t i = 0; i < len; i++) {
		const struct kconf_request *r = &requests[i];
		const struct kconf_symbol *s = kconf_find(k, r->name);

		if (!s) {
			(void)unknown_option(a, k, r, d); /* counted in d->errors, as all here */
		} else if (!s->prompt) {
			(void)diag_error(d, r->loc, "option '%s' cannot be set by hand", r->name);
			(void)diag_hint(d, "it follows from what selects it");
		} else {
			(void)check_type(s, r, d);
		}
	}
	return d->errors == errors ? 0 : -1;
}

/* Options that are on and select name. */
static const char *selected_by(struct arena *a, const struct kconf *k, const char *name,
			       const struct kconf_values *outcome)
{
	struct strs l = {0};

	for (size_t i = 0; i < k->len; i++)
		if (strs_has(&k->v[i].selects, name) &&
		    str_eq(kconf_value(outcome, k->v[i].name), "y"))
			strs_pushf(a, &l, "'%s'", k->v[i].name);
	return l.len ? strs_join(a, &l, ", ") : NULL;
}

/* The member of s's choice that is on instead of it. */
static const char *chosen_instead(const struct kconf *k, const struct kconf_symbol *s,
				  const struct kconf_values *outcome)
{
	for (size_t i = 0; s->choice && i < k->len; i++)
		if (k->v[i].choice == s->choice && &k->v[i] != s &&
		    str_eq(kconf_value(outcome, k->v[i].name), "y"))
			return k->v[i].name;
	return NULL;
}

static const struct kconf_request *find_request(const struct kconf_request *requests, size_t len,
						const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (str_eq(requests[i].name, name))
			return &requests[i];
	return NULL;
}

/* Why requests[at] did not come out. */
static int explain_dropped(struct arena *a, const struct kconf *k,
			   const struct kconf_request *requests, size_t len, size_t at,
			   const struct kconf_values *outcome, struct diags *d)
{
	const struct kconf_request *r = &requests[at];
	const struct kconf_symbol *s = kconf_find(k, r->name);
	const char *got = kconf_value(outcome, r->name);
	const char *other = chosen_instead(k, s, outcome),
		   *by = selected_by(a, k, r->name, outcome);
	const struct kconf_request *rival;

	for (size_t i = 0; i < s->depends.len; i++)
		if (!kconf_eval(a, s->depends.v[i], outcome)) {
			(void)diag_error(d, r->loc, "%s cannot be: '%s' depends on '%s' (%s)",
					 r->what, r->name, s->depends.v[i],
					 values_of(a, s->depends.v[i], outcome));
			diag_note(d, s->loc, "'%s' is declared here", r->name);
			return -1;
		}
	if (other && str_eq(r->val, "y")) {
		rival = find_request(requests, len, other);
		(void)diag_error(d, r->loc, "%s cannot be together with %s: one of them only",
				 r->what, rival ? rival->what : arena_printf(a, "'%s'", other));
		if (rival && rival->loc.path)
			diag_note(d, rival->loc, "%s is asked for here", rival->what);
		return -1;
	}
	if (by && str_eq(r->val, "n"))
		return diag_error(d, r->loc, "option '%s' cannot be off: %s needs it", r->name, by);
	(void)diag_error(d, r->loc, "option '%s' was asked to be '%s' and came out as '%s'",
			 r->name, r->val, got);
	diag_note(d, s->loc, "'%s' is declared here%s%s", r->name, s->range ? ", with range " : "",
		  s->range ? s->range : "");
	return -1;
}

static bool is_same(const struct kconf_symbol *s, const char *want, const char *got)
{
	if (s->type && str_eq(s->type, "hex"))
		return strtoull(want, NULL, 16) == strtoull(got, NULL, 16);
	return str_eq(want, got);
}

/* Output that means nothing: comments, blank lines, and remarks about our file of requests. */
static bool is_usual(const char *line)
{
	return *line == '\0' || *line == '#' || strstr(line, ".request:") != NULL;
}

/* "path:line:warning: text" keeps its place. */
static struct loc place_of(struct arena *a, const char *line, const char **ret_text)
{
	const char *colon = strchr(line, ':');
	struct loc loc = loc_none;
	char *end;

	*ret_text = line;
	if (!colon || !isdigit((unsigned char)colon[1]))
		return loc;
	loc.path = arena_memdup(a, line, (size_t)(colon - line));
	loc.line = (unsigned)strtoul(colon + 1, &end, 10);
	if (*end == ':')
		end++;
	*ret_text = end + strspn(end, " ");
	return loc;
}

static int report_output(struct arena *a, const char *output, struct diags *d)
{
	size_t errors = d->errors;

	while (output && *output) {
		size_t len = strcspn(output, "\n");
		const char *line = arena_memdup(a, output, len), *text;
		struct loc loc;

		output += len + (output[len] == '\n');
		line += strspn(line, " \t");
		if (is_usual(line))
			continue;
		loc = place_of(a, line, &text);
		(void)diag_error(d, loc, "Kconfig: %s", text); /* counted in d->errors */
	}
	return d->errors == errors ? 0 : -1;
}

int kconf_check_outcome(struct arena *a, const struct kconf *k,
			const struct kconf_request *requests, size_t len,
			const struct kconf_values *outcome, const char *output, struct diags *d)
{
	size_t errors = d->errors;

	for (size_t i = 0; outcome && i < len; i++) {
		const struct kconf_symbol *s = kconf_find(k, requests[i].name);

		if (s && !is_same(s, requests[i].val, kconf_value(outcome, requests[i].name)))
			(void)explain_dropped(a, k, requests, len, i, outcome, d);
	}
	if (d->errors == errors)
		(void)report_output(a, output, d); /* in d->errors */
	if (d->errors == errors && !outcome)
		return diag_fail(d, DIAG_TOOL, "kconfig-conf failed and did not say why");
	return d->errors == errors ? 0 : -1;
}
