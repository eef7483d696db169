/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's free() on the heap that the image has (uk/heap.h). */
#include <stdlib.h>
#include <uk/heap.h>

void free(void *p)
{
	uk_heap_free(p);
}
