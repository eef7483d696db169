/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports for terminals, for pages that take Markdown, and for programs. */
#include "report.h"

#include "base/arena.h"
#include "base/json.h"

#include <string.h>

/* Bytes of a UTF-8 text that start a character: its width where no character is wide. */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void put_padded(FILE *to, const char *s, size_t width, bool is_text, bool is_last)
{
	size_t pad = width - width_of(s);

	if (is_text)
		fprintf(to, "%s%*s", s, is_last ? 0 : (int)pad, "");
	else
		fprintf(to, "%*s%s", (int)pad, "", s);
}

static void put_row(FILE *to, const struct table *t, const char *const *cells, const size_t *widths)
{
	size_t i, last = t->head.len;

	/* Nothing but blanks behind the last cell that holds something. */
	while (last && !*cells[last - 1])
		last--;
	for (i = 0; i < last; i++) {
		if (i)
			fputs("  ", to);
		put_padded(to, cells[i], widths[i], t->is_text[i], i + 1 == last);
	}
	fputc('\n', to);
}

static void text_table(struct arena *a, const struct table *t, FILE *to)
{
	size_t cols = t->head.len, i;
	size_t *widths = arena_array(a, cols, sizeof(*widths));

	if (!cols)
		return;
	for (i = 0; i < cols; i++)
		widths[i] = width_of(t->head.v[i]);
	for (i = 0; i < t->cells.len; i++)
		if (width_of(t->cells.v[i]) > widths[i % cols])
			widths[i % cols] = width_of(t->cells.v[i]);
	fprintf(to, "\n%s\n", t->title);
	if (t->note)
		fprintf(to, "(%s)\n", t->note);
	put_row(to, t, t->head.v, widths);
	for (i = 0; i < t->cells.len; i += cols)
		put_row(to, t, t->cells.v + i, widths);
}

void tables_text(struct arena *a, const struct tables *l, FILE *to)
{
	for (size_t i = 0; i < l->len; i++)
		text_table(a, &l->v[i], to);
}

void report_text(struct arena *a, const struct report *r, FILE *to)
{
	struct tables tables = {0};

	report_tables(a, r, &tables);
	fprintf(to, "%s on %s\n", r->cost->name, r->cost->platform);
	tables_text(a, &tables, to);
}

/* A cell of a Markdown table: '|' would end it. */
static void markdown_cell(FILE *to, const char *s)
{
	fputs(" ", to);
	for (; *s; s++) {
		if (strchr("|\\`*_<", *s))
			fputc('\\', to);
		fputc(*s, to);
	}
	fputs(" |", to);
}

static void markdown_table(const struct table *t, FILE *to)
{
	size_t i, cols = t->head.len;

	if (!cols)
		return;
	fprintf(to, "\n## %s\n\n", t->title);
	if (t->note)
		fprintf(to, "%s.\n\n", t->note);
	fputc('|', to);
	for (i = 0; i < cols; i++)
		markdown_cell(to, t->head.v[i]);
	fputs("\n|", to);
	for (i = 0; i < cols; i++)
		fputs(t->is_text[i] ? "---|" : "---:|", to);
	for (i = 0; i < t->cells.len; i++) {
		if (i % cols == 0)
			fputs("\n|", to);
		markdown_cell(to, t->cells.v[i]);
	}
	fputc('\n', to);
}

void tables_markdown(const struct tables *l, FILE *to)
{
	for (size_t i = 0; i < l->len; i++)
		markdown_table(&l->v[i], to);
}

void report_markdown(struct arena *a, const struct report *r, FILE *to)
{
	struct tables tables = {0};

	report_tables(a, r, &tables);
	fprintf(to, "# %s on %s\n", r->cost->name, r->cost->platform);
	tables_markdown(&tables, to);
}

static json_t *proof_json(const struct proof *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "mechanism", json_string(p->mechanism));
	json_object_set_new(o, "asked", p->asked ? json_string(p->asked) : json_null());
	json_object_set_new(o, "found", json_string(p->state));
	json_object_set_new(o, "covered", json_integer((json_int_t)p->covered));
	json_object_set_new(o, "total", json_integer((json_int_t)p->total));
	json_object_set_new(o, "what", p->what ? json_string(p->what) : json_null());
	json_object_set_new(o, "exempt", json_strs(&p->exempt));
	json_object_set_new(o, "status", p->status ? json_string(p->status) : json_null());
	json_object_set_new(o, "reason", p->reason ? json_string(p->reason) : json_null());
	return o;
}

static json_t *budget_json(const struct budget_line *b)
{
	json_t *o = json_object();

	json_object_set_new(o, "what", json_string(b->what));
	json_object_set_new(o, "unit", json_string(b->unit));
	json_object_set_new(o, "allowed", json_integer((json_int_t)b->limit));
	json_object_set_new(o, "found",
			    b->is_measured ? json_integer((json_int_t)b->found) : json_null());
	json_object_set_new(o, "met", json_boolean(b->is_met));
	return o;
}

/* Adds to o what the report of a platform has beyond its costs. */
static void add_judgements(const struct report *r, json_t *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->proofs.len; i++)
		json_array_append_new(list, proof_json(&r->proofs.v[i]));
	json_object_set_new(o, "shown", json_string(r->shown->name));
	json_object_set_new(o, "proof", list);
	list = json_array();
	for (size_t i = 0; i < r->budget.len; i++)
		json_array_append_new(list, budget_json(&r->budget.v[i]));
	json_object_set_new(o, "budget", list);
}

json_t *report_json(const struct report *r)
{
	json_t *o = cost_to_json(r->cost), *others = json_object_get(o, "others");

	add_judgements(r, o);
	/* In the order of the costs of other platforms. */
	for (size_t i = 0; i < r->others.len; i++)
		add_judgements(&r->others.v[i], json_array_get(others, i));
	json_object_set_new(o, "attack", r->attack ? attack_to_json(r->attack) : json_null());
	return o;
}
