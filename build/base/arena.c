/* SPDX-License-Identifier: BSD-2-Clause */
/* Arena: a chain of blocks, or one malloc per allocation under AddressSanitizer. See arena.h. */
#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ONE_MALLOC_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ONE_MALLOC_EACH 1
#endif
#endif
#ifndef ARENA_ONE_MALLOC_EACH
#define ARENA_ONE_MALLOC_EACH 0
#endif

enum {
	BLOCK_BYTES = 64 * 1024,
	EXIT_BUG = 70, /* EX_SOFTWARE of sysexits.h */
};

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks; /* the first one is being filled */
};

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "ukbuild: error: %s\n", what);
	exit(EXIT_BUG);
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		give_up("out of memory");
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

/* Cleared memory costs: a block that many small pieces are cut from is cleared piece by piece. */
static struct block *block_new(size_t size, bool is_cleared)
{
	size_t total;
	struct block *b;

	if (__builtin_add_overflow(size, sizeof(*b), &total))
		give_up("allocation size overflows");
	b = is_cleared ? calloc(1, total) : malloc(total);
	if (!b)
		give_up("out of memory");
	*b = (struct block){.size = size};
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t rounded = size ? size : 1;
	struct block *b = a->blocks;

	if (!ARENA_ONE_MALLOC_EACH) {
		if (__builtin_add_overflow(rounded, align - 1, &rounded))
			give_up("allocation size overflows");
		rounded &= ~(align - 1);
		if (b && b->size - b->used >= rounded) {
			void *p = b->bytes + b->used;

			b->used += rounded;
			return memset(p, 0, rounded);
		}
	}
	if (ARENA_ONE_MALLOC_EACH || rounded > BLOCK_BYTES / 4) {
		/* A block of its own, behind the one being filled. */
		struct block *own = block_new(rounded, true);

		own->used = rounded;
		if (b) {
			own->next = b->next;
			b->next = own;
		} else {
			a->blocks = own;
		}
		return own->bytes;
	}
	b = block_new(BLOCK_BYTES, false);
	b->next = a->blocks;
	b->used = rounded;
	a->blocks = b;
	return memset(b->bytes, 0, rounded);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		give_up("allocation size overflows");
	return arena_alloc(a, total);
}

char *arena_memdup(struct arena *a, const void *p, size_t len)
{
	size_t total;
	char *copy;

	if (__builtin_add_overflow(len, (size_t)1, &total))
		give_up("allocation size overflows");
	copy = arena_alloc(a, total);
	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *s;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		give_up("a message cannot be formatted");
	s = arena_alloc(a, (size_t)len + 1);
	(void)vsnprintf(s, (size_t)len + 1, fmt, ap); /* same text, same length */
	return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void *vec_grow(struct arena *a, void *v, size_t len, size_t *cap, size_t elem_bytes)
{
	size_t new_cap;
	void *grown;

	if (len < *cap)
		return v;
	if (__builtin_mul_overflow(*cap ? *cap : 4, (size_t)2, &new_cap))
		give_up("allocation size overflows");
	grown = arena_array(a, new_cap, elem_bytes);
	if (len)
		memcpy(grown, v, len * elem_bytes);
	*cap = new_cap;
	return grown;
}
