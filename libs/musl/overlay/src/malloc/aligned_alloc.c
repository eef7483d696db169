/* SPDX-License-Identifier: BSD-2-Clause */
/* aligned_alloc() and its older spelling on the heap that the image has (uk/heap.h). */
#define _BSD_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <uk/heap.h>

void *aligned_alloc(size_t align, size_t n)
{
	void *p;

	if (align & (align - 1)) {
		errno = EINVAL;
		return NULL;
	}
	p = uk_heap_alloc_aligned(align, n);
	if (!p)
		errno = ENOMEM;
	return p;
}

void *memalign(size_t align, size_t n)
{
	return aligned_alloc(align, n);
}
