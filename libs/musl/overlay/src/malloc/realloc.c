/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's realloc() on the heap that the image has (uk/heap.h). */
#include <errno.h>
#include <stdlib.h>
#include <uk/heap.h>

void *realloc(void *p, size_t n)
{
	void *q = uk_heap_resize(p, n);

	if (!q)
		errno = ENOMEM;
	return q;
}
