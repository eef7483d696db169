/* SPDX-License-Identifier: BSD-2-Clause */
/* See manifest_read.h. */
#include "manifest_read.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/units.h"
#include <string.h>

#define MEMORY_MAX (1ull << 40)

bool text_has_only(const char *s, const char *set)
{
	return *s && s[strspn(s, set)] == '\0';
}

int read_wrong_kind(struct reader *r, const struct node *key, const struct node *val,
		    const char *wanted)
{
	if (node_is_null(val)) {
		(void)diag_error(r->d, key->loc, "'%s' has no value", key->s);
		return diag_hint(r->d, "give it %s, or remove the key", wanted);
	}
	return diag_error(r->d, val->loc, "'%s' must be %s, not %s", key->s, wanted,
			  node_kind_name(val));
}

/* Control characters have no place in names, paths and flags. */
bool text_is_clean(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return true;
}

int read_text(struct reader *r, const struct node *key, const struct node *val, struct mstr *ret)
{
	if (val->kind != NODE_SCALAR || node_is_null(val))
		return read_wrong_kind(r, key, val, "a string");
	*ret = (struct mstr){val->s, val->loc};
	return 0;
}

int read_word(struct reader *r, const struct node *key, const struct node *val, struct mstr *ret)
{
	struct mstr word;

	if (read_text(r, key, val, &word) != 0)
		return -1;
	if (!*word.s || !text_is_clean(word.s))
		return diag_error(r->d, val->loc,
				  "'%s' must not be empty or contain control characters", key->s);
	*ret = word;
	return 0;
}

static int add_item(struct reader *r, const struct node *key, const struct node *item,
		    unsigned flags, struct mstrs *ret)
{
	struct mstr s;

	if (item->kind != NODE_SCALAR || node_is_null(item))
		return diag_error(r->d, item->loc, "an item of '%s' must be a string, not %s",
				  key->s, node_kind_name(item));
	s = (struct mstr){item->s, item->loc};
	if (!(flags & LIST_ANY) && (!*s.s || !text_is_clean(s.s)))
		return diag_error(r->d, item->loc,
				  "an item of '%s' must not be empty or contain control characters",
				  key->s);
	for (size_t i = 0; (flags & LIST_UNIQUE) && i < ret->len; i++) {
		if (str_eq(ret->v[i].s, s.s)) {
			(void)diag_error(r->d, s.loc, "'%s' stands twice in '%s'", s.s, key->s);
			diag_note(r->d, ret->v[i].loc, "first here");
			return -1;
		}
	}
	vec_push(r->a, ret, s);
	return 0;
}

int read_list(struct reader *r, const struct node *key, const struct node *val, unsigned flags,
	      struct mstrs *ret)
{
	struct mstrs list = {0};
	int result = 0;

	if (val->kind == NODE_MAP || node_is_null(val))
		return read_wrong_kind(r, key, val, "a string or a list of strings");
	if (val->kind == NODE_LIST) {
		for (size_t i = 0; i < val->len; i++) {
			if (add_item(r, key, val->v[i], flags, &list) != 0)
				result = -1;
		}
	} else if (flags & LIST_SPLIT) {
		struct strs words = {0};

		strs_split(r->a, &words, val->s);
		for (size_t i = 0; i < words.len; i++)
			vec_push(r->a, &list, (struct mstr){words.v[i], val->loc});
	} else {
		result = add_item(r, key, val, flags, &list);
	}
	*ret = list;
	return result;
}

int read_number(struct reader *r, const struct node *key, const struct node *val,
		bool (*parse)(const char *, uint64_t *), uint64_t max, const char *wanted,
		struct mnum *ret)
{
	uint64_t n;

	if (val->kind != NODE_SCALAR || node_is_null(val))
		return read_wrong_kind(r, key, val, wanted);
	if (!parse(val->s, &n))
		return diag_error(r->d, val->loc, "'%s' must be %s, not '%s'", key->s, wanted,
				  val->s);
	if (n > max)
		return diag_error(r->d, val->loc, "'%s' is too large: '%s'", key->s, val->s);
	*ret = (struct mnum){n, true, val->loc};
	return 0;
}

int read_size(struct reader *r, const struct node *key, const struct node *val, struct mnum *ret)
{
	struct mnum size;

	if (read_number(r, key, val, units_bytes, MEMORY_MAX, "a size such as 8M or 512K", &size))
		return -1;
	if (size.n == 0)
		return diag_error(r->d, val->loc, "'%s' must be more than 0", key->s);
	*ret = size;
	return 0;
}

/* A map of words to words. */
int read_pairs(struct reader *r, const struct node *key, const struct node *val, struct mpairs *ret)
{
	if (val->kind != NODE_MAP)
		return read_wrong_kind(r, key, val, "a map");
	for (size_t i = 0; i + 1 < val->len; i += 2) {
		const struct node *k = val->v[i], *v = val->v[i + 1];
		struct mpair pair = {.key = {k->s, k->loc}};

		if (read_text(r, k, v, &pair.val) != 0)
			return -1;
		vec_push(r->a, ret, pair);
	}
	return 0;
}

static int unknown_key(struct reader *r, const struct node *key, const char *where,
		       const struct key *keys, size_t keys_len)
{
	const char **names = arena_array(r->a, keys_len, sizeof(*names));
	const char *nearest;
	struct strs all = {0};

	for (size_t i = 0; i < keys_len; i++) {
		names[i] = keys[i].name;
		strs_push(r->a, &all, keys[i].name);
	}
	(void)diag_error(r->d, key->loc, "unknown key '%s'%s", key->s, where);
	nearest = str_suggest(key->s, names, keys_len);
	return nearest ? diag_hint(r->d, "did you mean '%s'?", nearest)
		       : diag_hint(r->d, "the keys are %s", strs_join(r->a, &all, ", "));
}

/* Keys of every map, whatever it means: strings, and none twice. */
static int check_keys(struct reader *r, const struct node *map)
{
	struct map *seen = map_new(r->a);
	int result = 0;

	for (size_t i = 0; i + 1 < map->len; i += 2) {
		const struct node *key = map->v[i], *first;

		if (key->kind != NODE_SCALAR || !*key->s) {
			result = diag_error(r->d, key->loc, "a key must be a string, not %s",
					    key->kind == NODE_SCALAR ? "empty"
								     : node_kind_name(key));
			continue;
		}
		first = map_get(seen, key->s, NULL);
		if (first) {
			result = diag_error(r->d, key->loc, "duplicate key '%s'", key->s);
			diag_note(r->d, first->loc, "first here");
			continue;
		}
		map_put(seen, key->s, map->v[i]);
	}
	return result;
}

int read_check_keys(struct reader *r, const struct node *n)
{
	int result = 0;

	/* Recursion is bounded by MANIFEST_MAX_DEPTH. */
	if (n->kind == NODE_MAP && check_keys(r, n) != 0)
		result = -1;
	for (size_t i = 0; i < n->len; i++) {
		if (read_check_keys(r, n->v[i]) != 0)
			result = -1;
	}
	return result;
}

int read_map(struct reader *r, const struct node *map, const char *where, const struct key *keys,
	     size_t keys_len)
{
	int result = 0;

	for (size_t i = 0; i + 1 < map->len; i += 2) {
		size_t k = 0;

		while (k < keys_len && !str_eq(keys[k].name, map->v[i]->s))
			k++;
		if (k == keys_len)
			result = unknown_key(r, map->v[i], where, keys, keys_len);
		else if (keys[k].read(r, map->v[i], map->v[i + 1]) != 0)
			result = -1;
	}
	return result;
}
