/* SPDX-License-Identifier: BSD-2-Clause */
/* Library functions written in assembly, called through pointers: where calls are checked they have a type too. */
#include <stdio.h>
#include <string.h>

typedef void *copier(void *, const void *, size_t);
typedef void *filler(void *, int, size_t);

int main(void)
{
	copier *volatile copy = memcpy, *volatile move = memmove;
	filler *volatile fill = memset;
	char text[8] = "abcdefg";

	copy(text, "xyz", 3);
	puts(text);
	move(text + 1, text, 3);
	puts(text);
	fill(text + 5, '.', 2);
	puts(text);
	return 0;
}
