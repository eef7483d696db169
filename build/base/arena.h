/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arena: all memory of one command. Nothing taken from it is freed alone; arena_free() frees all.
 * Running out of memory ends the process (exit 70): no caller can do better.
 * Under AddressSanitizer each allocation is its own malloc, so overruns are seen.
 */
#ifndef UKB_ARENA_H
#define UKB_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);

/* size zeroed bytes, aligned for any object. size 0 gives a unique valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* count * size zeroed bytes; overflow is a bug in ukbuild and ends the process. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A copy of the len bytes at p, followed by one zero byte. */
char *arena_memdup(struct arena *a, const void *p, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Growable arrays: any struct { T *v; size_t len, cap; }. vec_push() appends a value and yields
 * nothing; the element may move when the vector grows, so keep indexes, not pointers, while filling.
 */
void *vec_grow(struct arena *a, void *v, size_t len, size_t *cap, size_t elem_bytes);
#define vec_push(a, vec, ...)                                                            \
	((vec)->v = vec_grow((a), (vec)->v, (vec)->len, &(vec)->cap, sizeof(*(vec)->v)), \
	 (void)((vec)->v[(vec)->len++] = (__VA_ARGS__)))

#define ARRAY_LEN(x) (sizeof(x) / sizeof((x)[0]))

#endif
