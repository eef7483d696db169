/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap: blocks of any size. libs/heap and libs/heap_bump both provide it; a C library's malloc()
 * stands on it. Blocks are aligned to 16 bytes at least, their contents are undefined. A pointer that is
 * not a live block's start is a fatal trap of "heap" wherever the heap can tell.
 */
#ifndef UK_HEAP_H
#define UK_HEAP_H

#include <stddef.h>

enum {
	/* What any object needs: max_align_t of the System V ABI for x86-64. */
	UK_HEAP_ALIGN = 16,
};

/* NULL: no memory. A block of 0 bytes has an address of its own. */
void *uk_heap_alloc(size_t bytes);
/* All its bytes are zero. */
void *uk_heap_alloc_zeroed(size_t bytes);
/* align: a power of two. */
void *uk_heap_alloc_aligned(size_t align, size_t bytes);
/* As realloc(): the block may move; NULL leaves it as it was. p NULL: a new block. */
void *uk_heap_resize(void *p, size_t bytes);
void uk_heap_free(void *p);
/* Bytes of the live block p that may be used; at least what was asked for. */
size_t uk_heap_usable(const void *p);

#endif
