/* SPDX-License-Identifier: BSD-2-Clause */
/* The name under which musl itself calls the heap; the heap is a library of its own (libs/heap*).
 */
#include <stdlib.h>

void *__libc_malloc(size_t n)
{
	return malloc(n);
}
