/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_memalign() on the heap that the image has (uk/heap.h): POSIX.1-2017, errors as results. */
#include <errno.h>
#include <stdlib.h>
#include <uk/heap.h>

int posix_memalign(void **res, size_t align, size_t n)
{
	void *p;

	if (align < sizeof(void *) || align & (align - 1))
		return EINVAL;
	p = uk_heap_alloc_aligned(align, n);
	if (!p)
		return ENOMEM;
	*res = p;
	return 0;
}
