/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's __libc_malloc() on the heap that the image has (uk/heap.h). */
#include <errno.h>
#include <stdlib.h>
#include <uk/heap.h>

void *__libc_malloc(size_t n)
{
	void *p = uk_heap_alloc(n);

	if (!p)
		errno = ENOMEM;
	return p;
}
