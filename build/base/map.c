/* SPDX-License-Identifier: BSD-2-Clause */
/* The string map of str.h: open addressing with linear probing, at most half full. */
#include "str.h"

#include "arena.h"
#include <stdint.h>

struct slot {
	const char *key; /* NULL = free */
	void *val;
};

struct map {
	struct arena *arena;
	struct slot *slots;
	size_t used, cap; /* cap is a power of two */
};

enum {
	FIRST_CAP = 16
};

/* FNV-1a, 64 bits: RFC draft-eastlake-fnv, section 2 (offset basis and prime). */
static uint64_t hash_key(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

static struct slot *find(const struct map *m, const char *key)
{
	size_t i = hash_key(key) & (m->cap - 1);

	while (m->slots[i].key && !str_eq(m->slots[i].key, key))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

struct map *map_new(struct arena *a)
{
	struct map *m = arena_alloc(a, sizeof(*m));

	m->arena = a;
	m->cap = FIRST_CAP;
	m->slots = arena_array(a, m->cap, sizeof(*m->slots));
	return m;
}

static void grow(struct map *m)
{
	const struct slot *old = m->slots;
	size_t old_cap = m->cap;

	m->cap *= 2;
	m->slots = arena_array(m->arena, m->cap, sizeof(*m->slots));
	for (size_t i = 0; i < old_cap; i++) {
		if (old[i].key)
			*find(m, old[i].key) = old[i];
	}
}

void map_put(struct map *m, const char *key, void *val)
{
	struct slot *s = find(m, key);

	if (!s->key) {
		if (m->used * 2 >= m->cap) {
			grow(m);
			s = find(m, key);
		}
		m->used++;
		s->key = key;
	}
	s->val = val;
}

void *map_get(const struct map *m, const char *key, bool *ret_found)
{
	const struct slot *s = find(m, key);

	if (ret_found)
		*ret_found = s->key != NULL;
	return s->val;
}
