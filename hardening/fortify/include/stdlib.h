/* SPDX-License-Identifier: BSD-2-Clause */
#include_next <stdlib.h>

#ifndef UK_FORTIFY_STDLIB_H
#define UK_FORTIFY_STDLIB_H

/* How large what they return is. */
void *malloc(size_t) __attribute__((__malloc__, __alloc_size__(1)));
void *calloc(size_t, size_t) __attribute__((__malloc__, __alloc_size__(1, 2)));
void *realloc(void *, size_t) __attribute__((__alloc_size__(2)));
void *aligned_alloc(size_t, size_t) __attribute__((__malloc__, __alloc_size__(2)));

#endif
