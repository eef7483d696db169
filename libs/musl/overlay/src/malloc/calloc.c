/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's calloc() on the heap that the image has (uk/heap.h). */
#include <errno.h>
#include <stdlib.h>
#include <uk/heap.h>

void *calloc(size_t m, size_t n)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(m, n, &bytes) || !(p = uk_heap_alloc_zeroed(bytes))) {
		errno = ENOMEM;
		return NULL;
	}
	return p;
}
