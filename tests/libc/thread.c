/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * There are no threads yet, and the build says so.
 * refused: clone
 */
#include <pthread.h>
#include <stddef.h>

static void *run(void *p)
{
	return p;
}

int main(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, run, NULL);
}
