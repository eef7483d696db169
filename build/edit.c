/* SPDX-License-Identifier: BSD-2-Clause */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Replaces len bytes at offset; all edits of one text are applied at once, from the end. */
struct edit {
	size_t offset, len, order;
	const char *insert;
};

struct editor {
	struct arena *arena;
	const char *text;
	size_t len;
	const struct edit_map *map;
	struct {
		struct edit *v;
		size_t len, cap;
	} edits;
	size_t map_line; /* offset of the line `name:`, or len when there is none */
};

static size_t line_start(const struct editor *e, unsigned line)
{
	size_t at = 0;

	for (unsigned n = 1; n < line && at < e->len; n++) {
		const char *nl = memchr(e->text + at, '\n', e->len - at);

		at = nl ? (size_t)(nl - e->text) + 1 : e->len;
	}
	return at;
}

/* Behind the newline of the line that holds offset at. */
static size_t line_end(const struct editor *e, size_t at)
{
	const char *nl = at < e->len ? memchr(e->text + at, '\n', e->len - at) : NULL;

	return nl ? (size_t)(nl - e->text) + 1 : e->len;
}

/* Columns count characters; UTF-8 continuation bytes (RFC 3629, 10xxxxxx) are part of the one before. */
static size_t offset_of(const struct editor *e, struct loc loc)
{
	size_t at = line_start(e, loc.line);

	for (unsigned col = 1; col < loc.col && at < e->len; col++) {
		at++;
		while (at < e->len && ((unsigned char)e->text[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

static char at_offset(const struct editor *e, size_t at)
{
	return at < e->len ? e->text[at] : '\0';
}

/* Behind the scalar that begins at: quoted, or plain up to a comma, brace, comment or line end. */
static size_t scalar_end(const struct editor *e, size_t at)
{
	char quote = at_offset(e, at);
	size_t end = at;

	if (quote == '"' || quote == '\'') {
		for (end = at + 1; end < e->len && e->text[end] != quote; end++)
			if (quote == '"' && e->text[end] == '\\')
				end++;
		return end < e->len ? end + 1 : e->len;
	}
	while (end < e->len && !strchr(",}\n\r", e->text[end]) &&
	       !(e->text[end] == '#' && end > at && strchr(" \t", e->text[end - 1])))
		end++;
	while (end > at && strchr(" \t", e->text[end - 1]))
		end--;
	return end;
}

static void add_edit(struct editor *e, size_t offset, size_t len, const char *insert)
{
	vec_push(e->arena, &e->edits, (struct edit){offset, len, e->edits.len, insert});
}

static int compare_edits(const void *x, const void *y)
{
	const struct edit *a = x, *b = y;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static const char *apply(struct editor *e)
{
	struct sb out;
	size_t at = 0;

	if (e->edits.len)
		qsort(e->edits.v, e->edits.len, sizeof(*e->edits.v), compare_edits);
	sb_init(&out, e->arena);
	for (size_t i = 0; i < e->edits.len; i++) {
		const struct edit *x = &e->edits.v[i];

		if (x->offset > at)
			sb_putn(&out, e->text + at, x->offset - at);
		sb_put(&out, x->insert);
		if (x->offset + x->len > at)
			at = x->offset + x->len;
	}
	if (at < e->len)
		sb_putn(&out, e->text + at, e->len - at);
	return sb_str(&out);
}

static const struct mpair *find_pair(const struct mpairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->len; i++)
		if (str_eq(pairs->v[i].key.s, key))
			return &pairs->v[i];
	return NULL;
}

/* Offset of the line that begins with `name:`, or the length of the text. */
static size_t find_map(const struct editor *e)
{
	size_t n = strlen(e->map->name);

	for (size_t at = 0; at < e->len; at = line_end(e, at))
		if (e->len - at > n && !memcmp(e->text + at, e->map->name, n) &&
		    e->text[at + n] == ':')
			return at;
	return e->len;
}

/* The first character of the map's value on its own line; a newline, '#' or end when there is none. */
static size_t value_offset(const struct editor *e)
{
	size_t at = e->map_line + strlen(e->map->name) + 1;

	while (at < e->len && strchr(" \t", e->text[at]))
		at++;
	return at;
}

static bool is_flow(const struct editor *e)
{
	return at_offset(e, value_offset(e)) == '{';
}

static void remove_block_key(struct editor *e, const struct mpair *p)
{
	size_t from = line_start(e, p->key.loc.line);

	add_edit(e, from, line_end(e, offset_of(e, p->val.loc)) - from, "");
}

static void remove_flow_key(struct editor *e, const struct mpair *p)
{
	size_t from = offset_of(e, p->key.loc);
	size_t to = scalar_end(e, offset_of(e, p->val.loc));

	while (to < e->len && strchr(" \t", e->text[to]))
		to++;
	if (at_offset(e, to) == ',') {
		to++;
		while (to < e->len && strchr(" \t", e->text[to]))
			to++;
	} else {
		while (from > 0 && strchr(" \t\n", e->text[from - 1]))
			from--;
		if (from > 0 && e->text[from - 1] == ',')
			from--;
	}
	add_edit(e, from, to - from, "");
}

/* Whether the scalar is a key of the map (and not the whole value). */
static bool scalar_in_map(const struct editor *e)
{
	const struct mstr *s = e->map->scalar;

	return s && s->s && s->loc.line && offset_of(e, s->loc) != value_offset(e);
}

/* The last value of the map, where new keys go; NULL when it has none. */
static const struct mstr *last_value(const struct editor *e)
{
	const struct mstr *last = scalar_in_map(e) ? e->map->scalar : NULL;

	for (size_t i = 0; i < e->map->pairs->len; i++) {
		const struct mstr *v = &e->map->pairs->v[i].val;

		if (!last || offset_of(e, v->loc) > offset_of(e, last->loc))
			last = v;
	}
	return last;
}

static const char *block_indent(const struct editor *e)
{
	size_t from, to;

	if (!last_value(e))
		return "  ";
	from = line_start(e, last_value(e)->loc.line);
	for (to = from; to < e->len && e->text[to] == ' ';)
		to++;
	return arena_memdup(e->arena, e->text + from, to - from);
}

static void add_block_keys(struct editor *e, const struct strs *lines)
{
	const struct mstr *last = last_value(e);
	size_t at = line_end(e, last ? offset_of(e, last->loc) : e->map_line);
	const char *indent = block_indent(e);
	struct sb b;

	sb_init(&b, e->arena);
	if (at > 0 && e->text[at - 1] != '\n')
		sb_put(&b, "\n");
	for (size_t i = 0; i < lines->len; i++)
		sb_putf(&b, "%s%s\n", indent, lines->v[i]);
	add_edit(e, at, 0, sb_str(&b));
}

/* survivors: some key stays before the new ones. */
static void add_flow_keys(struct editor *e, const struct strs *lines, bool survivors)
{
	const struct mstr *last = last_value(e);
	size_t at = last ? scalar_end(e, offset_of(e, last->loc)) : value_offset(e) + 1;
	const char *words = strs_join(e->arena, lines, ", ");

	add_edit(e, at, 0, survivors ? arena_printf(e->arena, ", %s", words) : words);
}

/* `hardening: max` becomes a map: the comment behind the word stays. */
static void open_scalar(struct editor *e, const struct strs *lines)
{
	size_t from = value_offset(e), to = scalar_end(e, from), end = line_end(e, from);
	const char *word = arena_memdup(e->arena, e->text + from, to - from);
	struct sb b;

	while (from > 0 && e->text[from - 1] == ' ')
		from--;
	add_edit(e, from, to - from, "");
	sb_init(&b, e->arena);
	if (end > 0 && e->text[end - 1] != '\n')
		sb_put(&b, "\n");
	sb_putf(&b, "  %s: %s\n", e->map->scalar_key, word);
	for (size_t i = 0; i < lines->len; i++)
		sb_putf(&b, "  %s\n", lines->v[i]);
	add_edit(e, end, 0, sb_str(&b));
}

static void append_map(struct editor *e, const struct strs *lines)
{
	struct sb b;

	sb_init(&b, e->arena);
	if (e->len > 0 && e->text[e->len - 1] != '\n')
		sb_put(&b, "\n");
	sb_putf(&b, "%s:\n", e->map->name);
	for (size_t i = 0; i < lines->len; i++)
		sb_putf(&b, "  %s\n", lines->v[i]);
	add_edit(e, e->len, 0, sb_str(&b));
}

/* The line `name:`, and with it a whole flow map. Its keys have edits of their own, inside of this. */
static void remove_map(struct editor *e, bool flow)
{
	size_t end = line_end(e, e->map_line);
	const char *brace;

	if (flow && last_value(e)) {
		brace = strchr(e->text + offset_of(e, last_value(e)->loc), '}');
		end = brace ? line_end(e, (size_t)(brace - e->text)) : end;
	}
	add_edit(e, e->map_line, end - e->map_line, "");
}

const char *edit_manifest(struct arena *a, const char *text, const struct edit_map *map,
			  const struct edit_keys *keys)
{
	struct editor e = {.arena = a, .text = text, .len = strlen(text), .map = map};
	struct strs added = {0};
	size_t removed = 0;
	bool flow, is_absent, is_emptied;

	e.map_line = find_map(&e);
	is_absent = e.map_line == e.len;
	flow = !is_absent && is_flow(&e);
	for (size_t i = 0; i < keys->len; i++) {
		const struct edit_key *k = &keys->v[i];
		const struct mpair *p = is_absent ? NULL : find_pair(map->pairs, k->key);
		size_t at;

		if (!p && k->val) {
			strs_pushf(a, &added, "%s: %s", k->key, k->val);
		} else if (p && k->val) {
			at = offset_of(&e, p->val.loc);
			add_edit(&e, at, scalar_end(&e, at) - at, k->val);
		} else if (p) {
			removed++;
			if (flow)
				remove_flow_key(&e, p);
			else
				remove_block_key(&e, p);
		}
	}
	is_emptied = removed > 0 && removed == map->pairs->len && !added.len &&
		     !scalar_in_map(&e) && !map->has_others;
	if (is_emptied)
		remove_map(&e, flow);
	if (!added.len)
		return apply(&e);
	if (is_absent)
		append_map(&e, &added);
	else if (flow)
		add_flow_keys(&e, &added,
			      last_value(&e) && removed < map->pairs->len + scalar_in_map(&e));
	else if (map->scalar_key && !strchr("\n#", at_offset(&e, value_offset(&e))))
		open_scalar(&e, &added);
	else
		add_block_keys(&e, &added);
	return apply(&e);
}

bool edit_is_scalar(const char *text, const char *map, const struct mstr *s)
{
	const struct edit_map m = {.name = map};
	struct editor e = {.text = text, .len = strlen(text), .map = &m};

	e.map_line = find_map(&e);
	return e.map_line < e.len && s->loc.line && offset_of(&e, s->loc) == value_offset(&e);
}

const char *edit_scalar(struct arena *a, const char *text, const struct mstr *s, const char *word)
{
	struct editor e = {.arena = a, .text = text, .len = strlen(text)};
	size_t at = offset_of(&e, s->loc);

	add_edit(&e, at, scalar_end(&e, at) - at, word);
	return apply(&e);
}
