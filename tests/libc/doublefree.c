/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block given back twice stops the guest in every profile.
 * trap: heap
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	void *volatile p = malloc(40), *volatile q = malloc(40);

	free(p);
	puts("once");
	free(p);
	puts("twice");
	free(q);
	return 0;
}
