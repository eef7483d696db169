/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc_usable_size() on the heap that the image has (uk/heap.h). */
#include <malloc.h>
#include <uk/heap.h>

size_t malloc_usable_size(void *p)
{
	return uk_heap_usable(p);
}
