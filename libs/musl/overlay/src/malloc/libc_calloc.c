/* SPDX-License-Identifier: BSD-2-Clause */
/* The name under which musl itself calls the heap; the heap is a library of its own (libs/heap*).
 */
#include <stdlib.h>

void *__libc_calloc(size_t m, size_t n)
{
	return calloc(m, n);
}
