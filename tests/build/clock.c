/* SPDX-License-Identifier: BSD-2-Clause */
/* Uses what start-up entries prepare: clock, heap, output, jump buffers. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
	struct timespec a, b;
	char *p = malloc(100);
	jmp_buf back;

	if (!setjmp(back))
		longjmp(back, 1);
	if (!p || clock_gettime(CLOCK_MONOTONIC, &a) || clock_gettime(CLOCK_MONOTONIC, &b))
		return 1;
	puts(b.tv_sec > a.tv_sec || b.tv_nsec >= a.tv_nsec ? "ticks" : "stands");
	free(p);
	return 0;
}
