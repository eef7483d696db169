/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From YAML text to a tree of nodes: the only file that knows libyaml. Its event interface gives a
 * place for every value. What the keys mean is in manifest_keys.c.
 */
#include "manifest.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"
#include "manifest_node.h"
#include <limits.h>
#include <string.h>
#include <yaml.h>

struct builder {
	struct arena *a;
	struct diags *d;
	const char *path;
	yaml_parser_t *parser;
	struct node *open[MANIFEST_MAX_DEPTH]; /* lists and maps not closed yet */
	size_t depth, nodes, documents;
	struct node *top;
};

static struct loc mark_loc(const struct builder *b, yaml_mark_t m)
{
	/* libyaml counts from 0. The text is at most MANIFEST_MAX_BYTES, so nothing is cut. */
	return (struct loc){b->path, (unsigned)m.line + 1, (unsigned)m.column + 1};
}

/* libyaml's own messages for these are vague and have no column. */
static int check_text(const char *path, const char *text, size_t len, struct diags *d)
{
	struct loc at = {path, 1, 1};

	for (size_t i = 0, n; i < len; i += n) {
		n = str_utf8_len(text + i, len - i);
		if (n == 0) {
			(void)diag_error(d, at, "byte 0x%02x is not UTF-8", (unsigned char)text[i]);
			return diag_hint(d, "save the file as UTF-8");
		}
		if (text[i] == '\0')
			return diag_error(d, at, "NUL byte in a text file");
		at.col++;
		if (text[i] == '\n') {
			at.line++;
			at.col = 1;
		}
	}
	return 0;
}

static int syntax_error(const struct builder *b)
{
	const yaml_parser_t *p = b->parser;
	const char *problem = p->problem ? p->problem : "not valid YAML";
	struct loc loc = mark_loc(b, p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR)
		return diag_fail(b->d, DIAG_BUG, "out of memory");
	if (p->error == YAML_READER_ERROR)
		return diag_error(b->d, (struct loc){b->path, 0, 0}, "not valid YAML: %s (0x%x)",
				  problem, (unsigned)p->problem_value);
	(void)diag_error(b->d, loc, "not valid YAML: %s", problem);
	if (strstr(problem, "cannot start any token"))
		return diag_hint(b->d, "indent with blanks, not tabs; quote text that begins with "
				       "one of @ ` %% \"");
	if (p->context)
		return diag_hint(b->d, "this happened %s that begins in line %zu", p->context,
				 p->context_mark.line + 1);
	return -1;
}

/* Puts a finished scalar or a new list or map where it belongs. */
static int attach(struct builder *b, struct node *n)
{
	if (++b->nodes > MANIFEST_MAX_NODES)
		return diag_error(b->d, n->loc, "too many values: at most %d are read",
				  MANIFEST_MAX_NODES);
	if (b->depth) {
		struct node *parent = b->open[b->depth - 1];

		vec_push(b->a, parent, n);
	} else {
		b->top = n;
	}
	return 0;
}

static struct node *node_new(struct builder *b, enum node_kind kind, const yaml_event_t *e)
{
	struct node *n = arena_alloc(b->a, sizeof(*n));

	n->kind = kind;
	n->loc = mark_loc(b, e->start_mark);
	return n;
}

static int check_plain_node(struct builder *b, const yaml_event_t *e, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	if (anchor)
		return diag_error(b->d, mark_loc(b, e->start_mark),
				  "anchor '&%s': anchors and aliases are not supported",
				  (const char *)anchor);
	if (tag)
		return diag_error(b->d, mark_loc(b, e->start_mark),
				  "tag '%s': tags are not supported", (const char *)tag);
	return 0;
}

static int add_scalar(struct builder *b, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	struct node *n = node_new(b, NODE_SCALAR, e);

	if (check_plain_node(b, e, e->data.scalar.anchor, e->data.scalar.tag) != 0)
		return -1;
	if (strlen(text) != e->data.scalar.length)
		return diag_error(b->d, n->loc, "the text contains a NUL byte");
	n->s = arena_memdup(b->a, text, e->data.scalar.length);
	n->is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return attach(b, n);
}

static int open_node(struct builder *b, struct node *n)
{
	if (attach(b, n) != 0)
		return -1;
	if (b->depth == MANIFEST_MAX_DEPTH)
		return diag_error(b->d, n->loc, "nested more than %d levels deep",
				  MANIFEST_MAX_DEPTH);
	b->open[b->depth++] = n;
	return 0;
}

static int take_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++b->documents > 1)
			return diag_error(b->d, mark_loc(b, e->start_mark),
					  "a second document begins here: a manifest is one");
		return 0;
	case YAML_ALIAS_EVENT:
		return diag_error(b->d, mark_loc(b, e->start_mark),
				  "alias '*%s': anchors and aliases are not supported",
				  (const char *)e->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		return add_scalar(b, e);
	case YAML_SEQUENCE_START_EVENT:
		if (check_plain_node(b, e, e->data.sequence_start.anchor,
				     e->data.sequence_start.tag) != 0)
			return -1;
		return open_node(b, node_new(b, NODE_LIST, e));
	case YAML_MAPPING_START_EVENT:
		if (check_plain_node(b, e, e->data.mapping_start.anchor,
				     e->data.mapping_start.tag) != 0)
			return -1;
		return open_node(b, node_new(b, NODE_MAP, e));
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	default: /* begin and end of the stream and of the document */
		return 0;
	}
}

static int take_events(struct builder *b)
{
	bool is_end = false;

	while (!is_end) {
		yaml_event_t e;
		int result;

		if (!yaml_parser_parse(b->parser, &e))
			return syntax_error(b);
		is_end = e.type == YAML_STREAM_END_EVENT;
		result = take_event(b, &e);
		yaml_event_delete(&e);
		if (result != 0)
			return -1;
	}
	return 0;
}

const struct node *yaml_parse(struct arena *a, const char *path, const char *text, size_t len,
			      struct diags *d)
{
	struct builder b = {.a = a, .d = d, .path = path};
	yaml_parser_t parser;
	int result;

	if (check_text(path, text, len, d) != 0)
		return NULL;
	if (!yaml_parser_initialize(&parser)) {
		(void)diag_fail(d, DIAG_BUG, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	b.parser = &parser;
	result = take_events(&b);
	yaml_parser_delete(&parser);
	if (result != 0)
		return NULL;
	if (!b.top)
		(void)diag_error(d, (struct loc){path, 0, 0}, "the manifest is empty");
	return b.top;
}

bool node_is_null(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->is_plain &&
	       (!*n->s || strcmp(n->s, "~") == 0 || strcmp(n->s, "null") == 0);
}

const char *node_kind_name(const struct node *n)
{
	static const char *const names[] = {"a string", "a list", "a map"};

	return node_is_null(n) ? "nothing" : names[n->kind];
}

struct manifest *manifest_load(struct arena *a, const char *path, struct diags *d)
{
	const char *dir = path_absolute(a, path_dir(a, path));
	char *text;
	size_t len;

	if (file_read(a, path, MANIFEST_MAX_BYTES, &text, &len, d) != 0) {
		if (!file_exists(path))
			(void)diag_hint(d, "'ukbuild init hello' makes an application with a "
					   "manifest; -f names another file");
		return NULL;
	}
	return manifest_parse(a, path, dir, text, len, true, d);
}
