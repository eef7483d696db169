/* SPDX-License-Identifier: BSD-2-Clause */
#include "order.h"

#include <elf.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "elf.h"

/* A linker script template and a response file are never larger. */
#define TEXT_MAX_BYTES (16u << 20)

/* A section that may move: *cdef.o(.text.foo). Not quoted: the linker takes quoted names literally. */
struct movable {
	const char *pattern;
};
struct group {
	const char *prefix; /* ".text": the marker's word and the sections it takes */
	struct movable *v;
	size_t len, cap;
};

void order_permute(const uint8_t seed[ORDER_SEED_BYTES], const char *label, size_t n,
		   uint32_t *perm)
{
	struct stream s;

	stream_init(&s, seed, label);
	for (size_t i = 0; i < n; i++)
		perm[i] = (uint32_t)i;
	/* Fisher-Yates; stream_below() is free of modulo bias. */
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)stream_below(&s, i);
		uint32_t t = perm[i - 1];

		perm[i - 1] = perm[j];
		perm[j] = t;
	}
}

static bool is_in_group(const char *section, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(section, prefix, len) == 0 && (section[len] == '\0' || section[len] == '.');
}

static struct group *find_group(struct group *groups, size_t len, const char *section)
{
	for (size_t i = 0; i < len; i++)
		if (is_in_group(section, groups[i].prefix))
			return &groups[i];
	return NULL;
}

static void add_section(struct arena *a, struct group *g, const char *object, const char *section)
{
	/*
	 * The last part of the path names the object: a hash (or lto.o), so no other file matches. No quotes:
	 * lld takes a quoted pattern as it stands, asterisk included.
	 */
	vec_push(a, g, (struct movable){arena_printf(a, "*%s(%s)", path_base(object), section)});
}

static int add_object(struct arena *a, const char *path, struct group *groups, size_t len,
		      struct diags *d)
{
	struct elf e;
	struct group *g;

	if (elf_load(a, path, &e, d))
		return -1;
	for (size_t i = 0; i < e.sections_len; i++) {
		const struct elf_section *s = &e.sections[i];

		/* Merged strings have no place of their own; empty sections none at all. */
		if (!(s->flags & SHF_ALLOC) || (s->flags & (SHF_MERGE | SHF_TLS)) || s->size == 0)
			continue;
		g = find_group(groups, len, s->name);
		if (g)
			add_section(a, g, path, s->name);
	}
	return 0;
}

static int add_objects(struct arena *a, const char *rsp_path, struct group *groups, size_t len,
		       struct diags *d)
{
	struct strs objects = {0};
	char *text;
	size_t text_len;

	if (file_read(a, rsp_path, TEXT_MAX_BYTES, &text, &text_len, d))
		return -1;
	strs_from_response(a, &objects, text);
	for (size_t i = 0; i < objects.len; i++)
		if (add_object(a, objects.v[i], groups, len, d))
			return -1;
	return 0;
}

/* Whether pattern, "*cdef.o(.text.x)", is the section's. */
static bool is_pattern_of(const char *pattern, const char *object, const char *section)
{
	size_t object_len = strlen(object), len = strlen(section);

	return strncmp(pattern + 1, object, object_len) == 0 && pattern[1 + object_len] == '(' &&
	       strncmp(pattern + object_len + 2, section, len) == 0 &&
	       str_eq(pattern + object_len + 2 + len, ")");
}

static void move(const struct group *g, const struct order_move *m, uint32_t *perm)
{
	for (size_t i = 0; i < g->len; i++) {
		size_t to = (i + m->by) % g->len;
		uint32_t t = perm[i];

		if (!is_pattern_of(g->v[t].pattern, m->object, m->section))
			continue;
		perm[i] = perm[to];
		perm[to] = t;
		return;
	}
}

static const struct order_park *find_park(const struct order_parks *parks, const char *pattern)
{
	for (size_t i = 0; i < parks->len; i++)
		if (is_pattern_of(pattern, parks->v[i].object, parks->v[i].section))
			return &parks->v[i];
	return NULL;
}

/* What divides the address it had as a power of two brings the place back to that address. */
static void put_gap(const struct order_park *p, struct sb *b)
{
	const uint64_t align = p->addr & (0 - p->addr);

	sb_putf(b, "\t\t. = ALIGN(%u);\n", align > 4096 ? 4096 : (unsigned)align);
	sb_putf(b, "\t\t. = . + %llu;\n", (unsigned long long)p->size);
}

/* Functions have an alignment of 16 at most. */
static void put_parked(const struct group *g, const struct order_parks *parks, struct sb *b)
{
	uint64_t used = 0;

	for (size_t i = 0; i < parks->len; i++) {
		const struct order_park *p = &parks->v[i];

		for (size_t k = 0; k < g->len; k++)
			if (is_pattern_of(g->v[k].pattern, p->object, p->section)) {
				sb_putf(b, "\t\t. = ALIGN(16) + %u;\n\t\t%s\n", p->shift_bytes,
					g->v[k].pattern);
				break;
			}
		used += ((p->size + 15) & ~(uint64_t)15) + p->shift_bytes;
	}
	if (used < parks->reserved_bytes)
		sb_putf(b, "\t\t. = . + %llu;\n",
			(unsigned long long)(parks->reserved_bytes - used));
}

static void put_group(struct arena *a, const struct group *g, const uint8_t *seed,
		      const struct order_changes *changes, struct sb *b)
{
	uint32_t *perm = arena_array(a, g->len + 1, sizeof(*perm));

	for (size_t i = 0; i < g->len; i++)
		perm[i] = (uint32_t)i;
	if (seed)
		order_permute(seed, g->prefix, g->len, perm);
	for (size_t i = 0; changes && i < changes->len; i++)
		move(g, &changes->v[i], perm);
	if (changes && changes->pad_bytes && !str_eq(g->prefix, ".text"))
		sb_putf(b, "\t\t. = . + %u;\n", changes->pad_bytes);
	for (size_t i = 0; i < g->len; i++) {
		const char *pattern = g->v[perm[i]].pattern;
		const struct order_park *p = changes ? find_park(&changes->parks, pattern) : NULL;

		if (p)
			put_gap(p, b);
		else
			sb_putf(b, "\t\t%s\n", pattern);
	}
	if (changes && str_eq(g->prefix, ".text"))
		put_parked(g, &changes->parks, b);
}

/* The marker's group name, copied; NULL when there is no further marker. *ret_start, *ret_end: its
 * bytes. */
static const char *next_marker(struct arena *a, const char *text, const char **ret_start,
			       const char **ret_end)
{
	static const char open[] = "/*@ORDER ";
	const char *start = strstr(text, open), *end;

	if (!start)
		return NULL;
	end = strstr(start, "*/");
	if (!end)
		return NULL;
	*ret_start = start;
	*ret_end = end + 2;
	start += sizeof(open) - 1;
	while (end > start && end[-1] == ' ')
		end--;
	return arena_memdup(a, start, (size_t)(end - start));
}

int order_write(struct arena *a, const char *template_path, const uint8_t *seed,
		const char *rsp_path, const struct order_changes *changes, const char *out_path,
		struct diags *d)
{
	struct group groups[8] = {{0}};
	const char *p, *start, *end, *name;
	char *text;
	size_t len = 0, text_len, n = 0;
	struct sb b;

	if (file_read(a, template_path, TEXT_MAX_BYTES, &text, &text_len, d))
		return -1;
	for (p = text; (name = next_marker(a, p, &start, &end)) != NULL; p = end) {
		if (len == ARRAY_LEN(groups))
			return diag_fail(d, DIAG_BUG, "too many order markers in '%s'",
					 template_path);
		groups[len++].prefix = name;
	}
	if (add_objects(a, rsp_path, groups, len, d))
		return -1;
	sb_init(&b, a);
	for (p = text; next_marker(a, p, &start, &end) != NULL; p = end) {
		sb_putn(&b, p, (size_t)(start - p));
		sb_put(&b, "\n");
		put_group(a, &groups[n++], seed, changes, &b);
	}
	sb_put(&b, p);
	return file_write(out_path, sb_str(&b), strlen(sb_str(&b)), d);
}
