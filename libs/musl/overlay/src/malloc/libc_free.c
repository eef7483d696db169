/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's __libc_free() on the heap that the image has (uk/heap.h). */
#include <stdlib.h>
#include <uk/heap.h>

void __libc_free(void *p)
{
	uk_heap_free(p);
}
